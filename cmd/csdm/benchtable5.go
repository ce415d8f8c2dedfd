package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/internal/report"
	"csdm/models"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/recipe"
	"csdm/run"
	"csdm/table5"
)

// benchTable5Command repeats the paper's Tables 4 and 5 (package table5). With
// --train all settings are checked before the first training: an error after an
// hour would cost the hour.
func (a *app) benchTable5Command() *cobra.Command {
	var s table5.Settings
	var out string
	var train bool
	var sampling samplingFlags
	var show printer[*table5.Result]
	cmd := &cobra.Command{
		Use: "table5",
		Short: "The paper's Tables 4 and 5: posteriors of the score network compared with exact " +
			"and Monte Carlo posteriors",
		Long: `table5 infers phantoms that no training has seen at each of the paper's noise levels.
It computes the exact posterior of each by quadrature and the Monte Carlo posterior from prior
draws, and prints the errors next to the paper's. The folder then holds table4.csv, table5.csv,
table5.json and report.html with figures. A stopped call resumes.

--train first trains the three networks, in the folder (an hour and a half on two cores): the
network for 5 % noise from random weights, the others from one of its checkpoints. With
--set curves=true it also trains a network in the paper's form (ten minutes).

The curves add the error against network evaluations for each sampler, and against the cost of
importance sampling and of Markov chains (about 20 minutes). --set history=FOLDER,… adds the error
against the time of training, from kept checkpoints (--set training.keep_every). The paper took
500,000 prior draws: --set prior_draws=500000 (three to five minutes).

With --shard a call infers a part of the measurements. When all parts are there, csdm merge DIR -o
DIR, or the same call without --shard, does the rest.`,
		Example: "  csdm bench table5 --set phantoms=1 --draws 32 --set prior_draws=0 --models " +
			"builtin:quasistatic-28-n5 -o table5",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.env()
			if err != nil {
				return err
			}
			s.Seed, s.Overwrite = a.seed, a.overwrite
			s.Draws, s.Sampling = sampling.draws, sampling.assigned()
			if !cmd.Flags().Changed("seed") {
				s.Seed = table5.Seed
			}
			part, err := a.shard(cmd)
			if err != nil {
				return err
			}
			switch {
			case train && divided(cmd):
				return cli.Usage(errors.New("--train does not divide: train without --shard, and " +
					"give the models by --models"))
			case train && cmd.Flags().Changed("models"):
				return cli.Usage(errors.New("--train makes the models; leave out --models"))
			case train:
				s.Models = make([]string, len(table5Noise))
				if err := s.Validate(); err != nil { // before hours of training
					return cli.Usage(err)
				}
				if s.Seed == trainSeed {
					return cli.Usage(fmt.Errorf("--seed %d gives phantoms that the networks are "+
						"trained on; choose another", s.Seed))
				}
				for _, folder := range s.Trainings {
					if _, err := table5.History(folder, "quasistatic", 56,
						table5Noise[table5First]); err != nil {
						return err
					}
				}
				var folders []string
				if s.Models, folders, err = trainTable5(cmd, out, s.Curves, env); err != nil {
					return err
				}
				s.Trainings = append(s.Trainings, folders...)
			case len(s.Models) == 0:
				for _, noise := range table5Noise {
					s.Models = append(s.Models, models.Prefix+models.Name("quasistatic", 56, noise))
				}
			}
			if divided(cmd) {
				call, err := a.shardCall(cmd, part)
				if err != nil {
					return err
				}
				return a.part(table5.RunShard(cmd.Context(), s, call, env))
			}
			r, err := table5.Run(cmd.Context(), out, s, env)
			if err != nil {
				return err
			}
			return show.print(r, func(w io.Writer) {
				if r.AlreadyThere {
					fmt.Fprintln(w, "already there:", out)
				}
				for _, table := range []*report.Table{r.Table5(), r.Table4()} {
					fmt.Fprintf(w, "%s\n\n", table.Caption)
					t := cli.NewTable(w, table.Columns...)
					for _, row := range table.Rows {
						cells := make([]any, len(row))
						for k, c := range row {
							cells[k] = c
						}
						t.Row(cells...)
					}
					t.Flush()
					fmt.Fprintln(w)
				}
				fmt.Fprintf(w, "report: %s\n", r.Report)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&out, "out", "o", "",
		"folder for results and report; a study begun there with the same settings resumes")
	f.StringSliceVar(&s.Models, "models", nil,
		"models, one per noise level (default: the embedded models at 56×56)")
	f.IntVar(&s.Phantoms, "phantoms", 10,
		"number of phantoms at each noise level, drawn by --seed (here with the default 56)")
	sampling.add(cmd, 1000)
	sampling.hide(cmd)
	f.IntVar(&s.MonteCarlo, "prior-draws", 20_000,
		"number of prior draws of the Monte Carlo posteriors; 0: none")
	f.BoolVar(&s.Curves, "curves", false, "also compute the error against evaluations and cost")
	f.StringSliceVar(&s.Trainings, "history", nil,
		"run folders whose kept checkpoints show the error over the time of training")
	f.BoolVar(&train, "train", false, "train the networks first")
	addShard(cmd)
	demote(cmd, "", "phantoms", "draws", "prior-draws", "curves", "history", "train")
	required(cmd, "out")
	show.of(a, cmd, "")
	a.parts.of(a, cmd, withShard)
	return cmd
}

// table5Noise are the noise levels of Table 5, in percent.
var table5Noise = []float64{10, 5, 2.5}

const (
	table5First    = 1     // index in table5Noise: trained from random weights, and of the curves
	keptSteps      = 500   // between kept checkpoints of the trainings of Table 5
	trainSeed      = 3     // of pairs and trainings of Table 5 and of the embedded networks
	trainHeldOut   = 512   // pairs
	paperFormSteps = 1_500 // enough for a comparison, with a learning rate that ends there
)

// trainTable5 trains the networks of Table 5 below dir, and returns the paths
// of the models in the order of table5Noise. The network for 5 % starts from
// random weights. The others start from its last kept checkpoint before three
// quarters of its steps, so that none takes more steps than the first, counted
// from random weights. For the curves it also trains a network at 5 % in the
// paper's form. folders are the run folders of the trainings from random
// weights.
//
// The pairs do not depend on the noise level, which is added in each step, so
// that all trainings share one folder of pairs.
func trainTable5(cmd *cobra.Command, dir string, curves bool, env env.Env) (paths, folders []string,
	err error) {
	paths = make([]string, len(table5Noise))
	fit := func(name string, noise float64, change func(*recipe.Recipe)) (string, error) {
		config, err := recipe.Resolve("quasistatic", "small",
			problems.Options{Grid: 56, NoisePercent: noise}, trainSeed)
		if err != nil {
			return "", err
		}
		config.Data.HeldOut, config.Training.KeepEvery = trainHeldOut, keptSteps
		change(config)
		problem, err := config.NewProblem()
		if err != nil {
			return "", err
		}
		pairs := filepath.Join(dir, fmt.Sprintf("pairs-%d", config.Data.Pairs))
		if _, err := run.Generate(cmd.Context(), pairs, problem, dataset.Settings{
			Pairs: config.Data.Pairs, Seed: config.Seed}, env); err != nil {
			return "", err
		}
		folder := filepath.Join(dir, name)
		f, err := run.Open(folder, config, env)
		if err != nil {
			return "", err
		}
		_, err = f.Train(cmd.Context(), pairs)
		return filepath.Join(folder, "model.safetensors"), errors.Join(err, f.Close())
	}
	for _, k := range []int{table5First, 0, 2} {
		noise := table5Noise[k]
		name := models.Name("quasistatic", 56, noise)
		if paths[k], err = fit(name, noise, func(c *recipe.Recipe) {
			if k != table5First {
				branchTable5(c, filepath.Dir(paths[table5First]), noise/table5Noise[table5First])
			}
		}); err != nil {
			return nil, nil, err
		}
	}
	folders = []string{filepath.Dir(paths[table5First])}
	if curves {
		paper, err := fit("paper-form", table5Noise[table5First], func(c *recipe.Recipe) {
			c.Network.Parameterization = (nn.Paper{}).Name()
			c.Training.ClipNorm /= 10 // its gradients are smaller
			c.Training.Steps = paperFormSteps
		})
		if err != nil {
			return nil, nil, err
		}
		folders = append(folders, filepath.Dir(paper))
	}
	return paths, folders, nil
}

// branchTable5 makes c a training that continues the training in the folder
// first at noise times its measurement noise.
//
// With a posterior of width proportional to the noise σ in each of two
// variables, a share proportional to σ² of all pairs lies within it. The number
// of neighbors follows: ×4 from 5 % to 10 %, limited to ×3, and ×¼ from 5 % to
// 2.5 %.
func branchTable5(c *recipe.Recipe, first string, noise float64) {
	step := c.Training.Steps * 3 / 4 / keptSteps * keptSteps
	c.FineTune(train.CheckpointPath(first, step), step)
	// The number of pairs within the width of a posterior of two variables
	// grows as the square of the noise. An hour on two cores, counted from
	// random weights, allows three times the neighbors.
	c.Data.Neighbors = int(float64(c.Data.Neighbors) * min(noise*noise, 3))
	// Take held-out losses only at the end: they cost as much as 50 steps.
	c.Training.HeldOutEvery = c.Training.Steps
}
