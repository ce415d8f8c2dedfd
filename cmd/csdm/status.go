package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/internal/shard"
)

// statusCommand shows the state of a divided computation. It reads names and
// small records only, so that it takes no time next to running shards.
func (a *app) statusCommand() *cobra.Command {
	var show printer[*statusResult]
	cmd := &cobra.Command{
		Use:   "status DIR",
		Short: "Show what of a divided computation is done, running, missing and failed",
		Long: `status looks into the folder of the parts of a verb with --shard, or into a dataset.
It shows how many items are done, which are missing, which processes are at work on which host, and
with which error shards have ended, also those that failed before they began their part. The exit
code is 0 if nothing is missing, and otherwise 65. csdm merge and csdm verify also read the content
of the files.`,
		Example: "  csdm status pairs",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := args[0]
			s, err := readStatus(dir)
			if err != nil {
				return err
			}
			v := &statusResult{dir, s.Count > 0 && s.Whole(), *s}
			if err := show.print(v, func(w io.Writer) { printStatus(w, dir, s) }); err != nil {
				return err
			}
			if s.Count == 0 {
				return cli.Data(fmt.Errorf("%s: no shard has begun its part", dir))
			}
			if !s.Whole() {
				return cli.Data(fmt.Errorf("%s: %d of %d %s are missing", dir, s.Count-s.Done,
					s.Count, s.Items))
			}
			return nil
		},
	}
	show.of(a, cmd, "")
	return cmd
}

// readStatus returns the status of a dataset or of a folder of parts. Without a
// plan there may still be shards that failed before they began.
func readStatus(dir string) (*shard.Status, error) {
	if dataset.Is(dir) {
		return dataset.ReadStatus(dir)
	}
	plan, err := shard.ReadPlan(dir)
	if errors.Is(err, fs.ErrNotExist) {
		s := &shard.Status{Items: "parts", Missing: []shard.ItemRange{}, FailedItems: []int{}}
		if err := s.Look(dir); err == nil && len(s.Failed) > 0 {
			return s, nil // every shard so far failed before it began
		}
		return nil, noParts(dir, err)
	}
	if err != nil {
		return nil, err
	}
	return plan.Status(dir)
}

// printStatus prints a status as text: a line per missing range, running
// process and failed shard.
func printStatus(w io.Writer, dir string, s *shard.Status) {
	fmt.Fprintf(w, "%s: %d of %d %s done", dir, s.Done, s.Count, s.Items)
	if s.Begun > 0 {
		fmt.Fprintf(w, ", %d more in unfinished parts", s.Begun)
	}
	fmt.Fprintln(w)
	for _, r := range s.Missing {
		fmt.Fprintln(w, "missing:", s.Items, r)
	}
	for _, line := range s.Running {
		fmt.Fprintln(w, "running:", line)
	}
	for _, f := range s.Failed {
		fmt.Fprintf(w, "failed: shard %s on %s, %s: %s\n", f.Shard, f.Host,
			f.Time.Format("2006-01-02 15:04:05 UTC"), f.Error)
	}
	if n := len(s.FailedItems); n > 0 {
		fmt.Fprintf(w, "failed: %d %s, the first of them %d\n", n, s.Items, s.FailedItems[0])
	}
}
