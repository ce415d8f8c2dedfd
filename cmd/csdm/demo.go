package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/run"
)

func (a *app) demoCommand() *cobra.Command {
	var (
		out string
		n   int
	)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Infer an embedded measurement with an embedded network, beside the exact posterior",
		Long: `demo draws the posterior of two measurements that FEniCS made, with a network that is embedded in the program, computes the
exact posterior beside it, prints the RMSE of mean and standard deviation and writes report.html with figures.`,
		Example: "  csdm demo -o demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if n < 2 {
				return cli.Usage(fmt.Errorf("--n %d: at least two draws are needed", n))
			}
			env, err := a.env(cmd)
			if err != nil {
				return err
			}
			o, err := run.Demo(cmd.Context(), out, n, a.seed, a.overwrite, a.call(env), env)
			if err != nil {
				return err
			}
			return a.result(o, func(w io.Writer) { printOutcome(w, o) })
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "csdm-demo", "folder for report and figures")
	cmd.Flags().IntVar(&n, "n", 256, "posterior draws of each measurement")
	return cmd
}

func printOutcome(w io.Writer, o *run.Outcome) {
	t := cli.NewTable(w, "reference", "RMSE of mean", "floor", "its error", "RMSE of std", "floor", "its error")
	for _, s := range o.Scores {
		t.Row(s.Reference, s.Mean, s.FloorMean, s.ReferenceMean, s.Std, s.FloorStd, s.ReferenceStd)
	}
	t.Flush()
	if len(o.Scores) > 0 {
		fmt.Fprintf(w, "average: RMSE of mean %.4f, of std %.4f (fields in [0, 1]); floor: what the number of draws alone would make\n", o.MeanRMSE, o.StdRMSE)
	}
	fmt.Fprintln(w, "report:", o.Report)
}

func (a *app) runCommand() *cobra.Command {
	var (
		problem problemFlags
		config  configFlags
		out     string
	)
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Everything: pairs, training, posterior draws, references, report",
		Long: `run takes a problem from its prior to posteriors of held-out measurements, in a run folder that it continues when the same
command is given again. A signal or --time-limit stop training after a checkpoint with exit code 75.`,
		Example: "  csdm run --problem quasistatic --preset tiny -o tiny",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.resolve(cmd, a, &problem, out)
			if err != nil {
				return err
			}
			env, err := a.env(cmd)
			if err != nil {
				return err
			}
			if env.TimeLimitMinutes, err = config.minutes(); err != nil {
				return err
			}
			o, err := run.Chain(cmd.Context(), out, c, a.call(env), env)
			if err != nil {
				return dataError(stopped(err))
			}
			return a.result(o, func(w io.Writer) { printOutcome(w, o) })
		},
	}
	problem.add(cmd, false)
	config.add(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "run folder")
	required(cmd, "out")
	return cmd
}
