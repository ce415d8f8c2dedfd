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
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
)

// sampleCommand draws from the posterior of a measurement. The order of its
// work is such that the cheap refusals come first:
//
//  1. flags, model, sampling settings, measurement
//  2. whether a finished result with the same identity is there
//  3. the measurement against the ones of the training (measured.Judge)
//  4. a finished result is printed again, and nothing else is done
//  5. a rehearsal of the sampler
//  6. whether any field of the prior explains the measurement
//  7. the draws, and whether they stay within the support of the prior
//  8. the residual of the draws, or the certificate
//  9. the file, and last the removal of the partial one
//
// A call that is stopped at step 7 resumes there: draws are kept as they are
// made. With --certify a misfit of the draws is no refusal of its own, since
// the weights correct the draws.
func (a *app) sampleCommand() *cobra.Command {
	var (
		problem   problemFlags
		out       string
		y         mapFlags
		sampling  samplingFlags
		anyRange  bool
		certified bool
		by        string
		keep      infer.Keep
		film      filmFlag
		show      printer[*sampleResult]
	)
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Draw from the posterior of a measurement with a trained model",
		Long: `sample writes posterior draws of the field and their mean, std, q05, q50 and q95 at
each pixel, in normalized units and, with _physical at the end of the name, in physical units.
The measurement is in physical units: (C,H,W), or (H,W) if C is 1.

` + takingHelp + `

` + shownHelp + `

The measurement's range, its distance from the mean measurement and its noise are compared with the
training measurements. A measurement that is out of distribution ends the call with exit code 65,
unless --allow-extrapolation is given.

The forward model is then applied to some of the draws, if the problem has one. If the residual
does not look like noise, or if no field of the prior explains the measurement, the call also ends
with exit code 65, and a message names the failed tests. --allow-extrapolation writes the result,
which then records that the measurement is not explained.

With --certify the draws start an importance sampler. The forward model weights its proposals until
the effective sample size, the tail of the weights and the misfit certify the posterior. The result
has the certified mean, std, quantiles and draws, the network's own as network_mean and
network_std, and certificate_json. A posterior that fails is written with a mark, and the exit code
is 65.

If the model has bands (check --conformal), the result also has band_low and band_high at each
pixel and an interval for each quantity. They lie around the network's first draws, and hold the
true value with the stated coverage on average over the prior.

With --score exact no network draws. The posterior is computed from prior and forward model, as by
csdm reference, and its fields give the score that a perfect network would have. The distance of
the draws from that posterior is then the error of the sampler alone. It is printed, with the share
of the draws that are fields of the prior. --model gives problem, normalization and sampling
settings; --problem, with --grid and --noise, does so without a model.

If the problem defines physical quantities of the field, their mean, std and quantiles are printed
and stored.

With --shard, -o names a folder for a part of the draws, or with --cases for the results of a part
of the measurements. csdm merge makes the result of all parts: it judges the draws, and certifies
them with --certify.

--keep summary leaves the draws out of the result, and --keep draws keeps them once, in normalized
units, with mean and std. --set precision=float32 or float16 stores fields and draws with fewer
digits. With --cases A:B and --keep, a call takes thousands of measurements: it prints the size of
all results before it starts, one line for each measurement that is refused, and draws no picture
of each map. csdm merge puts the results of the folder into one file.

--film writes how the first draw came about: at each noise level the state, in normalized units, and
the denoised state, the mean of all fields that agree with state and measurement.

--dry-run prints the work and the size of the results, and writes nothing.

Draw j depends only on model, measurement, sampler settings, seed and j. The same command resumes a
stopped call and keeps a finished result. A result with other settings is refused, with the
settings that differ. --overwrite computes it again; draws of the same settings are kept when more
are added.`,
		Example: "  csdm sample --model builtin:quasistatic-28-n5 --y " +
			"models/measurements/quasistatic-28-n5.npz:y --case 1 --draws 64 -o post.npz",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			model, file := problem.model, problem.problem
			if err := errors.Join(checkScore(cmd, by, certified), film.check(cmd)); err != nil {
				return err
			}
			part, err := a.shard(cmd)
			if err != nil {
				return err
			}
			parts := divided(cmd) && !manyCases(cmd)
			if by == exactScore {
				return a.sampleExact(cmd.Context(), &exactCall{problem, &y, &sampling, out,
					anyRange, keep, &film, &show})
			}
			m, err := a.openModel(model)
			if err != nil {
				return err
			}
			if !m.Meta.Known() {
				return cli.Data(
					fmt.Errorf("%s does not store grid, units and noise levels; sampling needs a "+
						"model file of csdm", model))
			}
			s, err := sampling.resolve(m)
			if err != nil {
				return err
			}
			problem, err := measured.ProblemOf(m, file)
			if err != nil {
				return err
			}
			if certified {
				if err := infer.CanCertify(problem); err != nil {
					return err
				}
			}
			taken, err := a.take(&y, measured.ModelGrid(m, problem))
			if err != nil {
				return err
			}
			if done, err := a.announce(&y, keep, s, &m.Meta); done || err != nil {
				return err
			}
			measurement := taken.Values
			var there *infer.Posterior
			if !a.overwrite && !parts { // before a picture of another map is replaced
				id := infer.DrawsIdentity(m, measurement, s, a.seed)
				if certified {
					id = infer.CertifiedIdentity(id, problem, s.Draws)
				}
				if there, err = keep.Finished(out, id, s.Draws); err != nil {
					return err
				}
			}
			makeFilm := func() (*report.Film, error) {
				return infer.Film(cmd.Context(), m, measurement, s, a.seed)
			}
			if there == nil {
				if err := film.refuse(a.overwrite); err != nil {
					return err
				}
			}
			if !parts && !y.many { // merge shows it
				if err := a.showMap(taken, out); err != nil {
					return err
				}
			}
			verdict, err := measured.Judge(m, problem, measurement)
			if err != nil {
				return err
			}
			if !verdict.In && !anyRange {
				return cli.Data(
					fmt.Errorf("the measurement is %s (--allow-extrapolation accepts it)",
						verdict.Text))
			}
			a.console.note("the measurement is " + verdict.Text)
			if there != nil {
				if e := there.Explained; e != nil && !e.Explained && !anyRange && !certified {
					return infer.NotExplained(e)
				}
				if there.Origin.Support != nil { // nil: of an earlier version
					if err := a.accept(there.Origin.Support, anyRange); err != nil {
						return err
					}
				}
				if err := there.CheckBands(out, m); err != nil {
					return err
				}
				there.Origin.Verdict = verdict
				if film.wanted() {
					if err := film.write(false, makeFilm); err != nil {
						return err
					}
				}
				v := newSampleResult(there, taken, s, out)
				v.there = wasThere
				if err := show.printThere(out, v,
					func(w io.Writer) { printPosterior(w, there, m) }); err != nil {
					return err
				}
				return there.Refusal(out)
			}
			support, err := a.rehearse(cmd.Context(), m, s, anyRange)
			if err != nil {
				return err
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			if parts {
				call, err := a.shardCall(cmd, part)
				if err != nil {
					return err
				}
				return a.part(infer.SampleShard(cmd.Context(), m, measurement, s, a.seed, call,
					env))
			}
			explainer := infer.NewExplainer(problem, m)
			explained, err := explainer.Measurement(cmd.Context(), measurement, env)
			if err != nil {
				return err
			}
			if explained != nil && !explained.Explained && !anyRange {
				return infer.NotExplained(explained)
			}
			job := infer.Job{Seed: a.seed, Partial: out + ".partial", Earlier: out,
				Overwrite: a.overwrite}
			p, err := infer.Sample(cmd.Context(), m, measurement, s, job, env)
			if err != nil {
				return err
			}
			p.Origin.Model, p.Origin.Verdict, p.Keep = model, verdict, keep
			if err := a.support(&support, p, m, s, anyRange); err != nil {
				return err
			}
			if certified {
				p.Explained = explained
			} else {
				if err := explainer.Posterior(cmd.Context(), explained, p, measurement,
					env); err != nil {
					return err
				}
				if e := p.Explained; e != nil && !e.Explained && !anyRange {
					return infer.NotExplained(e)
				}
			}
			p.Band(m, problem, s)
			if certified {
				if err := p.Certify(cmd.Context(), explainer, measurement, a.seed,
					env); err != nil {
					return err
				}
			} else {
				p.Quantify(problem)
			}
			if err := p.WriteFile(out, a.overwrite); err != nil {
				return err
			}
			if err := infer.RemovePartial(job.Partial); err != nil {
				return err
			}
			if err := film.write(a.overwrite, makeFilm); err != nil {
				return err
			}
			evaluations := p.Cost.Evaluations / max(1, p.Cost.Draws)
			v := newSampleResult(p, taken, s, out)
			v.drawWork = &drawWork{evaluations, p.Cost.Wall.Seconds()}
			if err := show.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "%d draws by %s, %d evaluations each, in %.1f s: %s\n", p.Draws,
					s.Sampler, evaluations, p.Cost.Wall.Seconds(), out)
				printPosterior(w, p, m)
			}); err != nil {
				return err
			}
			return p.Refusal(out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&problem.model, "model", "",
		"model file, or builtin:NAME (csdm problems lists them)")
	f.StringVar(&by, "score", networkScore,
		networkScore+", or "+exactScore+" for priors of few variables")
	y.ranges = "; A:B for the maps A to B−1, with a folder as -o"
	y.add(cmd, "y", "measurement in physical units")
	sampling.add(cmd, 256)
	sampling.hide(cmd)
	f.BoolVar(&anyRange, "allow-extrapolation", false,
		"accept a measurement that is out of distribution or not explained")
	f.BoolVar(&certified, "certify", false,
		"compute the exact posterior from the draws and the forward model, with a certificate")
	f.StringVar(&problem.problem, "problem", "",
		"FILE.toml of an external problem, for the quantities of its field; a problem for the "+
			"exact score without a model")
	problem.addOptions(cmd)
	output(cmd, &out, "result, .npz")
	addKeep(cmd, &y, &keep)
	film.add(cmd)
	demote(cmd, "", "problem", "grid", "noise", "score", "precision")
	addShard(cmd)
	show.of(a, cmd, "")
	a.parts.of(a, cmd, withShard)
	a.sized.of(a, cmd, withDryRun)
	a.overCases(cmd, &y)
	return cmd
}

