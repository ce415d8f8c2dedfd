package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/tasks"
)

// benchTasksCommand runs the ten tasks of sbibm (package tasks).
func (a *app) benchTasksCommand() *cobra.Command {
	var s tasks.Settings
	var out string
	var show printer[*tasks.Result]
	cmd := &cobra.Command{
		Use:   "tasks",
		Short: "Posteriors of vectors: the ten tasks of the benchmark sbibm, by C2ST",
		Long: `tasks trains a small network on simulations of each task, draws from its posterior
for each observation, and separates the draws from reference draws by a classifier. Its accuracy,
C2ST, is 0.5 for a perfect posterior and 1 for a bad one. The network's draws are then weighted by
the likelihood and judged again (certified); the published methods do without the likelihood.

Reference draws are exact where the posterior has a closed form, and weighted draws with their own
certificate elsewhere. With --published the observations and reference draws of sbibm are used. The
folder then holds tasks.csv and tasks.json. A stopped call resumes.`,
		Example: "  csdm bench tasks --tasks gaussian_mixture --set steps=200 --set draws=1000 " +
			"--set cases=1 -o tasks",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.Seed = a.seed
			env, err := a.env()
			if err != nil {
				return err
			}
			r, err := tasks.Run(cmd.Context(), out, s, env)
			if err != nil {
				return err
			}
			return show.print(r, func(w io.Writer) { printTasks(w, r) })
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&s.Tasks, "tasks", nil, strings.Join(tasks.Names(), ", ")+" (default: all)")
	f.StringVar(&s.Published, "published", "",
		"folder of a copy of github.com/sbi-benchmark/sbibm (default: own observations)")
	f.IntVar(&s.Simulations, "simulations", 30_000, "simulations that each network is trained on")
	f.IntVar(&s.Steps, "steps", 12_000, "training steps, of 256 simulations each")
	f.IntVar(&s.Cases, "cases", 10, "observations of each task")
	f.IntVar(&s.Draws, "draws", 10_000, "draws from each posterior")
	setFlag(cmd, nil, "steps=2000")
	demote(cmd, "", "tasks", "published", "simulations", "steps", "cases", "draws")
	f.StringVarP(&out, "out", "o", "", "folder for the tables; a study begun there resumes")
	required(cmd, "out")
	show.of(a, cmd, "")
	return cmd
}

// printTasks prints the figures of each task and observation.
func printTasks(w io.Writer, r *tasks.Result) {
	if r.AlreadyThere {
		fmt.Fprintln(w, "already there:", r.Folder)
	}
	t := cli.NewTable(w, "task", "case", "C2ST", "certified", "ESS", "k-hat", "reference",
		"training CPU s")
	for _, row := range r.Rows {
		t.Row(row.Task, row.Case, dashed(row.Network), dashed(row.Certified), dashed(row.ESS),
			dashed(row.KHat), row.Reference, dashed(row.TrainingCPUSeconds))
	}
	t.Flush()
	fmt.Fprintln(w, "\ntables:", r.Folder)
}
