package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"csdm/bench"
	"csdm/calibrate"
	"csdm/internal/cli"
	"csdm/measured"
)

func (a *app) checkCommand() *cobra.Command {
	var (
		model, file, out string
		sampling         samplingFlags

		s calibrate.Settings
	)
	var names []string
	for _, p := range bench.Spoilings() {
		names = append(names, p.Name)
	}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Test whether a model's posteriors are calibrated, on measurements it has never seen",
		Long: `check draws fresh fields and measurements of the model's problem and posteriors of each, and tests whether the true fields look
like draws: ranks of the problem's physical quantities (SBC), coverage of 50, 80 and 95 % intervals of pixels, expected
coverage of balls around reference fields (TARP), and the misfit of draws taken through the forward model. The same tests
run on posteriors that are spoiled on purpose (` + strings.Join(names, ", ") + `), which they must catch.

A verdict is about the size of an effect, not about exactness: "pass" if its 95 % interval lies within the tolerance, "fail"
if outside, else "undecided": more measurements are needed. Exit code 0 says that the posteriors pass and all spoiled
ones fail; 65 that they do not, with the same table. With --spoil the verdict is about that spoiled posterior.

With -o DIR it writes report.html with figures, measurements.csv and, last, check.json. A check that is stopped resumes when the
same command is given; one that is finished is left as it is. A check with other settings is refused, with the settings that differ.
--overwrite replaces it; scores of the same settings are kept where more measurements are asked for.`,
		Example: "  csdm check --model builtin:quasistatic-28-n5 --measurements 500 -o calibration",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := a.openModel(model)
			if err != nil {
				return err
			}
			if !m.Meta.Known() {
				return cli.Data(
					fmt.Errorf("%s says nothing of problem, units and noise levels: a check "+
						"needs a model file of csdm", model))
			}
			problem, err := measured.ProblemOf(m, file)
			if err != nil {
				return err
			}
			if problem == nil {
				return cli.Data(
					fmt.Errorf("%s was trained for %s, of which nothing is known here, so that "+
						"no measurements can be made: give --problem FILE.toml if it is one of "+
						"your own", model, m.Meta.Problem))
			}
			if s.Sampling, err = sampling.resolve(m); err != nil {
				return err
			}
			s.Seed = a.seed
			env, err := a.env()
			if err != nil {
				return err
			}
			r, err := calibrate.Check(cmd.Context(), m, model, problem, s, out, a.overwrite, env)
			if err != nil {
				return err
			}
			if err := a.result(r, func(w io.Writer) { printCheck(w, r) }); err != nil {
				return err
			}
			return checkVerdict(r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "model file, or builtin:NAME (csdm problems lists them)")
	f.StringVar(&file, "problem", "",
		"FILE.toml of the model's problem, where it is one of your own")
	f.IntVar(&s.Measurements, "measurements", 500, "held-out measurements")
	sampling.add(cmd, 99)
	f.StringVar(&s.Spoil, "spoil", "", "judge a spoiled posterior instead: "+
		strings.Join(names, ", "))
	f.StringVarP(&out, "out", "o", "", "folder for report, figures and data")
	required(cmd, "model")
	timeLimit(cmd)
	return cmd
}

// checkVerdict is the error that a check ends in unless the posteriors pass and
// all spoiled ones are caught.
func checkVerdict(r *calibrate.Result) error {
	if r.Passed || r.Tested != calibrate.NetworkPosterior && r.Verdict == bench.Pass {
		return nil
	}
	if r.Verdict == bench.Pass {
		return cli.Data(
			errors.New("the check is not sharp enough: a posterior that was spoiled on purpose " +
				"is not caught; more measurements are needed"))
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