// newSampleResult returns the output of sample for a new or an existing
// posterior.
func newSampleResult(p *infer.Posterior, taken *measured.Taken, s langevin.Settings,
	out string) *sampleResult {
	return &sampleResult{Out: out, Map: mapFile(out), Cover: taken.Cover, Draws: p.Draws,
		Sampler: s.Sampler, Levels: s.Levels, Verdict: p.Origin.Verdict,
		Support: p.Origin.Support, Explained: p.Explained, Certificate: p.Certificate,
		Bands: p.Bands, Quantities: p.Origin.Quantities, Regions: p.Origin.Regions,
		ExactScore: p.Origin.Exact}
}

// printPosterior prints the summary of a posterior as text.
func printPosterior(w io.Writer, p *infer.Posterior, m *nn.Model) {
	if p.Explained != nil {
		fmt.Fprintln(w, p.Explained.Text)
	}
	printCertificate(w, p)
	if p.Bands != nil {
		fmt.Fprintln(w, p.Bands.Text(m.Meta.XUnit))
	}
	printQuantities(w, p.Origin.Quantities, p.Origin.Regions, p.Bands)
}

// printCertificate prints the certificate of a certified posterior, and the
// distance of the network's own posterior from it.
func printCertificate(w io.Writer, p *infer.Posterior) {
	c := p.Certificate
	if c == nil {
		return
	}
	fmt.Fprintf(w, "%s\n%d forward solves in %.1f s (%.1f s of CPU): effective sample size %.0f, "+
		"k̂ %s, ln p(y) = %.2f ± %.2f, χ² per value %.3f\n", c.Text(), c.Solves, c.Seconds,
		c.CPUSeconds, c.ESS, tailShape(c.KHat), c.LogEvidence, c.LogEvidenceError, c.Chi2)
	if n := c.Noise; n != nil {
		fmt.Fprintf(w, "standard deviation of the noise: %.3g, 90 %% interval %.3g to %.3g\n",
			n.Mean, n.Q05, n.Q95)
	}
	if p.NetworkMean == nil {
		return
	}
	fmt.Fprintf(w, "errors of the network's own mean and std: %.4f and %.4f (RMS, normalized)\n",
		bench.RMSE(p.NetworkMean, p.Mean), bench.RMSE(p.NetworkStd, p.Std))
}

