package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/calibrate"
	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/problems"
	"csdm/run"
)

func (a *app) benchMemorizationCommand() *cobra.Command {
	var (
		names      []string
		file, data string
		s          calibrate.MemorizationSettings
		show       printer[*calibrate.MemorizationResult]
	)
	cmd := &cobra.Command{
		Use:   "memorization",
		Short: "How far a network follows its training set instead of the exact posterior",
		Long: `memorization compares three denoisers on fresh measurements: the network's, the exact
posterior's, and the training set's own optimum, the denoiser with the lowest training loss. It
prints their distances at each noise level, and memorized: 0 for an exact network, 1 for one that
learned its set by heart. Models that were trained on different numbers of the same pairs show how
many pairs are enough. The prior must have few variables, and the noise a known density.`,
		Example: "  csdm bench memorization --model finished/model.safetensors --data " +
			"finished/data --seed 5",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.Measurements < 2 || s.States < 1 || s.Levels < 2 || s.Measurements > 10_000 ||
				s.States > 10_000 || s.Levels > 1000 || s.HeldOut < 0 {
				return cli.Usage(fmt.Errorf("--measurements is %d, --states %d, --levels %d and "+
					"--held-out %d; they must be at least 2, 1, 2 and 0, and the first three at "+
					"most 10000, 10000 and 1000", s.Measurements, s.States, s.Levels, s.HeldOut))
			}
			if len(names) == 0 {
				return cli.Usage(errors.New("--model names no model"))
			}
			s.Seed = a.seed
			var models []calibrate.NamedModel
			var problem problems.Problem
			for _, name := range names {
				m, err := run.OpenModel(name)
				if err != nil {
					return err
				}
				if models = append(models, calibrate.NamedModel{Name: name, Model: m}); len(
					models) > 1 {
					continue
				}
				if problem, err = measured.ProblemOf(m, file); err != nil {
					return err
				}
			}
			for _, m := range models[1:] {
				if first := models[0]; m.Model.Meta.Problem != first.Model.Meta.Problem ||
					m.Model.Meta.NoisePercent != first.Model.Meta.NoisePercent {
					return cli.Usage(fmt.Errorf("%s and %s are models of different problems or "+
						"noise", first.Name, m.Name))
				}
			}
			store, err := dataset.Open(data)
			if err != nil {
				return err
			}
			defer store.Close()
			env, err := a.env()
			if err != nil {
				return err
			}
			r, err := calibrate.Memorization(cmd.Context(), problem, models, store, s, env)
			if err != nil {
				return err
			}
			return show.print(r, func(w io.Writer) { printMemorization(w, r) })
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&names, "model", nil, "model files, separated by commas, each trained on the "+
		"first pairs of --data")
	f.StringVar(&data, "data", "", "folder with the pairs of the training")
	f.StringVar(&file, "problem", "", "FILE.toml of the problem, if it is not built in")
	f.IntVar(&s.Measurements, "measurements", 8, "fresh measurements")
	f.IntVar(&s.States, "states", 2, "noisy fields of each measurement at each noise level")
	f.IntVar(&s.Levels, "levels", 6, "noise levels, over the range of the model")
	f.IntVar(&s.HeldOut, "held-out", 128, "last pairs of each training, which it held out")
	setFlag(cmd, nil, "levels=12")
	demote(cmd, "", "measurements", "states", "levels", "held-out")
	required(cmd, "model", "data")
	show.of(a, cmd, "")
	return cmd
}

func printMemorization(w io.Writer, r *calibrate.MemorizationResult) {
	t := cli.NewTable(w, "model", "pairs", "sigma", "network to exact", "network to set",
		"set to exact", "memorized", "±")
	for _, row := range r.Rows {
		t.Row(row.Model, row.Pairs, fmt.Sprintf("%.3g", row.Sigma),
			fmt.Sprintf("%.4f", row.LearnedToExact), fmt.Sprintf("%.4f", row.LearnedToSet),
			fmt.Sprintf("%.4f", row.SetToExact), dashed(row.Memorized), dashed(row.MemorizedError))
	}
	t.Flush()
	if r.EnoughPairs > 0 {
		fmt.Fprintf(w, "\nenough: %d pairs (memorized at most %g at every noise level)\n",
			r.EnoughPairs, r.Limit)
	} else {
		fmt.Fprintf(w, "\nnot enough pairs: a network memorized more than %g at some noise level\n",
			r.Limit)
	}
}
