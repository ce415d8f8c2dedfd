package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/run"
)

func (a *app) runCommand() *cobra.Command {
	var config configFlags
	var out string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Everything: pairs, training, posterior draws, references, report",
		Long: `run takes a problem from its prior to posteriors of held-out measurements, in a run folder. A signal (SIGINT, SIGTERM,
SIGUSR1) or --time-limit end it at a safe point with exit code 75; the same command, or just csdm run -o DIR, then goes on to
the same bytes as if it had never stopped. In a finished folder it changes nothing.`,
		Example: "  csdm run --problem quasistatic --preset tiny -o tiny",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.resolve(cmd, a, out)
			if err != nil {
				return err
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			o, err := run.Chain(cmd.Context(), out, c, env)
			if err != nil {
				return err
			}
			return a.result(o, func(w io.Writer) { printOutcome(w, o) })
		},
	}
	config.add(cmd)
	timeLimit(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "run folder")
	required(cmd, "out")
	return cmd
}

// printOutcome is what demo and run print.
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
