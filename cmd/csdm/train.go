package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/nn"
	"csdm/run"
)

func (a *app) trainCommand() *cobra.Command {
	var config configFlags
	var data, out string
	var dry bool
	var show printer[nn.Training]
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a score network on the pairs of a folder",
		Long: `train fits a score network and writes model.safetensors to the run folder. A signal
(SIGINT, SIGTERM, SIGHUP, SIGUSR1 …) or --time-limit ends it after a checkpoint with exit code
75. The same command resumes, with identical output.`,
		Example: "  csdm train --problem quasistatic --grid 28 --data pairs -o trained --set " +
			"training.steps=200",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Open the data before making a run folder.
			store, err := dataset.Open(data)
			if err != nil {
				return err
			}
			if err := store.Close(); err != nil {
				return err
			}
			c, err := config.resolve(cmd, a, out)
			if err != nil {
				return err
			}
			if n := store.Len(); config.sets("data.pairs") && c.Data.Pairs != n {
				return cli.Usage(fmt.Errorf("data.pairs = %d: %s has %d pairs, and train takes "+
					"all of them. Leave data.pairs out, or make a folder of %[1]d pairs (csdm "+
					"data with the same seed makes the same first pairs)", c.Data.Pairs, data, n))
			}
			c.Data.Pairs = store.Len()
			env, err := a.env()
			if err != nil {
				return err
			}
			if dry {
				problem, err := c.NewProblem()
				if err != nil {
					return err
				}
				return a.needs(run.TrainingNeeds(c, problem, env.Threads))
			}
			folder, err := run.Open(out, c, env)
			if err != nil {
				return err
			}
			model, err := folder.Train(cmd.Context(), data)
			if err := errors.Join(err, folder.Close()); err != nil {
				return err
			}
			t := model.Meta.Training
			return show.print(t, func(w io.Writer) {
				fmt.Fprintf(w, "trained %d steps in %.0f s; held-out loss %.3f; model in %s\n",
					t.Steps, t.Seconds, t.HeldOutLoss, filepath.Join(out, "model.safetensors"))
			})
		},
	}
	config.add(cmd)
	cmd.Flags().StringVar(&data, "data", "", "folder of pairs (csdm data)")
	cmd.Flags().StringVarP(&out, "out", "o", "", "run folder")
	addDryRun(cmd, &dry)
	show.of(a, cmd, "")
	a.needed.of(a, cmd, withDryRun)
	required(cmd, "data", "out")
	return cmd
}
