package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/run"
)

func (a *app) priorCommand() *cobra.Command {
	var (
		problem problemFlags
		n       int
		out     string
		show    printer[*priorResult]
	)
	cmd := &cobra.Command{
		Use:   "prior",
		Short: "Draw a picture sheet of prior draws and their measurements",
		Long: `prior draws N pairs of the seed, as csdm data does, measures each once, and writes
prior.png and prior.svg. Each pair has a column with the field above its noise-free and its
noisy measurement. Measurements of more than three channels are to the right of their field,
with their noise. If a simulation gives several pairs, the first is drawn.`,
		Example: "  csdm prior --problem quasistatic --grid 28 --draws 4 -o sheet",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := problem.resolve()
			if err != nil {
				return err
			}
			if n < 1 || n > run.MaxPrior {
				return cli.Usage(fmt.Errorf("--draws is %d; it must be 1 to %d", n, run.MaxPrior))
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			sheet, err := run.Prior(cmd.Context(), p,
				run.PriorSheet{Dir: out, Draws: n, Seed: a.seed, Overwrite: a.overwrite}, env)
			if err != nil {
				return err
			}
			return show.print(&priorResult{sheet, n}, func(w io.Writer) {
				fmt.Fprintln(w, "sheet:", sheet)
			})
		},
	}
	problem.add(cmd)
	cmd.Flags().IntVar(&n, "draws", 5, "number of prior draws")
	former(cmd, map[string]string{"n": "draws"})
	cmd.Flags().StringVarP(&out, "out", "o", "", "folder")
	required(cmd, "out")
	show.of(a, cmd, "")
	return cmd
}
