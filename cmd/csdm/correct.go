package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/fidelity"
	"csdm/internal/cli"
)

func (a *app) dataCorrectCommand() *cobra.Command {
	var out string
	var show printer[*fidelity.Result]
	cmd := &cobra.Command{
		Use:   "correct CHEAP DEAR",
		Short: "Correct the pairs of a cheap forward model by a few pairs of a dear one",
		Long: `correct learns the difference of two forward models from the pairs that both datasets
have, and adds it to the other measurements of the dataset CHEAP. Pair i of both must have the same
field: make them with one seed and one prior. Pairs of DEAR keep their measurement. The result is a
file for csdm data import.

The table states how far the models are apart, and how far a corrected measurement is from the dear
model's, by cross-validation, for growing numbers of solves. If the last rows are alike, more solves
do not help; then the difference is not a smooth function of the cheap measurement. At least ` +
			fmt.Sprint(fidelity.LeastPairs) + ` pairs of
both models are needed, and at most ` + fmt.Sprint(fidelity.MostPairs) + ` are used.`,
		Example: "  csdm data correct cheap dear -o corrected.npz",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			cheap, err := dataset.Open(args[0])
			if err != nil {
				return err
			}
			defer cheap.Close()
			dear, err := dataset.Open(args[1])
			if err != nil {
				return err
			}
			defer dear.Close()
			models := fidelity.Models{Cheap: cheap, Dear: dear}
			r, err := fidelity.Correct(cmd.Context(), models, out, a.seed, a.overwrite)
			if err != nil {
				return err
			}
			return show.print(r, func(w io.Writer) {
				t := cli.NewTable(w, "dear solves", "models apart", "corrected", "±")
				for _, e := range r.Errors {
					t.Row(e.Solves, fmt.Sprintf("%.3g", e.Before), fmt.Sprintf("%.3g", e.After),
						fmt.Sprintf("%.2g", e.AfterError))
				}
				t.Flush()
				fmt.Fprintf(w, "root mean squares, %s; %s has %d pairs, %d of them solved by the "+
					"dear model\n", cheap.Spec().YUnit, out, r.Pairs, r.Solved)
			})
		},
	}
	output(cmd, &out, "file, .npz")
	show.of(a, cmd, "")
	return cmd
}
