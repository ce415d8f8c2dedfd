package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/shard"
)

// casesFlag is the name of the flag for a range of measurements.
const casesFlag = "cases"

// overCases adds the flag --cases A:B to a verb that makes one result from one
// measurement. With the flag the verb runs for each measurement of the range,
// or of the shard's part of it, and --out names a folder for the results. A
// measurement that is refused (exit 65) does not stop the others; the call then
// ends with that code. m holds the flags of the map.
func (a *app) overCases(cmd *cobra.Command, m *mapFlags) {
	cmd.Flags().StringVar(&m.cases, casesFlag, "",
		"range A:B of measurements, A to B−1, of an array of several; -o then names a folder "+
			"for case-0000.npz …")
	if err := cmd.Flags().MarkHidden(casesFlag); err != nil { // --case takes a range, too
		panic(err)
	}
	var show printer[*casesResult]
	show.of(a, cmd, withCases)
	one := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !manyCases(cmd) {
			return one(cmd, args)
		}
		r, err := a.newCaseRange(cmd, m)
		if err != nil {
			return err
		}
		r.show = &show
		if m.dry {
			m.Case = strconv.Itoa(r.from)
			return one(cmd, args)
		}
		return r.run(cmd.Context(), func(out string, k int) error {
			return a.oneCase(cmd, args, m, out, k, one)
		})
	}
}

// caseRange is a call for a range of measurements.
type caseRange struct {
	*app
	show *printer[*casesResult]
	m    *mapFlags
	dir  string
	from int
	to   int              // one past the last measurement; 0 if the flag leaves it out
	call shard.Assignment // with the shard, and with a plan where there is one

	found, made int
	refused     []string
}

// newCaseRange returns the call for the range A:B of --cases. B may be left out
// without --shard; it is then the number of measurements in the file, which is
// known when the first is read.
func (a *app) newCaseRange(cmd *cobra.Command, m *mapFlags) (*caseRange, error) {
	if m.Case != "" {
		return nil, cli.Usage(errors.New("--case and --cases both choose measurements; give one"))
	}
	r := &caseRange{app: a, m: m, dir: cmd.Flags().Lookup("out").Value.String()}
	if strings.HasSuffix(r.dir, ".npz") {
		return nil, cli.Usage(fmt.Errorf("--out is %s; with --cases it must be a folder", r.dir))
	}
	// The end of the range is read when the file is open.
	r.from, _ = strconv.Atoi(strings.Split(m.cases, ":")[0])
	if r.from < 0 {
		return nil, cli.Usage(fmt.Errorf("--cases is %q; it must be A:B with numbers from 0 on",
			m.cases))
	}
	if keep := cmd.Flags().Lookup(keepFlag); keep != nil {
		m.many = keep.Changed
	}
	if _, end, ok := strings.Cut(m.cases, ":"); ok {
		r.to, _ = strconv.Atoi(end)
	}
	s, err := a.shard(cmd)
	if err != nil || !divided(cmd) && !m.many {
		return r, err
	}
	if divided(cmd) && r.to <= r.from {
		return nil, cli.Usage(fmt.Errorf("--cases is %q; with --shard it must be A:B with both "+
			"ends", m.cases))
	}
	r.call, err = a.shardCall(cmd, s)
	return r, err
}

// run calls one for each measurement of the range.
func (r *caseRange) run(ctx context.Context, one func(out string, k int) error) error {
	_, missing := os.Stat(r.dir)
	if err := disk.MkdirAll(r.dir); err != nil {
		return err
	}
	end := func(error) error { return nil }
	if r.call.Plan != nil {
		var err error
		if end, err = r.call.Hold(ctx, r.console.note); err != nil {
			return err
		}
	}
	r.app.made = []any{}
	err := r.each(ctx, one)
	r.app.recorded = true
	if err = errors.Join(err, end(err)); err != nil {
		if missing != nil {
			disk.Remove(r.dir) // if it is empty
		}
		return err
	}
	return r.print()
}

