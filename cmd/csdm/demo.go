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
		Use: "demo",
		Short: "Infer an embedded measurement with an embedded network, and compare with the " +
			"exact posterior",
		Long: `demo draws the posterior of two embedded measurements, which were made with FEniCS,
with an embedded network. It computes the exact posterior of each, prints the RMSE of mean and
standard deviation, and writes report.html with figures.`,
		Example: "  csdm demo -o demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if n < 2 {
				return cli.Usage(fmt.Errorf("--draws %d: at least two draws are needed", n))
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			o, err := run.Demo(cmd.Context(), out, n, a.seed, a.overwrite, env)
			if err != nil {
				return err
			}
			return a.result(o, func(w io.Writer) { printOutcome(w, o) })
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "csdm-demo", "folder for report and figures")
	cmd.Flags().IntVar(&n, "draws", 256, "number of posterior draws of each measurement")
	former(cmd, map[string]string{"n": "draws"})
	return cmd
}
