package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/disk"
)

// casesFlag is the name of the flag for a range of measurements.
const casesFlag = "cases"

// overCases adds the flag --cases A:B to a verb that makes one result from one
// measurement. With the flag the verb runs for each measurement of the range,
// and --out names a folder for the results. A measurement that is refused (exit
// 65) does not stop the others; the call then ends with that code. m holds the
// flags of the map.
func (a *app) overCases(cmd *cobra.Command, m *mapFlags) {
	cmd.Flags().StringVar(&m.cases, casesFlag, "",
		"range A:B of measurements, A to B−1, of an array of several; -o then names a folder "+
			"for case-0000.npz …")
	if err := cmd.Flags().MarkHidden(casesFlag); err != nil { // --case takes a range, too
		panic(err)
	}
	one := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !manyCases(cmd) {
			return one(cmd, args)
		}
		if m.Case != "" {
			return cli.Usage(errors.New("--case and --cases both choose measurements; give one"))
		}
		dir := cmd.Flags().Lookup("out").Value.String()
		if strings.HasSuffix(dir, ".npz") {
			return cli.Usage(fmt.Errorf("--out is %s; with --cases it must be a folder", dir))
		}
		// The end of the range is read when the file is open.
		from, _ := strconv.Atoi(strings.Split(m.cases, ":")[0])
		if from < 0 {
			return cli.Usage(fmt.Errorf("--cases is %q; it must be A:B with numbers from 0 on",
				m.cases))
		}
		_, missing := os.Stat(dir)
		if err := disk.MkdirAll(dir); err != nil {
			return err
		}
		var refused []string
		a.made = []any{}
		for k := from; k == from || k < m.end; k++ {
			out := filepath.Join(dir, fmt.Sprintf("case-%04d.npz", k))
			found, printed := exists(out), len(a.made)
			err := a.oneCase(cmd, args, m, out, k, one)
			if m.end == 0 || err != nil && cli.Code(withCode(cmd.Context(), err,
				false)) != cli.ExitData {
				if missing != nil {
					disk.Remove(dir) // if it is empty
				}
				return err
			}
			if err == nil && !found {
				a.saved.Add(1) // the same call keeps it
			}
			if err != nil {
				a.refuse(printed, map[string]any{"case": k, "refused": err.Error()})
				a.console.note(fmt.Sprintf("case %d: %v", k, err))
				refused = append(refused, strconv.Itoa(k))
			}
		}
		made := a.made
		a.made = nil
		if a.json {
			if err := cli.WriteJSON(a.stdout, map[string]any{"out": dir,
				"cases": made}); err != nil {
				return err
			}
		}
		if refused != nil {
			return cli.Data(fmt.Errorf("of measurements %d to %d, %s were refused; %s has the "+
				"others", from, m.end-1, strings.Join(refused, ", "), dir))
		}
		return nil
	}
}

// refuse adds to the results of the cases why a case was refused. If the case
// has a result, which comes after the first printed ones, it goes there.
func (a *app) refuse(printed int, why map[string]any) {
	if len(a.made) > printed {
		if result, ok := a.made[printed].(map[string]any); ok {
			maps.Copy(result, why)
			return
		}
	}
	a.made = append(a.made, why)
}

// oneCase runs the verb for measurement k and writes a separate result.
func (a *app) oneCase(cmd *cobra.Command, args []string, m *mapFlags, out string, k int,
	one func(*cobra.Command, []string) error) error {
	m.Case = strconv.Itoa(k)
	if err := cmd.Flags().Set("out", out); err != nil {
		return err
	}
	if err := errors.Join(checkInputs(cmd, args), a.checkOutputFiles(cmd)); err != nil {
		return err
	}
	return one(cmd, args)
}

// manyCases reports whether --out names a folder of results.
func manyCases(cmd *cobra.Command) bool {
	flag := cmd.Flags().Lookup(casesFlag)
	return flag != nil && flag.Changed
}
