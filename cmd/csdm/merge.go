package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"csdm/calibrate"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/shard"
)

// unfinishedWork returns, for each verb that writes parts, the file from which
// its undivided call resumes.
var unfinishedWork = map[string]func(out string) string{
	"check":  calibrate.RecordsFile,
	"sample": partialFile,
}

func (a *app) mergeCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "merge DIR|PART …",
		Short: "Make the result of all shards from their parts",
		Long: `merge makes the result of a verb that was called with --shard. It checks that the
parts have each item once, that all belong to the same computation, and that none is damaged. Then
it finishes the undivided call: the result is the one that this call would have made. The parts
stay.

The results of a range of measurements (sample --cases A:B with --shard or --keep) become one file:
each array gets the measurement as its first index, case holds the indices, and index_json has a
row for each measurement, refused ones included.

Missing or doubled items, a damaged part and a part of another computation end merge with exit code
65 and are named. Paths in the command line of the shards, such as that of a measurement, are
relative to the folder in which merge is called.`,
		Example: "  csdm merge parts -o check",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if info, err := os.Stat(dir); err == nil && !info.IsDir() {
				dir = filepath.Dir(dir)
			}
			plan, err := shard.ReadPlan(dir)
			if errors.Is(err, fs.ErrNotExist) {
				return noParts(dir, err)
			}
			if err != nil {
				return err
			}
			if plan.Items == shard.Cases {
				return a.stack(plan, out, args)
			}
			again, err := a.undivided(plan, out)
			if err != nil {
				return err
			}
			work := unfinishedWork[plan.Verb](out)
			if plan.Verb == "check" {
				if err := a.clear(out, work); err != nil {
					return err
				}
			}
			if err := disk.MkdirAll(filepath.Dir(work)); err != nil {
				return err
			}
			if err := plan.Merge(work, a.overwrite, args...); err != nil {
				return err
			}
			root := newRoot(a.stdout, a.console, a.getenv)
			root.SetArgs(again)
			return root.ExecuteContext(cmd.Context())
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "result, as the undivided call names it")
	required(cmd, "out")
	return cmd
}

// clear makes the folder of a check ready for the merged measurements in work.
// A folder with other files is an error, because the check would replace them.
// With --overwrite the check of the folder becomes an unfinished one.
func (a *app) clear(dir, work string) error {
	result := calibrate.ResultFile(dir)
	if a.overwrite && exists(result) {
		return disk.Remove(result)
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 || a.overwrite ||
		exists(result) || exists(work) {
		return nil
	}
	return errors.Join(err, &fs.PathError{Op: "write", Path: filepath.Join(dir, entries[0].Name()),
		Err: fs.ErrExist})
}

// stack puts the results of measurements into one file.
func (a *app) stack(plan *shard.Plan, out string, dirs []string) error {
	if err := mayWrite(out); err != nil {
		return err
	}
	if err := infer.Stack(out, a.overwrite, plan, dirs...); err != nil {
		return err
	}
	return a.result(map[string]any{"out": out, "measurements": plan.Count}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d measurements\n", out, plan.Count)
	})
}

// noParts returns the error for a folder without a plan.
func noParts(dir string, err error) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	if exists(filepath.Join(dir, "dataset.json")) {
		return cli.Data(fmt.Errorf("%s is a dataset, whose shards write into one folder: there "+
			"is nothing to merge, and csdm data verify checks it", dir))
	}
	return fmt.Errorf("%s is no folder of parts: %w", dir, err)
}

// undivided returns the command line of the undivided call of a plan, with the
// output out.
func (a *app) undivided(plan *shard.Plan, out string) ([]string, error) {
	if unfinishedWork[plan.Verb] == nil {
		return nil, cli.Data(fmt.Errorf("%s: there is no csdm %s with --shard in this version",
			shard.PlanFile, plan.Verb))
	}
	args := strings.Fields(plan.Verb)
	for _, argument := range plan.Arguments {
		name, _, ok := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		if !ok || !strings.HasPrefix(argument, "--") || slices.Contains(ownFlags, name) {
			return nil, cli.Data(fmt.Errorf("%s: %q is not an argument of csdm %s",
				shard.PlanFile, argument, plan.Verb))
		}
		args = append(args, argument)
	}
	// check would make the merged measurements again.
	overwrite := a.overwrite && plan.Verb != "check"
	args = append(args, "--out="+out, fmt.Sprintf("--json=%v", a.json),
		fmt.Sprintf("--quiet=%v", a.console.quiet), fmt.Sprintf("--overwrite=%v", overwrite))
	if a.threads != 0 {
		args = append(args, fmt.Sprintf("--threads=%d", a.threads))
	}
	return args, nil
}
