package main

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"csdm/bench"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/shard"
	"csdm/measured"
	"csdm/problems"
	"csdm/recipe"
	"csdm/run"
)

// referenceCommand computes a posterior without a network. Only importance
// sampling divides into shards: its draws are independent. Each of the other
// methods chooses its next solves by the results of the ones before.
func (a *app) referenceCommand() *cobra.Command {
	var (
		anyRange bool
		problem  problemFlags
		y        mapFlags
		out      string
		settings = recipe.NewReference(recipe.MethodAuto)
		method   string
		show     printer[*referenceResult]
	)
	cmd := &cobra.Command{
		Use:   "reference",
		Short: "Compute a reference posterior: exact by quadrature, or Monte Carlo",
		Long: `reference computes the posterior without a network, for problems whose prior is known
as a map from variables. It writes mean and std with the error of each, ess, khat, log_evidence
(ln p(y)) and end_mass. Methods:

  auto         quadrature for up to two variables; adaptive for more, or if quadrature fails;
               chains where the prior is not uniform on a box, as the prior of opticnerve
  quadrature   a sum over up to four variables, refined until it no longer changes, or with
               --set max_error=0.002 until its stated error is at most that
  importance   prior draws weighted by their likelihood, as in the paper; for measurements that
               leave a wide posterior
  adaptive     importance sampling whose draws approach the posterior in stages, until ess
               reaches 1000; for measurements so precise that the other methods do not find the
               posterior. It may miss a mode; a call with another --seed shows it. Where a model
               error is integrated (duallayer), ess need only reach 500
  chains       Markov chains that propose by an emulator fitted to earlier forward solves, and
               accept by a forward solve, until rank-normalized R̂ is below 1.01 and the bulk ess
               at least 400 for all variables and quantities; for priors of many variables (on
               opticnerve they have not mixed yet). Writes rhat instead of khat, log_evidence and
               end_mass

No error can be stated if the effective sample size is below 100, Pareto k̂ is above 0.7, a few
cells of the quadrature hold the whole posterior, or the chains have not mixed. Nothing is then
written, and the exit code is 65. A stopped call resumes from OUT.partial.

With --shard, -o names a folder for a part of the prior draws of --method importance, or with a
range of measurements for the results of a part of them. csdm merge makes the result of all parts.
Other methods do not divide, because their earlier solves choose the later ones.

` + takingHelp + "\n\n" + shownHelp,
		Example: "  csdm reference --problem quasistatic --grid 28 --y " +
			"models/measurements/quasistatic-28-n5.npz:y --case 1 --method quadrature -o ref.npz",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			part, err := a.shard(cmd)
			if err != nil {
				return err
			}
			if divided(cmd) && !manyCases(cmd) && method != recipe.MethodImportance {
				return cli.Usage(fmt.Errorf("--shard divides the prior draws of --method "+
					"importance, or a range of measurements, such as --case 0:100: method %s "+
					"chooses each solve by the ones before", method))
			}
			if method == recipe.MethodQuadrature && (cmd.Flags().Changed("prior-draws") ||
				cmd.Flags().Changed("max-solves")) {
				return cli.Usage(errors.New("--prior-draws is for importance and --max-solves " +
					"for adaptive and chains: quadrature refines until its result no longer " +
					"changes"))
			}
			p, err := problem.resolve()
			if err != nil {
				return err
			}
			a.console.note(problem.describe(p.Spec()))
			taken, err := a.take(&y, measured.MeasurementGrid(p.Spec()))
			if err != nil {
				return err
			}
			measurement := taken.Values
			settings.Method = method
			found := false
			if err := settings.For(p); err != nil {
				return cli.Usage(err)
			}
			if y.dry {
				return a.referenceNeeds(p, settings, &y)
			}
			if divided(cmd) && !manyCases(cmd) {
				return a.importanceShard(cmd, p, measurement, settings.PriorDraws, part)
			}
			if !a.overwrite { // before a picture of another map is replaced
				if found, err = infer.Finished(out, infer.ReferenceIdentity(p, measurement,
					settings,
					a.seed)); err != nil {
					return err
				}
			}
			if err := a.showMap(taken, out); err != nil {
				return err
			}
			if found {
				if v, err := infer.ReadExplained(out); err != nil {
					return err
				} else if v != nil && !v.Explained && !anyRange {
					return infer.NotExplained(v)
				}
				if err := infer.RemoveReferencePartial(partialFile(out)); err != nil {
					return err
				}
				v := &referenceResult{there: wasThere, Out: out, Map: mapFile(out), Method: method}
				return show.printThere(out, v, func(io.Writer) {})
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			explained, err := infer.NewExplainer(p, nil).Measurement(cmd.Context(), measurement,
				env)
			if err != nil {
				return err
			}
			if !explained.Explained && !anyRange {
				return infer.NotExplained(explained)
			}
			job := infer.Job{Seed: a.seed, Partial: partialFile(out), Overwrite: a.overwrite}
			t, err := infer.ReferencePosterior(cmd.Context(), p, measurement, settings, job, env)
			if err != nil {
				return err
			}
			t.Explained = explained
			if err := t.WriteFile(out, a.overwrite); err != nil {
				return err
			}
			if err := infer.RemoveReferencePartial(job.Partial); err != nil {
				return err
			}
			v := &referenceResult{Out: out, Map: mapFile(out), Method: t.Method,
				referenceFigures: newReferenceFigures(t, taken.Cover)}
			return show.print(v, func(w io.Writer) { printReference(w, out, t) })
		},
	}
	problem.add(cmd)
	f := cmd.Flags()
	y.ranges = "; A:B for the maps A to B−1, with a folder as -o"
	y.add(cmd, "y", "measurement in physical units")
	f.BoolVar(&anyRange, "allow-extrapolation", false,
		"accept a measurement that no field of the prior explains")
	f.StringVar(&method, "method", recipe.MethodAuto,
		"auto, closed-form, quadrature, importance, adaptive or chains")
	f.IntVar(&settings.PriorDraws, "prior-draws", settings.PriorDraws,
		"number of prior draws of importance sampling")
	f.IntVar(&settings.MaxSolves, "max-solves", settings.MaxSolves,
		"most forward solves of adaptive importance sampling and of chains")
	number(cmd, &settings.MaxError, "max-error", 0, maxErrorHelp)
	setFlag(cmd, nil, "max_solves=100000")
	demote(cmd, "", "prior-draws", "max-solves", "max-error")
	// of earlier versions: what the method takes
	f.Func("n", "prior draws or forward solves", func(text string) error {
		return errors.Join(f.Set("prior-draws", text), f.Set("max-solves", text))
	})
	if err := f.MarkHidden("n"); err != nil {
		panic(err)
	}
	output(cmd, &out, "result, .npz")
	addShard(cmd)
	addDryRun(cmd, &y.dry)
	show.of(a, cmd, "")
	a.parts.of(a, cmd, withShard)
	a.needed.of(a, cmd, withDryRun)
	a.overCases(cmd, &y)
	return cmd
}