// printQuantities prints a table of the posterior of physical quantities, and
// describes the regions of the field on which they were measured. With bands
// that have intervals of quantities it adds two columns.
func printQuantities(w io.Writer, quantities []infer.Quantity, regions *infer.RegionSummary,
	bands *infer.Bands) {
	if len(quantities) == 0 {
		return
	}
	heads := []string{"quantity", "unit", "mean", "std", "5 %", "50 %", "95 %", "grid"}
	if bands.HasIntervals() {
		heads = append(heads, fmt.Sprintf("%g %% band from", 100*bands.Coverage), "to")
	}
	t := cli.NewTable(w, heads...)
	value := func(v float64) any {
		if math.IsNaN(v) {
			return "none"
		}
		return v
	}
	for _, q := range quantities {
		grid := ""
		if q.Resolution > 0 {
			grid = fmt.Sprintf("± %.2g", q.Resolution)
		}
		cells := []any{q.Name, q.Unit, value(q.Mean), value(q.Std), value(q.Q05), value(q.Q50),
			value(q.Q95), grid}
		if bands.HasIntervals() {
			low, high := bands.Interval(q.Name)
			cells = append(cells, value(low), value(high))
		}
		t.Row(cells...)
	}
	t.Flush()
	for _, line := range regions.Lines() {
		fmt.Fprintln(w, line)
	}
}
