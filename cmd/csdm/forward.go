package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/measured"
)

// forwardCommand applies the forward model to a field. The result has no noise:
// csdm data and csdm sample add it where it belongs.
func (a *app) forwardCommand() *cobra.Command {
	var (
		problem problemFlags
		x       mapFlags
		out     string
		show    printer[*forwardResult]
	)
	cmd := &cobra.Command{
		Use:   "forward",
		Short: "Compute the noise-free measurement of a field in physical units",
		Long: "forward computes the noise-free measurement of a field, both in physical " +
			"units.\n\n" + takingHelp,
		Example: "  csdm forward --problem quasistatic --x fem/testdata/plane_stress_56.npz:mu " +
			"-o y.npy",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := problem.resolve()
			if err != nil {
				return err
			}
			spec := p.Spec()
			field, err := a.take(&x, measured.FieldGrid(spec))
			if err != nil {
				return err
			}
			y, err := measured.Forward(p, field.Values)
			if err != nil {
				return err
			}
			shape := spec.YShape()
			own := make([]float64, shape[0]*spec.YPlane())
			spec.FromNodes(own, y)
			if err := a.writeNPY(out, own, shape...); err != nil {
				return err
			}
			return show.print(&forwardResult{out, spec.YUnit}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %s in %s, %d×%d×%d\n", out, spec.YName, spec.YUnit,
					shape[0], shape[1], shape[2])
			})
		},
	}
	problem.add(cmd)
	x.add(cmd, "x", "field (H,W) in physical units")
	setFlag(cmd, nil, "map.unit=kPa")
	demote(cmd, "", "noise")
	output(cmd, &out, "measurement (C,H,W), .npy")
	show.of(a, cmd, "")
	return cmd
}