// referenceNeeds prints what the references of the maps need.
func (a *app) referenceNeeds(p problems.Problem, r recipe.Reference, y *mapFlags) error {
	env, err := a.env()
	if err != nil {
		return err
	}
	needs, err := run.ReferenceNeeds(p, r, env.Threads)
	if err != nil {
		return err
	}
	if _, n := y.count(); n > 1 {
		needs.Work = fmt.Sprintf("%d measurements, each %s", n, needs.Work)
		needs.DiskBytes *= float64(n)
	}
	return a.needs(needs, nil)
}

// importanceShard computes a part of the prior draws of importance sampling.
func (a *app) importanceShard(cmd *cobra.Command, p problems.Problem, y []float64, draws int,
	part shard.Shard) error {
	call, err := a.shardCall(cmd, part)
	if err != nil {
		return err
	}
	env, err := a.env()
	if err != nil {
		return err
	}
	return a.part(infer.ImportanceShard(cmd.Context(), p.(problems.Parametric), y,
		bench.ImportanceSettings{Draws: draws, Seed: a.seed}, call, env))
}

// newReferenceFigures returns the figures of a reference posterior.
func newReferenceFigures(t *infer.ReferenceResult, cover measured.Cover) *referenceFigures {
	f := &referenceFigures{Explained: t.Explained, ESS: infer.StatedError(t.ESS),
		KHat: infer.StatedError(t.KHat), ErrorMean: t.ErrorMean, ErrorStd: t.ErrorStd,
		LogEvidence: infer.StatedError(t.LogEvidence), Ends: []priorEnd{},
		Seconds: t.Origin.Seconds, Solves: t.Origin.Solves, Cover: cover}
	for _, e := range t.Ends {
		f.Ends = append(f.Ends, priorEnd{e.Variable, endName(e.High), e.Mass})
	}
	if t.Mixing != nil {
		f.RHat = &t.Mixing.RHat
	}
	return f
}

// printReference prints the result of reference as text.
func printReference(w io.Writer, out string, t *infer.ReferenceResult) {
	weights := ""
	if !math.IsNaN(t.ESS) {
		weights = fmt.Sprintf("effective sample size %.0f, Pareto k̂ %s; ", t.ESS,
			tailShape(t.KHat))
	}
	fmt.Fprintf(w, "%s: %s\nRMS error of mean %.2g, of std %.2g (normalized); %sln p(y) = %.2f; "+
		"%.1f s\n", out, t.Note, t.ErrorMean, t.ErrorStd, weights, t.LogEvidence, t.Origin.Seconds)
	if t.Explained != nil {
		fmt.Fprintln(w, t.Explained.Text)
	}
	for _, e := range t.Ends {
		fmt.Fprintf(w,
			"%s sits at the %s end of its prior: the last hundredth of the range has %.0f %% of "+
				"the posterior. The prior may be too narrow for this measurement.\n",
			e.Variable, endName(e.High), 100*e.Mass)
	}
}

// endName names an end of a range.
func endName(high bool) string {
	if high {
		return "upper"
	}
	return "lower"
}

// tailShape describes a value of Pareto k̂. Weights without a tail have −Inf,
// or the smallest number if the value comes from JSON.
func tailShape(khat float64) string {
	if khat <= -math.MaxFloat64 {
		return "none (the weights have no tail)"
	}
	return fmt.Sprintf("%.2f", khat)
}
