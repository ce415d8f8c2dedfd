package main

import (
	"context"
	"fmt"
	"io"
	"reflect"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/env"
	"csdm/explain"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/nn"
	"csdm/recipe"
	"csdm/run"
)

// limitPairs is the number of measurements behind the limits of the embedded
// models.
const limitPairs = 400

// leastLimitPairs is the smallest number of measurements to which tails can be
// fitted.
const leastLimitPairs = 12

func (a *app) benchLimitsCommand() *cobra.Command {
	var (
		model, file, data, out string
		n                      int
		drawn                  printer[*limitsResult]
		paired                 printer[*pairLimitsResult]
	)
	cmd := &cobra.Command{
		Use: "limits",
		Short: "Simulate the residuals of a model's draws, which set the limits for judging " +
			"others",
		Long: `limits makes pairs of the model's problem that its training did not have, draws from
the posterior of each measurement, and applies the forward model to the draws. It writes the
distribution of the residuals into a copy of the model file. csdm sample uses these limits to
judge whether the model explains a measurement. Training computes limits at its end, unless it
was too short. A stopped call resumes from OUT.partial.

If the measurement is not a function of the field alone, the limits come from pairs that the
training did not have, --data (csdm data makes them). Their measurements give the typical outlier
and edge of a map and, if the model has none, the test of novelty. The last simulations, as many as
--measurements, set the limits.

The weights of the copy are the model's, and it makes the same draws.

With --shard, -o names a folder for a part of the measurements. csdm merge makes the model file of
all parts.`,
		Example: "  csdm bench limits --model builtin:quasistatic-28-n5 --measurements 300 " +
			"--seed 77 -o limits.safetensors",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := run.OpenModel(model)
			if err != nil {
				return err
			}
			if n < leastLimitPairs {
				return cli.Usage(fmt.Errorf("--measurements is %d; at least %d are needed, and "+
					"299 for a rate of 1 %%", n, leastLimitPairs))
			}
			if !m.Meta.Known() {
				return cli.Data(fmt.Errorf("%s does not store the problem that it was trained for",
					model))
			}
			if data == "" && a.seed == m.Meta.Training.Seed {
				return cli.Usage(fmt.Errorf("--seed %d gives the pairs that the model was "+
					"trained on; choose another", a.seed))
			}
			problem, err := measured.ProblemOf(m, file)
			if err != nil {
				return err
			}
			if problem == nil {
				return cli.Data(fmt.Errorf("%s: this version has no problem %s of its form: give "+
					"--problem FILE.toml", model, m.Meta.Problem))
			}
			switch forward := explain.HasForward(problem); {
			case forward && data != "":
				return cli.Usage(fmt.Errorf("%s has a forward model, so that the limits come from "+
					"draws: leave out --data", m.Meta.Problem))
			case !forward && (data == "" || divided(cmd)):
				return cli.Usage(fmt.Errorf("%s: the measurement of %s is not a function of its "+
					"field alone, so that draws have no residual: give pairs that the training "+
					"did not have, --data DIR, without --shard", model, m.Meta.Problem))
			case !forward:
				return a.pairLimits(cmd.Context(), &paired, data, out,
					run.PairLimits{Model: m, Problem: problem, Count: n, Seed: a.seed})
			}
			part, err := a.shard(cmd)
			if err != nil {
				return err
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			job := infer.LimitJob{Model: m, Problem: problem, Count: n, Seed: a.seed}
			if divided(cmd) {
				call, err := a.shardCall(cmd, part)
				if err != nil {
					return err
				}
				return a.part(infer.CalibrateShard(cmd.Context(), job, call, env))
			}
			return a.limits(cmd.Context(), &drawn, job, out, env)
		},
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "model file, or builtin:NAME (csdm problems lists them)")
	f.StringVar(&file, "problem", "", "FILE.toml of an external problem")
	f.StringVar(&data, "data", "", "folder of pairs that the training did not have, for problems "+
		"whose measurement is not a function of the field alone")
	f.IntVar(&n, "measurements", limitPairs, "number of simulated measurements")
	former(cmd, map[string]string{"n": "measurements"})
	output(cmd, &out, "copy of the model file with the limits")
	addShard(cmd)
	required(cmd, "model")
	drawn.of(a, cmd, "")
	paired.of(a, cmd, "with --data")
	a.parts.of(a, cmd, withShard)
	return cmd
}