// each calls one for each measurement of the range. The first call opens the
// file of measurements and gives the end of the range.
//
// Shard K of M takes the measurements K − 1, K − 1 + M, … of the range: if
// later ones take longer, as in a series of rising noise, each shard gets its
// part of them.
func (r *caseRange) each(ctx context.Context, one func(out string, k int) error) error {
	step, first := max(1, r.call.Shard.M), r.from+max(0, r.call.Shard.K-1)
	if divided := r.call.Shard.M > 0; divided && first >= r.to {
		r.m.end = r.to
		return r.begin() // this shard has no work
	}
	for k := first; k == first || k < r.m.end; k += step {
		out := r.path(k)
		found, printed := exists(out), len(r.app.made)
		err := one(out, k)
		refused := err != nil && cli.Code(withCode(ctx, err, false)) == cli.ExitData
		if r.m.end == 0 || err != nil && !refused {
			return err
		}
		if k == first {
			if err := r.begin(); err != nil {
				return err
			}
		}
		switch {
		case refused:
			r.refuse(printed, k, err)
			r.console.note(fmt.Sprintf("case %d: %v", k, err))
			r.refused = append(r.refused, strconv.Itoa(k))
		case found:
			r.found++
		default:
			r.saved.Add(1) // the same call keeps it
			r.made++
		}
		if err := r.mark(k, err, refused); err != nil {
			return err
		}
		if r.m.many {
			r.console.progress("measurements", k-r.from+1, r.m.end-r.from, "")
		}
	}
	return nil
}

// path returns the file of the result of measurement k.
func (r *caseRange) path(k int) string { return filepath.Join(r.dir, shard.ItemFile(k)) }

// begin writes the plan of a range that has one.
func (r *caseRange) begin() error {
	p := r.call.Plan
	if p == nil {
		return nil
	}
	p.Items, p.First, p.Count = shard.Cases, r.from, r.m.end-r.from
	p.Identity = shard.CasesIdentity(p)
	if idle := r.call.Shard.Idle(p.Count, p.Items); idle != "" {
		r.console.note(idle)
	}
	return p.Begin(r.dir)
}

// mark records the refusal of measurement k where the range has a plan, so that
// csdm status does not miss its result, or removes the record of an earlier
// call.
func (r *caseRange) mark(k int, refusal error, refused bool) error {
	if r.call.Plan == nil {
		return nil
	}
	if refused {
		return shard.Refuse(r.dir, k, refusal)
	}
	err := disk.Remove(shard.RefusalFile(r.dir, k))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// print prints the results, and returns an error if measurements were refused.
func (r *caseRange) print() error {
	made := r.app.made
	r.app.made = nil
	switch {
	case r.json:
		if err := r.show.print(&casesResult{r.dir, made}, nil); err != nil {
			return err
		}
	case r.m.many:
		fmt.Fprintf(r.stdout, "%s: %d measurements made, %d already there, %d refused\n", r.dir,
			r.made, r.found, len(r.refused))
	}
	if r.refused != nil {
		return cli.Data(fmt.Errorf("of measurements %d to %d, %s were refused; %s has the others",
			r.from, r.m.end-1, strings.Join(r.refused, ", "), r.dir))
	}
	return nil
}

// refuse adds to the results of the cases why a case was refused. If the case
// has a result, which comes after the first printed ones, it goes there.
func (a *app) refuse(printed, k int, why error) {
	if len(a.made) > printed {
		if result, ok := a.made[printed].(interface{ refuse(k int, why string) }); ok {
			result.refuse(k, why.Error())
			return
		}
	}
	r := &refusal{}
	r.refuse(k, why.Error())
	a.made = append(a.made, r)
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
	if !m.many || m.end == 0 {
		return one(cmd, args)
	}
	// One line for each of thousands of measurements is enough.
	stdout, quiet := a.stdout, a.console.quiet
	defer func() { a.stdout, a.console.quiet = stdout, quiet }()
	if a.console.quiet = true; !a.json {
		a.stdout = io.Discard
	}
	return one(cmd, args)
}

// manyCases reports whether --out names a folder of results.
func manyCases(cmd *cobra.Command) bool {
	flag := cmd.Flags().Lookup(casesFlag)
	return flag != nil && flag.Changed
}
