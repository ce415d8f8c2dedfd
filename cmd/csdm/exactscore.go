package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/run"
)

// The values of --score.
const (
	networkScore = "network"
	exactScore   = "exact"
)

// checkScore returns an error for flags of sample that do not go together.
func checkScore(cmd *cobra.Command, score string, certified bool) error {
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	switch {
	case score != networkScore && score != exactScore:
		return cli.Usage(fmt.Errorf("--score is %q; it must be %s or %s", score, networkScore,
			exactScore))
	case score == networkScore && !given("model"):
		return cli.Usage(fmt.Errorf("--model is missing (see %s --help)", cmd.CommandPath()))
	case score == networkScore && (given("grid") || given("noise")):
		return cli.Usage(errors.New("--grid and --noise are for --score exact: the network has " +
			"the grid and the noise of its training"))
	case score == exactScore && divided(cmd) && !manyCases(cmd):
		return cli.Usage(errors.New("--score exact does not divide the draws of a measurement: " +
			"leave out --shard"))
	case score == exactScore && certified:
		return cli.Usage(errors.New("--certify corrects the draws of a network; the posterior " +
			"behind --score exact is exact already"))
	}
	return nil
}

// exactCall holds the flags of a call of sample with the exact score.
type exactCall struct {
	problem  problemFlags
	y        *mapFlags
	sampling *samplingFlags
	out      string
	anyRange bool
	keep     infer.Keep
	film     *filmFlag
	show     *printer[*sampleResult]
}

// resolve returns the problem, a model without a network, and the sampling
// settings: of the model if one is given, and otherwise of the preset tiny.
func (c *exactCall) resolve(a *app) (problems.Problem, *nn.Model, langevin.Settings, error) {
	var s langevin.Settings
	name, options, err := c.problem.choice()
	if err != nil {
		return nil, nil, s, err
	}
	if name == "" {
		return nil, nil, s, errNoProblem
	}
	problem, err := builtin.Lookup(name, options)
	if err != nil {
		return nil, nil, s, err
	}
	if err := infer.CanScore(problem); err != nil {
		return nil, nil, s, err
	}
	var trained *nn.Model
	if c.problem.model != "" {
		if trained, err = run.OpenModel(c.problem.model); err != nil {
			return nil, nil, s, err
		}
		s = recipe.Sampling(trained, c.sampling.draws)
	} else {
		r, err := recipe.Resolve(name, "tiny", options, a.seed)
		if err != nil {
			return nil, nil, s, err
		}
		s = r.Sampling
		s.Draws, s.Threads = c.sampling.draws, 1
	}
	s, err = c.sampling.change(s, problem.Spec().XLen())
	return problem, infer.ExactModel(problem, trained), s, err
}

// sampleExact draws by the exact score.
func (a *app) sampleExact(ctx context.Context, c *exactCall) error {
	problem, model, s, err := c.resolve(a)
	if err != nil {
		return err
	}
	a.console.note(c.problem.describe(problem.Spec()))
	taken, err := a.take(c.y, measured.MeasurementGrid(problem.Spec()))
	if err != nil {
		return err
	}
	if done, err := a.announce(c.y, c.keep, s, &model.Meta); done || err != nil {
		return err
	}
	y := taken.Values
	var there *infer.Posterior
	if !a.overwrite { // before a picture of another map is replaced
		there, err = c.keep.Finished(c.out, infer.ExactIdentity(problem,
			model.Meta.Normalization, y, s, a.seed), s.Draws)
		if err != nil {
			return err
		}
		if there != nil && !c.film.wanted() {
			if e := there.Explained; e != nil && !e.Explained && !c.anyRange {
				return infer.NotExplained(e)
			}
			if err := a.accept(there.Origin.Support, c.anyRange); err != nil {
				return err
			}
			v := newSampleResult(there, taken, s, c.out)
			v.there = wasThere
			return c.show.printThere(c.out, v, func(w io.Writer) { printExact(w, there, model) })
		}
	}
	if there == nil {
		if err := c.film.refuse(a.overwrite); err != nil {
			return err
		}
	}
	if !c.y.many {
		if err := a.showMap(taken, c.out); err != nil {
			return err
		}
	}
	p, err := a.drawExact(ctx, c, exactTarget{problem, model, y}, s)
	if err != nil {
		return err
	}
	p.Keep = c.keep
	if there == nil {
		if err := p.WriteFile(c.out, a.overwrite); err != nil {
			return err
		}
	}
	if err := infer.RemoveExactPartial(c.out + ".partial"); err != nil {
		return err
	}
	if err := c.film.write(a.overwrite, func() (*report.Film, error) {
		return p.Film, nil
	}); err != nil {
		return err
	}
	v := newSampleResult(p, taken, s, c.out)
	v.drawWork = &drawWork{s.Evaluations(), p.Cost.Wall.Seconds()}
	return c.show.print(v, func(w io.Writer) {
		fmt.Fprintf(w, "%d draws by %s, %d evaluations each, in %.1f s: %s\n", p.Draws, s.Sampler,
			s.Evaluations(), p.Cost.Wall.Seconds(), c.out)
		printExact(w, p, model)
	})
}

// exactTarget is a measurement y of a problem, with a model without a network.
type exactTarget struct {
	problem problems.Problem
	model   *nn.Model
	y       []float64
}

// drawExact makes the draws and judges measurement, sampler and draws.
func (a *app) drawExact(ctx context.Context, c *exactCall, t exactTarget,
	s langevin.Settings) (*infer.Posterior, error) {
	problem, model, y := t.problem, t.model, t.y
	support, err := infer.Rehearse(ctx, model, s)
	if err != nil {
		return nil, err
	}
	if err := support.Err(); err != nil && !c.anyRange {
		return nil, err
	}
	env, err := a.env()
	if err != nil {
		return nil, err
	}
	explained, err := infer.NewExplainer(problem, nil).Measurement(ctx, y, env)
	if err != nil {
		return nil, err
	}
	if explained != nil && !explained.Explained && !c.anyRange {
		return nil, infer.NotExplained(explained)
	}
	job := infer.Job{Seed: a.seed, Partial: c.out + ".partial", Earlier: c.out,
		Overwrite: a.overwrite, Film: c.film.path != ""}
	p, err := infer.SampleExact(ctx, problem, model, y, s, job, env)
	if err != nil {
		return nil, err
	}
	p.Origin.Model, p.Explained = c.problem.model, explained
	if err := a.support(&support, p, model, s, c.anyRange); err != nil {
		return nil, err
	}
	p.Quantify(problem)
	return p, nil
}

// printExact prints a posterior by the exact score as text.
func printExact(w io.Writer, p *infer.Posterior, model *nn.Model) {
	e := p.Origin.Exact
	fmt.Fprintf(w, "the exact score has %d fields: %s\n", e.Fields, e.Method)
	fmt.Fprintf(w, "error of the sampler alone: RMSE of mean %.4f, of std %.4f (floor of %d exact "+
		"draws: %.4f and %.4f)\n", e.Comparison.Mean, e.Comparison.Std, p.Draws,
		e.Comparison.FloorMean, e.Comparison.FloorStd)
	fmt.Fprintf(w, "%d of %d draws are fields of the prior, each pixel within %g of its range\n",
		e.PriorFields.Count, e.PriorFields.Draws, e.PriorFields.Tolerance)
	printPosterior(w, p, model)
}