// limits computes the limits of a model, writes them with the model, and prints
// them.
func (a *app) limits(ctx context.Context, show *printer[*limitsResult], job infer.LimitJob,
	out string, env env.Env) error {
	if !a.overwrite && exists(out) {
		if there, err := nn.ReadModelFile(out); err != nil || !hasLimits(there, job) {
			return cli.Exists(fmt.Errorf("%s exists and is not the model with these limits: "+
				"choose another output, or give --overwrite", out))
		}
		return show.printThere(out, &limitsResult{there: wasThere, Out: out},
			func(io.Writer) {})
	}
	partial := partialFile(out)
	c, err := infer.Calibrate(ctx, job, partial, a.overwrite, env)
	if err != nil {
		return err
	}
	job.Model.Meta.Calibration = c
	if err := job.Model.WriteFile(out, a.overwrite); err != nil {
		return err
	}
	if err := infer.RemovePartial(partial); err != nil {
		return err
	}
	return show.print(&limitsResult{Out: out, Calibration: c}, func(w io.Writer) {
		fmt.Fprintf(w,
			"%s: limits from %d measurements with %d draws each; they refuse at most "+
				"%.2g %% of the problem's own measurements\n", out, c.Count, c.Draws,
			100*c.Rate)
		t := cli.NewTable(w, "test", "median", "lowest", "highest")
		for _, law := range c.Tests {
			low, high := explain.Limits(&law, c.Limit)
			t.Row(law.Name, law.Median, low, high)
		}
		t.Flush()
	})
}

// pairLimits computes the limits that need no forward model, writes them with
// the model, and prints them.
func (a *app) pairLimits(ctx context.Context, show *printer[*pairLimitsResult], data, out string,
	job run.PairLimits) error {
	env, err := a.env()
	if err != nil {
		return err
	}
	if job.Store, err = dataset.Open(data); err != nil {
		return err
	}
	defer job.Store.Close()
	m, err := job.Measured(ctx, env)
	if err != nil {
		return err
	}
	if !a.overwrite && exists(out) {
		there, err := nn.ReadModelFile(out)
		if err != nil || there.Identity() != m.Identity() || there.Novelty == nil ||
			there.Meta.Typical != m.Meta.Typical ||
			!reflect.DeepEqual(there.Novelty.Calibration, m.Novelty.Calibration) {
			return cli.Exists(fmt.Errorf("%s exists and is not the model with these limits: "+
				"choose another output, or give --overwrite", out))
		}
		return show.printThere(out, &pairLimitsResult{there: wasThere, Out: out},
			func(io.Writer) {})
	}
	if err := m.WriteFile(out, a.overwrite); err != nil {
		return err
	}
	n, typical := m.Novelty, m.Meta.Typical
	v := &pairLimitsResult{Out: out, pairLimits: &pairLimits{n, typical.Outlier, typical.Edge}}
	return show.print(v, func(w io.Writer) {
		fmt.Fprintf(w, "%s: outlier and edge from %d measurements; a test of novelty from %d "+
			"others, which refuses at most %.2g %% of the problem's own measurements\n", out,
			job.Count, n.Calibration.Count, 100*n.Calibration.Rate)
		t := cli.NewTable(w, "number", "mean", "standard deviation", "largest")
		t.Row("outlier", typical.Outlier.Mean, typical.Outlier.Std, typical.Outlier.Max)
		t.Row("edge", typical.Edge.Mean, typical.Edge.Std, typical.Edge.Max)
		t.Flush()
	})
}

// hasLimits reports whether a model has the weights and the limits of a job.
func hasLimits(there *nn.Model, job infer.LimitJob) bool {
	c := there.Meta.Calibration
	return c != nil && there.Identity() == job.Model.Identity() && c.Count == job.Count &&
		c.Seed == job.Seed && c.Draws == infer.ExplainDraws &&
		c.Sampling == recipe.Sampling(job.Model, infer.ExplainDraws).String()
}
