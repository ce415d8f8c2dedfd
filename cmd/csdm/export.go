package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/mesh"
	"csdm/problems"
	"csdm/problems/builtin"
)

func (a *app) exportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export RESULT.npz",
		Short: "Write the fields of a result as VTK image data, for ParaView",
		Long: `export writes each field (H,W) of a result file as a VTK image (.vti): mean, standard
deviation, quantiles, in physical units where the file has them. The image has the size of the
specimen in the problem's unit of length.`,
		Example: "  csdm export finished/cases/000/posterior.npz -o posterior.vti",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := infer.ReadSummary(args[0], "", "")
			if err != nil {
				return err
			}
			arrays, err := format.ReadNPZFile(args[0])
			if err != nil {
				return err
			}
			grid, unit, err := lattice(s)
			if err != nil {
				return err
			}
			fields := fieldsOf(arrays, s.Rows, s.Cols)
			err = a.write(out, func(w io.Writer) error { return mesh.WriteVTI(w, grid, fields...) })
			if err != nil {
				return err
			}
			names := make([]string, len(fields))
			for k, f := range fields {
				names[k] = f.Name
			}
			v := map[string]any{"out": out, "fields": names, "length_unit": unit}
			return a.result(v, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d fields of %d×%d points, lengths in %s\n", out, len(fields),
					s.Rows, s.Cols, unit)
			})
		},
	}
	output(cmd, &out, "VTK image data, .vti")
	return cmd
}

// lattice returns the points of a result's field. A result that does not name
// its problem gets points at unit distance.
func lattice(s *infer.Summary) (g mesh.Grid, unit string, err error) {
	g, unit = mesh.Grid{Rows: s.Rows, Cols: s.Cols, DX: 1, DY: 1}, "pixels"
	if s.Origin == nil || s.Origin.Problem == "" || min(s.Rows, s.Cols) < 2 {
		return g, unit, nil
	}
	p, err := builtin.Lookup(s.Origin.Problem, problems.Options{Grid: min(s.Rows, s.Cols)})
	if err != nil {
		return g, "", cli.Data(fmt.Errorf("the specimen's size is unknown: %w", err))
	}
	spec := p.Spec()
	g.DX, g.DY = spec.Width/float64(s.Cols-1), spec.Height/float64(s.Rows-1)
	return g, spec.LengthUnit, nil
}

// fieldsOf returns the arrays of shape (rows, cols), sorted by name. An array
// with a physical twin is left out.
func fieldsOf(arrays map[string]*format.Array, rows, cols int) (out []mesh.Field) {
	for name, a := range arrays {
		_, twin := arrays[name+"_physical"]
		if !twin && slices.Equal(a.Shape, []int{rows, cols}) {
			out = append(out, mesh.Field{Name: name, Components: 1, Data: a.Float64()})
		}
	}
	slices.SortFunc(out, func(a, b mesh.Field) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}
