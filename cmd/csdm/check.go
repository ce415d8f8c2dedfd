package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"csdm/bench"
	"csdm/calibrate"
	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/measured"
)

// checkCommand tests the calibration of a model (package calibrate).
func (a *app) checkCommand() *cobra.Command {
	var (
		model, file, out string
		sampling         samplingFlags
		bands            bandFlags
		at               mapFlags
		dry              bool
		show             printer[*calibrate.Result]

		s calibrate.Settings
	)
	var names []string
	for _, p := range bench.Spoilings() {
		names = append(names, p.Name)
	}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Test whether a model's posteriors are calibrated, on measurements new to it",
		Long: `check draws new fields and measurements of the model's problem and samples the
posterior of each. It tests whether the true fields are distributed like the draws: by ranks of
the problem's physical quantities (SBC), coverage of 50, 80 and 95 % intervals of pixels,
expected coverage of balls around reference fields (TARP), and the misfit of draws under the
forward model. The same tests run on posteriors that are spoiled on purpose and that they must
catch (` + strings.Join(names, ", ") + `).

A verdict judges the size of an effect: "pass" if its 95 % interval lies within the tolerance,
"fail" if the interval lies outside, and otherwise "undecided", for which more measurements are
needed. The exit code is 0 if the posteriors pass and all spoiled posteriors fail, and otherwise
65. With --set spoil=NAME the verdict judges that spoiled posterior.

With --certify each posterior is certified, and the tests are made on the certified posteriors. The
counts of certified and refused measurements are in check.json and in the report.

With --set measured=0.1 each measurement misses nine in ten of its values, at random nodes, for a
model that was trained with data.masks.

With --at FILE, calibration is checked about one measurement (posterior SBC). Fields are drawn from
its posterior, and a measurement of each is simulated. The network's draws given the simulated
measurement, weighted by the likelihood of the given one, must be distributed like these fields.
One draw in eight remains; a simulated measurement with fewer effective draws is left out.

With -o DIR, check writes report.html with figures, measurements.csv and last check.json. The same
command resumes a stopped check. A check of other settings in DIR is an error unless --overwrite is
given; records of the same settings are kept when more measurements are added.

With --data the pairs come from a dataset, such as one of data import. No forward model is needed
then, and the test of the misfit is left out where there is none. Training may have seen the pairs
before --set first=K: they serve for comparison. If there are fewer of them than draws, the first
half of the others serves instead.

With --shard, -o names a folder for a part of the measurements. csdm merge makes the check, or the
bands, of all parts.

` + bandsHelp,
		Example: "  csdm check --model builtin:quasistatic-28-n5 --measurements 500 -o calibration",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := a.openModel(model)
			if err != nil {
				return err
			}
			if !m.Meta.Known() {
				return cli.Data(
					fmt.Errorf("%s does not store problem, units and noise levels; a check needs "+
						"a model file of csdm", model))
			}
			problem, err := measured.ProblemOf(m, file)
			if err != nil {
				return err
			}
			if problem == nil {
				return cli.Data(
					fmt.Errorf("%s was trained for %s, which is not a built-in problem, so that "+
						"no measurements can be made; give its --problem FILE.toml", model,
						m.Meta.Problem))
			}
			if bands.conformal && !cmd.Flags().Changed("draws") {
				sampling.draws = calibrate.BandDraws
			}
			if s.Sampling, err = sampling.resolve(m); err != nil {
				return err
			}
			s.Seed = a.seed
			part, err := a.shard(cmd)
			if err != nil {
				return err
			}
			var store *dataset.Store
			if bands.data != "" {
				if store, err = dataset.Open(bands.data); err != nil {
					return err
				}
				defer store.Close()
			}
			if bands.conformal {
				bands.dry = dry
				return a.conformal(cmd, calibrate.BandJob{Model: m, Name: model, Store: store,
					Problem: problem, Dir: out, Overwrite: a.overwrite}, &bands, s, part)
			}
			if err := bands.unused(cmd); err != nil {
				return err
			}
			if at.path != "" {
				taken, err := a.take(&at, measured.ModelGrid(m, problem))
				if err != nil {
					return err
				}
				s.At = taken.Values
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			s.First = bands.first
			job := calibrate.Job{Model: m, Name: model, Problem: problem, Dir: out,
				Overwrite: a.overwrite, Store: store}
			if dry {
				return a.needs(job.Needs(s, env))
			}
			if divided(cmd) {
				call, err := a.shardCall(cmd, part)
				if err != nil {
					return err
				}
				return a.part(calibrate.CheckShard(cmd.Context(), job, s, call, env))
			}
			r, err := calibrate.Check(cmd.Context(), job, s, env)
			if err != nil {
				return err
			}
			if err := show.print(r, func(w io.Writer) { printCheck(w, r) }); err != nil {
				return err
			}
			return checkVerdict(r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "model file, or builtin:NAME (csdm problems lists them)")
	f.StringVar(&file, "problem", "",
		"FILE.toml of the model's problem, if it is an external one")
	f.IntVar(&s.Measurements, "measurements", 500, "number of held-out measurements")
	sampling.add(cmd, 99)
	sampling.hide(cmd)
	f.StringVar(&s.Spoil, "spoil", "", "judge a spoiled posterior instead: "+
		strings.Join(names, ", "))
	at.addOptional(cmd, "at", "check calibration about this measurement instead")
	f.BoolVar(&s.Certify, "certify", false,
		"judge the certified posteriors, and count the refused certificates")
	measuredFlag(cmd, &s.Measured)
	f.StringVarP(&out, "out", "o", "", "folder for report, figures and data")
	bands.add(cmd)
	addShard(cmd)
	addDryRun(cmd, &dry)
	demote(cmd, "", "spoil", "problem", "measured")
	required(cmd, "model")
	show.of(a, cmd, "")
	bands.show.of(a, cmd, "with --conformal")
	a.parts.of(a, cmd, withShard)
	a.needed.of(a, cmd, withDryRun)
	return cmd
}

// checkVerdict returns the error of a check, or nil if the posteriors pass and
// all spoiled posteriors are caught.
func checkVerdict(r *calibrate.Result) error {
	if r.Passed || r.Tested != r.Posteriors[0].Name && r.Verdict == bench.Pass {
		return nil
	}
	if r.Verdict == bench.Pass {
		return cli.Data(
			errors.New("the check misses a posterior that was spoiled on purpose; more " +
				"measurements are needed"))
	}
	return cli.Data(fmt.Errorf("calibration: %s", r.Verdict))
}

func printCheck(w io.Writer, r *calibrate.Result) {
	if r.AlreadyThere {
		fmt.Fprintln(w, "already there:", r.Report)
	}
	fmt.Fprintf(w, "%s; %d measurements, %d draws each by %s\n\n", r.Model, r.Measurements, r.Draws,
		r.Sampling)
	t := cli.NewTable(w, calibrate.Columns()...)
	for _, p := range r.Posteriors {
		var cells []any
		for _, cell := range p.Row() {
			cells = append(cells, cell)
		}
		t.Row(cells...)
	}
	t.Flush()
	fmt.Fprintln(w)
	t = cli.NewTable(w, r.Tested, "effect", "value", "95 % interval", "tolerated", "p", "verdict")
	for _, p := range r.Posteriors {
		if p.Name != r.Tested {
			continue
		}
		for _, e := range calibrate.EffectRows(p.Assessment) {
			t.Row(e.Test, e.What, fmt.Sprintf("%.3f", e.Value),
				fmt.Sprintf("%.3f to %.3f", e.Low, e.High),
				fmt.Sprintf("%.3f to %.3f", e.LeastOK, e.MostOK), fmt.Sprintf("%.2g", e.P),
				string(e.Decision))
		}
		for _, k := range p.Ranks {
			if k.Test != bench.TestSBC {
				continue
			}
			for _, v := range k.Intervals {
				t.Row("interval", fmt.Sprintf("%g %%, %s", 100*v.Level, k.Of),
					fmt.Sprintf("%.3f", v.Value), fmt.Sprintf("± %.3f", v.Error), "",
					fmt.Sprintf("%.2g", v.P), fmt.Sprintf("%d of %d", v.Held, v.Of))
			}
		}
	}
	t.Flush()
	fmt.Fprintln(w)
	for _, why := range r.Skipped {
		fmt.Fprintln(w, "left out:", why)
	}
	fmt.Fprintln(w, r.Statement())
	if r.Report != "" {
		fmt.Fprintln(w, "report:", r.Report)
	}
}

// measuredFlag adds the setting of the share of values that are measured.
func measuredFlag(cmd *cobra.Command, share *float64) {
	cmd.Flags().Float64Var(share, "measured", 0,
		"share of its values that each measurement has, at random nodes (default: all)")
}
