package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/mesh"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
)

func (a *app) exportCommand() *cobra.Command {
	var out string
	var vtk printer[*vtkResult]
	var netCDF printer[*netCDFResult]
	cmd := &cobra.Command{
		Use:   "export RESULT.npz",
		Short: "Write a result as VTK image data (.vti) for ParaView or as NetCDF (.nc) for xarray",
		Long: `export writes a result file for other programs. The end of the name of the new file
chooses the format:

  .vti  VTK image data for ParaView: each field (H,W), such as mean, standard deviation and
        quantiles
  .nc   NetCDF-3 for xarray and ArviZ: fields, draws of the field and of the physical quantities,
        with named axes, coordinates, units and provenance

Values are in physical units where the file has them, and lengths in the problem's unit.`,
		Example: "  csdm export finished/cases/000/posterior.npz -o posterior.nc",
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
			grid, unit, spec, err := lattice(s)
			if err != nil {
				return err
			}
			if o := s.Origin; spec == nil && o != nil && o.Problem != "" {
				a.console.note("the file does not state the size of " + o.Problem +
					": coordinates are the numbers of rows and columns")
			}
			switch filepath.Ext(out) {
			case ".vti":
			case ".nc":
				return a.exportNetCDF(&netCDF, out, arrays, s, spec)
			default:
				return cli.Usage(fmt.Errorf("-o %s: the name must end with .vti or .nc, which "+
					"chooses the format", out))
			}
			fields := fieldsOf(arrays, s)
			err = a.write(out, func(w io.Writer) error { return mesh.WriteVTI(w, grid, fields...) })
			if err != nil {
				return err
			}
			names := make([]string, len(fields))
			for k, f := range fields {
				names[k] = f.Name
			}
			return vtk.print(&vtkResult{out, names, unit}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d fields of %d×%d points, lengths in %s\n", out, len(fields),
					s.Rows, s.Cols, unit)
			})
		},
	}
	output(cmd, &out, "VTK image data (.vti) or NetCDF (.nc)")
	vtk.of(a, cmd, "to .vti")
	netCDF.of(a, cmd, "to .nc")
	return cmd
}

// exportNetCDF writes a result as NetCDF.
func (a *app) exportNetCDF(show *printer[*netCDFResult], out string,
	arrays map[string]*format.Array, s *infer.Summary, spec *problems.Spec) error {
	attributes, variables, err := infer.NetCDF(arrays, s, spec)
	if err != nil {
		return err
	}
	if err := a.write(out, func(w io.Writer) error {
		return format.WriteNetCDF(w, attributes, variables)
	}); err != nil {
		return err
	}
	names := make([]string, len(variables))
	for k, v := range variables {
		names[k] = v.Name
	}
	return show.print(&netCDFResult{out, names}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s\n", out, strings.Join(names, ", "))
	})
}

// lattice returns the points of a result's field, and its problem. A result
// that names no built-in problem gets points at unit distance, and no problem.
func lattice(s *infer.Summary) (g mesh.Grid, unit string, spec *problems.Spec, err error) {
	g, unit = mesh.Grid{Rows: s.Rows, Cols: s.Cols, DX: 1, DY: 1}, "pixels"
	if s.Origin == nil || s.Origin.Problem == "" || min(s.Rows, s.Cols) < 2 {
		return g, unit, nil, nil
	}
	p, err := builtin.Lookup(s.Origin.Problem, problems.Options{Grid: min(s.Rows, s.Cols)})
	if _, ok := errors.AsType[*builtin.UnknownError](err); ok { // a problem of one's own
		return g, unit, nil, nil
	}
	if err != nil {
		return g, "", nil, cli.Data(fmt.Errorf("the specimen's size is unknown: %w", err))
	}
	spec = p.Spec()
	g.DX, g.DY = spec.Width/float64(s.Cols-1), spec.Height/float64(s.Rows-1)
	return g, spec.LengthUnit, spec, nil
}

// fieldsOf returns the arrays of the shape of a field, sorted by name. An array
// with a physical twin is left out. An array of several fields gives one for
// each.
func fieldsOf(arrays map[string]*format.Array, s *infer.Summary) (out []mesh.DataArray) {
	shape := []int{s.Rows, s.Cols}
	var several []nn.Field
	if s.Origin != nil && len(s.Origin.Fields) > 0 {
		several = s.Origin.Fields
		shape = append([]int{len(several)}, shape...)
	}
	for name, a := range arrays {
		_, twin := arrays[name+"_physical"]
		if twin || !slices.Equal(a.Shape, shape) {
			continue
		}
		if several == nil {
			out = append(out, mesh.DataArray{Name: name, Components: 1, Data: a.Float64()})
		}
		for k, f := range several {
			out = append(out, mesh.DataArray{Name: name + " of " + f.Name, Components: 1,
				Data: a.Float64()[k*s.Rows*s.Cols:][:s.Rows*s.Cols]})
		}
	}
	slices.SortFunc(out, func(a, b mesh.DataArray) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}
