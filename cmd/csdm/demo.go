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
		s   run.DemoSettings

		show printer[*run.Outcome]
	)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Infer measurements of a built-in problem, and write a report",
		Long: `demo draws the posterior of one or two measurements of a problem with its embedded
network, or with the one of --model. It writes report.html, which begins with a figure that has the
panels of the paper's figure of that problem, and prints the distance of the mean from the true
field. For quasistatic, phantom and duallayer it also computes the exact posterior and prints the
RMSE of mean and standard deviation. The measurement of quasistatic was made with FEniCS. The others
are simulated with a seed that no training used.`,
		Example: "  csdm demo -o demo\n  csdm demo --problem phantom -o phantom",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("draws") && s.Draws < 2 {
				return cli.Usage(fmt.Errorf("--draws %d: at least two draws are needed", s.Draws))
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			s.Seed, s.Overwrite = a.seed, a.overwrite
			o, err := run.Demo(cmd.Context(), out, s, env)
			if err != nil {
				return err
			}
			return show.print(o, func(w io.Writer) { printOutcome(w, o) })
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "csdm-demo", "folder for report and figures")
	f := cmd.Flags()
	f.StringVar(&s.Problem, "problem", "quasistatic", "inverse problem (csdm problems lists them)")
	f.StringVar(&s.Model, "model", "", "model file for the problem (default: the embedded model)")
	f.IntVar(&s.Draws, "draws", 0,
		"number of posterior draws of each measurement (0: as many as take a minute)")
	former(cmd, map[string]string{"n": "draws"})
	show.of(a, cmd, "")
	return cmd
}
