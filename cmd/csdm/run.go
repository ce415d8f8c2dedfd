package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/recipe"
	"csdm/run"
)

func (a *app) runCommand() *cobra.Command {
	var config configFlags
	var out string
	var dry, anyRange, certified bool
	var show printer[*run.Outcome]
	var planned printer[*run.Plan]
	cmd := &cobra.Command{
		Use:   "run",
		Short: "All steps: pairs, training, posterior draws, references, report",
		Long: `run takes a problem from its prior to posteriors of held-out measurements, in a run
folder. A signal (SIGINT, SIGTERM, SIGHUP, SIGUSR1 …) or --time-limit ends it at a safe point.
Exit code 75 means that work was saved: the same command, or csdm run -o DIR alone, resumes,
with identical output. In a finished folder it changes nothing. Exit code 65 means that all results
are written, and that sample would refuse a case: its measurement is not explained, or its draws
leave the support of the prior.

With --certify each posterior is weighted by the forward model until its certificate is granted, or
refused within a budget of forward solves. The report shows the certified posterior next to the
network's. If a certificate is refused, the report states it, and the exit code is 65.

run first forecasts the time of its work from small samples on this machine. --dry-run prints the
forecast, the steps and all settings as a file for --config, and ends; it needs no run folder.`,
		Example: "  csdm run --problem quasistatic --preset tiny -o tiny",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case out != "":
			case !dry:
				return cli.Usage(errors.New("--out is missing: the run folder"))
			default:
				out = unusedFolder("run")
			}
			if certified {
				config.set = append(config.set, "certify=true")
			}
			c, err := config.resolve(cmd, a, out)
			if err != nil {
				return err
			}
			if a.instead != nil {
				return a.instead(cmd, out, c)
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			if dry {
				return a.dryRun(cmd, &planned, out, c, env)
			}
			o, err := run.Chain(cmd.Context(), out, c, env)
			if err != nil {
				return err
			}
			if err := show.print(o, func(w io.Writer) { printOutcome(w, o) }); err != nil {
				return err
			}
			if err := o.Err(); err != nil && !anyRange {
				return err
			}
			for _, why := range o.Refused {
				a.console.note(why)
			}
			return o.Refusal()
		},
	}
	config.add(cmd)
	a.maxFailedFlag(cmd)
	demote(cmd, "", "max-failed")
	cmd.Flags().StringVarP(&out, "out", "o", "", "run folder")
	cmd.Flags().BoolVar(&anyRange, "allow-extrapolation", false,
		"accept measurements that are not explained and draws that leave the prior's support")
	cmd.Flags().BoolVar(&certified, "certify", false,
		"compute the exact posterior of each case, with a certificate")
	addDryRun(cmd, &dry)
	show.of(a, cmd, "")
	planned.of(a, cmd, withDryRun)
	return cmd
}

// unusedFolder returns the first of name, name-2, name-3 … that does not exist.
func unusedFolder(name string) string {
	folder := name
	for k := 2; atomicfile.Exists(folder); k++ {
		folder = fmt.Sprintf("%s-%d", name, k)
	}
	return folder
}

// dryRun prints the steps of run, the forecast and the settings. It changes
// nothing.
func (a *app) dryRun(cmd *cobra.Command, show *printer[*run.Plan], out string, c *recipe.Recipe,
	env env.Env) error {
	plan, err := run.DryRun(cmd.Context(), out, c, env)
	if err != nil {
		return err
	}
	if plan.MemoryBytes, err = plan.Memory(env.Threads); err != nil {
		return err
	}
	if plan.DiskBytes, err = plan.Disk(); err != nil {
		return err
	}
	settings, err := plan.Recipe.Encode()
	if err != nil {
		return err
	}
	return show.print(plan, func(w io.Writer) {
		fmt.Fprintf(w, "# %s\n# %v\n# about %.1f GB of memory and %.2g GB on disk\n%s", plan.Steps,
			plan.Forecast, plan.MemoryBytes/1e9, plan.DiskBytes/1e9, settings)
	})
}

// printOutcome prints the results of demo and run.
func printOutcome(w io.Writer, o *run.Outcome) {
	if o.AlreadyThere {
		fmt.Fprintln(w, "already there:", o.Report)
	}
	if len(o.Comparisons) > 0 {
		t := cli.NewTable(w, "reference", "RMSE of mean", "floor", "its error", "RMSE of std",
			"floor", "its error")
		for _, s := range o.Comparisons {
			t.Row(s.Reference, s.Mean, s.FloorMean, s.ReferenceMean, s.Std, s.FloorStd,
				s.ReferenceStd)
		}
		t.Flush()
		fmt.Fprintf(w,
			"average: RMSE of mean %.4f, of std %.4f (fields in [0, 1]); floor: the error of as "+
				"many exact draws\n", o.MeanRMSE, o.StdRMSE)
	}
	printCertificates(w, o)
	printErrorSplits(w, o)
	printTruth(w, o)
	fmt.Fprintln(w, "report:", o.Report)
}

// printCertificates prints the certificates of the cases, if there are any.
func printCertificates(w io.Writer, o *run.Outcome) {
	if len(o.Certificates) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := cli.NewTable(w, "case", "effective draws", "k̂", "χ² per value", "solves", "seconds",
		"certificate")
	for _, c := range o.Certificates {
		t.Row(c.Case, fmt.Sprintf("%.0f", c.ESS), tailShape(c.KHat), c.Chi2, c.Solves, c.Seconds,
			c.Text())
	}
	t.Flush()
}

// printTruth prints the distances of the posteriors from the true fields, if
// these are known.
func printTruth(w io.Writer, o *run.Outcome) {
	if o.TruthDistance == nil {
		return
	}
	fmt.Fprintln(w)
	t := cli.NewTable(w, "case", "RMSE to true field", "RMSE of prior mean", "ratio",
		"RMS of std")
	known := func(v float64) any {
		if v == 0 {
			return "-"
		}
		return v
	}
	for _, c := range o.TruthDistances {
		t.Row(c.Case, c.Mean, known(c.Prior), known(c.Ratio), c.Std)
	}
	t.Flush()
	all := o.TruthDistance
	line := fmt.Sprintf("all cases: RMSE to true field %.4f", all.Mean)
	if all.Prior > 0 {
		line += fmt.Sprintf(", of prior mean %.4f, ratio %.3f", all.Prior, all.Ratio)
	}
	fmt.Fprintf(w, "%s; RMS of std %.4f, close to the RMSE if the posterior is calibrated\n", line,
		all.Std)
	for _, c := range o.Coverage {
		mean, std := c.Expected()
		fmt.Fprintf(w,
			"%s: %d of %d true values between 5 %% and 95 %% quantiles (expected %.1f ± %.1f)\n",
			c.Name, c.Within, c.Of, mean, std)
	}
}

// printErrorSplits prints the errors of network and sampler of each case.
func printErrorSplits(w io.Writer, o *run.Outcome) {
	for _, s := range o.ErrorSplits {
		line := fmt.Sprintf("case %s: %d of %d draws are fields of the prior", s.Case,
			s.NetworkFields.Count, s.NetworkFields.Draws)
		if s.Sampler != nil {
			line += fmt.Sprintf(" (exact score: %d of %d); RMSE of mean and std: %.4f and %.4f by "+
				"the sampler alone, %.4f and %.4f by the network alone", s.ExactFields.Count,
				s.ExactFields.Draws, s.Sampler.Mean, s.Sampler.Std, s.NetworkMean, s.NetworkStd)
		}
		fmt.Fprintln(w, line)
	}
}
