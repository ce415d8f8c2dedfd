package main

import (
	"context"
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
	"csdm/dataset"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/shard"
)

// undividedCall names the files of the undivided call of a verb.
type undividedCall struct {
	work   func(out string) string // file from which the call resumes
	folder func(out string) string // last file of a result that is a folder; nil: it is a file
	within bool                    // the call finishes the folder of the parts itself
}

// undividedCalls has the verbs that write parts, with the kind of their items.
var undividedCalls = map[[2]string]undividedCall{
	{"check", calibrate.CheckItems}: {work: calibrate.RecordsFile,
		folder: calibrate.ResultFile},
	{"check", calibrate.BandItems}: {work: calibrate.BandRecordsFile,
		folder: calibrate.BandResultFile},
	{"sample", "draws"}:              {work: partialFile},
	{"bench limits", "measurements"}: {work: partialFile},
	{"reference", "draws"}: {work: func(out string) string {
		return infer.MergedLogL(partialFile(out))
	}},
	{"bench accuracy", "measurements"}: {within: true},
	{"bench table5", "measurements"}:   {within: true},
}

// mergeCommand makes the result of all parts. It runs the undivided verb on the
// merged items instead of computing results itself: one program path makes the
// result, with and without shards, so that both have the same bytes.
func (a *app) mergeCommand() *cobra.Command {
	var out string
	var pairs printer[*mergedPairs]
	var stacked printer[*stackedResult]
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

The shards of bench accuracy and bench table5 write into the folder of the study: csdm merge DIR -o
DIR finishes it. The shards of data leave nothing to merge; where the shards of a dataset lie in
several folders, csdm merge DIR1 DIR2 -o PAIRS copies their blocks into one, and checks the bytes.

Missing or doubled items, a damaged part and a part of another computation end merge with exit code
65 and are named. Paths in the command line of the shards, such as the path of a measurement, are
relative to the folder in which merge is called.`,
		Example: "  csdm merge parts -o check",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if info, err := os.Stat(dir); err == nil && !info.IsDir() {
				dir = filepath.Dir(dir)
			}
			plan, err := shard.ReadPlan(dir)
			switch {
			case errors.Is(err, fs.ErrNotExist) && len(args) > 1 && dataset.Is(dir):
				return a.mergePairs(cmd.Context(), &pairs, out, args)
			case errors.Is(err, fs.ErrNotExist):
				return noParts(dir, err)
			case err != nil:
				return err
			case plan.Items == shard.Cases:
				return a.stack(&stacked, plan, out, args)
			}
			again, err := a.undivided(plan, out)
			if err != nil {
				return err
			}
			if err := a.gather(plan, out, args); err != nil {
				return err
			}
			root := newRoot(a.stdout, a.console, a.getenv)
			root.SetArgs(again)
			return root.ExecuteContext(cmd.Context())
		},
	}
	annotate(cmd, finishesInputs)
	cmd.Flags().StringVarP(&out, "out", "o", "", "result, as the undivided call names it")
	required(cmd, "out")
	a.prints(cmd, outputForm{when: "of parts of a verb: as that verb without --shard"})
	pairs.of(a, cmd, "of datasets")
	stacked.of(a, cmd, "of a folder of the results of many measurements")
	return cmd
}

// gather writes the items of all parts to the file from which the undivided
// call resumes.
func (a *app) gather(plan *shard.Plan, out string, parts []string) error {
	call := undividedCalls[[2]string{plan.Verb, plan.Items}]
	if call.within {
		if len(parts) != 1 || !sameFile(out, parts[0]) {
			return cli.Usage(fmt.Errorf("csdm %s finishes its study in the folder of the parts: "+
				"give this folder as the only argument and as -o", plan.Verb))
		}
		_, err := plan.Complete(parts...)
		return err
	}
	work := call.work(out)
	if call.folder != nil {
		if err := a.clear(out, work, call.folder(out)); err != nil {
			return err
		}
	}
	if err := disk.MkdirAll(filepath.Dir(work)); err != nil {
		return err
	}
	return plan.Merge(work, a.overwrite, parts...)
}

// sameFile reports whether two paths lead to one file or folder.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// mergePairs makes one dataset from the finished blocks of several folders.
func (a *app) mergePairs(ctx context.Context, show *printer[*mergedPairs], out string,
	dirs []string) error {
	if a.overwrite {
		return cli.Usage(errors.New("--overwrite does not go with datasets: their blocks are " +
			"never replaced; choose another output"))
	}
	n, err := dataset.Merge(ctx, out, dirs...)
	if err != nil {
		return err
	}
	return show.print(&mergedPairs{out, n}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d pairs\n", out, n)
	})
}

// clear makes the folder of a result ready for the merged items in work. A
// folder with other files is an error, because the call would replace them.
// With --overwrite the result of the folder becomes an unfinished one.
func (a *app) clear(dir, work, result string) error {
	if a.overwrite && exists(result) {
		return disk.Remove(result)
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	unfinished := "." + filepath.Base(work) + "." // left by a merge that was killed
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return strings.HasPrefix(e.Name(), unfinished) && strings.HasSuffix(e.Name(), ".tmp")
	})
	if err != nil || len(entries) == 0 || a.overwrite || exists(result) || exists(work) {
		return err
	}
	return &fs.PathError{Op: "write", Path: filepath.Join(dir, entries[0].Name()), Err: fs.ErrExist}
}

// stack puts the results of measurements into one file.
func (a *app) stack(show *printer[*stackedResult], plan *shard.Plan, out string,
	dirs []string) error {
	if err := mayWrite(out); err != nil {
		return err
	}
	if err := infer.Stack(out, a.overwrite, plan, dirs...); err != nil {
		return err
	}
	return show.print(&stackedResult{out, plan.Count}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d measurements\n", out, plan.Count)
	})
}

// noParts returns the error for a folder without a plan.
func noParts(dir string, err error) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	if dataset.Is(dir) {
		return cli.Data(fmt.Errorf("%s is a dataset, whose shards write into one folder: there "+
			"is nothing to merge, and csdm data verify checks it. If the shards lie in several "+
			"folders, give all of them", dir))
	}
	return fmt.Errorf("%s is no folder of parts: %w", dir, err)
}

// undivided returns the command line of the undivided call of a plan, with the
// output out.
func (a *app) undivided(plan *shard.Plan, out string) ([]string, error) {
	call, ok := undividedCalls[[2]string{plan.Verb, plan.Items}]
	if !ok {
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
	// The folder is clear, and the call would make the merged items again.
	overwrite := a.overwrite && call.folder == nil
	args = append(args, "--out="+out, fmt.Sprintf("--json=%v", a.json),
		fmt.Sprintf("--quiet=%v", a.console.quiet), fmt.Sprintf("--overwrite=%v", overwrite))
	if a.threads != 0 {
		args = append(args, fmt.Sprintf("--threads=%d", a.threads))
	}
	return args, nil
}
