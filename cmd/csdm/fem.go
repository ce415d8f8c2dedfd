package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/fem"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/mesh"
)

// femCommand groups the solvers. Each takes a field from a file, solves once,
// and writes the result with the shape of the nodes.
func (a *app) femCommand() *cobra.Command {
	return parent("fem", "Solve one forward problem by finite elements",
		a.planeStressCommand(), a.helmholtzCommand(), a.planeStrainCommand(),
		a.axisymDynamicsCommand())
}

// fieldFlags holds the flags for a modulus field on a rectangle and for the
// result.
type fieldFlags struct {
	path, out     string
	width, height float64
}

// add adds the flags for the file of the field and for the result.
func (f *fieldFlags) add(cmd *cobra.Command, name, usage string) {
	cmd.Flags().StringVar(&f.path, name, "", usage+": .npy, .npz[:name] or .csv")
	output(cmd, &f.out, "result, .npz")
	required(cmd, name)
}

// addSize adds the flags for the size of the rectangle.
func (f *fieldFlags) addSize(cmd *cobra.Command) {
	number(cmd, &f.width, "width", 1, "width of the rectangle")
	number(cmd, &f.height, "height", 1, "height of the rectangle")
}

// read reads the field. A field smaller than least×least is an error.
func (f *fieldFlags) read(least int) (values []float64, rows, cols int, err error) {
	array, err := format.ReadArrayFile(f.path)
	if err != nil {
		return nil, 0, 0, err
	}
	if err := errors.Join(array.CheckShape(-1, -1), array.CheckFinite()); err != nil {
		return nil, 0, 0, cli.Data(fmt.Errorf("%s: %w", f.path, err))
	}
	rows, cols = array.Shape[0], array.Shape[1]
	if rows < least || cols < least {
		return nil, 0, 0, cli.Data(fmt.Errorf("%s: a field of %d×%d is too small", f.path, rows,
			cols))
	}
	return array.Float64(), rows, cols, nil
}

// triangles returns a mesh of the rectangle with a node for each value of the
// field.
func (f *fieldFlags) triangles(rows, cols int) (*mesh.Mesh, error) {
	if !(f.width > 0 && f.height > 0) {
		return nil, cli.Usage(fmt.Errorf("--width is %g and --height is %g; both must be positive",
			f.width, f.height))
	}
	return mesh.Triangles(rows, cols, f.width, f.height), nil
}

// femError gives the code of wrong usage to the errors of package fem that are
// due to its settings, which come from flags.
func femError(err error) error {
	if err = withCode(context.Background(), err, false); cli.Code(err) == cli.ExitSoftware {
		return cli.Usage(err)
	}
	return err
}

// solution writes the fields of a solution and prints the name of the file.
func (a *app) solution(out string, err error, arrays ...format.Named) error {
	return a.solutionTo(out, err, nil, arrays...)
}

// solutionTo is solution, and also prints the residual of the equations unless
// it is nil.
func (a *app) solutionTo(out string, err error, residual *float64, arrays ...format.Named) error {
	if err != nil {
		return femError(err)
	}
	if err := a.writeNPZ(out, arrays...); err != nil {
		return err
	}
	names := make([]string, len(arrays))
	for i, n := range arrays {
		names[i] = n.Name
	}
	return a.solved.print(femResult{out, names, residual}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %v\n", out, names)
		if residual != nil {
			fmt.Fprintf(w, "residual %.1e of the right-hand side\n", *residual)
		}
	})
}

// planeStressCommand solves incompressible plane stress under compression. The
// equation is homogeneous in μ: a modulus in any unit gives the same
// displacements.
func (a *app) planeStressCommand() *cobra.Command {
	var f fieldFlags
	var bottom, top float64
	cmd := &cobra.Command{
		Use:   "plane-stress",
		Short: "Incompressible plane stress: ux, uy on the nodes (units cancel)",
		Long: "plane-stress solves ∇·σ = 0, σ = 2μ(ε + tr(ε)I). u_y is given on bottom and top, " +
			"and u_x is 0 in the lower left corner.",
		Example: "  csdm fem plane-stress --mu fem/testdata/plane_stress_28.npz:mu --set " +
			"top=-0.01 -o u.npz",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			mu, rows, cols, err := f.read(2)
			if err != nil {
				return err
			}
			m, err := f.triangles(rows, cols)
			if err != nil {
				return err
			}
			analysis, err := fem.NewPlaneStress(m, fem.Compression(m, bottom, top))
			if err != nil {
				return femError(err)
			}
			ux, uy := make([]float64, len(mu)), make([]float64, len(mu))
			err = analysis.NewSolver().SolveTo(ux, uy, mu)
			return a.solution(f.out, err, format.Named{Name: "ux",
				Array: format.Array64(ux, rows, cols)},
				format.Named{Name: "uy", Array: format.Array64(uy, rows, cols)})
		},
	}
	f.add(cmd, "mu", "shear modulus on the nodes (H,W)")
	f.addSize(cmd)
	number(cmd, &bottom, "bottom", 0, "u_y of the bottom edge")
	number(cmd, &top, "top", -0.01, "u_y of the top edge")
	setFlag(cmd, nil, "top=-0.02")
	demote(cmd, "", "width", "height", "bottom", "top")
	a.solved.of(a, cmd, "")
	return cmd
}

// helmholtzCommand solves for a shear wave that enters at the right edge.
// Corners belong to the right edge: its value wins over the 0 of bottom and
// top. Near a resonance a small error of the right-hand side is amplified
// without bound; the residual shows this, and a solution above 10⁻¹² is
// refused.
func (a *app) helmholtzCommand() *cobra.Command {
	var f fieldFlags
	var wave fem.Wave
	var right float64
	cmd := &cobra.Command{
		Use:   "helmholtz",
		Short: "Time-harmonic shear wave: u_real, u_imag on the nodes (SI)",
		Long: `helmholtz solves −ω²u − ∇·[(μ/ρ)(1 + iαω)∇u] = 0 with u given on the right edge and
its corners, and 0 on the other edges. It prints the residual of the solution relative to the
right-hand side. A solution with a residual above 1e-12 is refused, because the frequency is at
a resonance.`,
		Example: "  csdm fem helmholtz --mu fem/testdata/helmholtz_80x96.npz:mu --width 0.0044 " +
			"--set height=0.0053 --set frequency=2500 -o wave.npz",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			mu, rows, cols, err := f.read(2)
			if err != nil {
				return err
			}
			m, err := f.triangles(rows, cols)
			if err != nil {
				return err
			}
			var bc fem.Dirichlet
			onRight := map[int32]bool{}
			for _, p := range m.Side(mesh.Right) {
				onRight[p] = true
			}
			bc.Fix(m.Side(mesh.Right), 0, right)
			for _, side := range []int32{mesh.Bottom, mesh.Top, mesh.Left} {
				for _, p := range m.Side(side) {
					if !onRight[p] {
						bc.Fix([]int32{p}, 0, 0)
					}
				}
			}
			analysis, err := fem.NewHelmholtz(m, wave, bc)
			if err != nil {
				return femError(err)
			}
			re, im := make([]float64, len(mu)), make([]float64, len(mu))
			solver := analysis.NewSolver()
			err = solver.SolveTo(re, im, mu)
			residual := solver.Residual()
			return a.solutionTo(f.out, err, &residual,
				format.Named{Name: "u_real", Array: format.Array64(re, rows, cols)},
				format.Named{Name: "u_imag", Array: format.Array64(im, rows, cols)})
		},
	}
	f.add(cmd, "mu", "shear modulus in Pa on the nodes (H,W)")
	f.addSize(cmd)
	number(cmd, &wave.Frequency, "frequency", 2500, "frequency in Hz")
	number(cmd, &wave.Alpha, "alpha", 5e-5, "dissipation α in s")
	number(cmd, &wave.Density, "rho", 1000, "density in kg/m³")
	number(cmd, &right, "u-right", 2e-5, "u on the right edge in m")
	setFlag(cmd, nil, "frequency=3000")
	demote(cmd, "", "width", "height", "frequency", "alpha", "rho", "u-right")
	a.solved.of(a, cmd, "")
	return cmd
}

// planeStrainCommand solves plane strain by B-bar elements, which do not lock
// as ν → ½: volumetric strains are averaged over each cell.
func (a *app) planeStrainCommand() *cobra.Command {
	var f fieldFlags
	var nu, top float64
	cmd := &cobra.Command{
		Use:   "plane-strain",
		Short: "Plane strain of the unit square by B-bar quadrilaterals: ux, uy on the nodes",
		Long: "plane-strain takes one Young's modulus per square cell (n,n). u_y is 0 on the " +
			"bottom and given by top on the top, and the lower left corner is fixed.",
		Example: "  csdm fem plane-strain --e fem/testdata/plane_strain_q16.npz:E_cells --set " +
			"nu=0.49 -o strain.npz",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			e, rows, cols, err := f.read(1)
			if err != nil {
				return err
			}
			if rows != cols {
				return cli.Data(fmt.Errorf("%s: the field must be square (n,n), and it is %d×%d",
					f.path, rows, cols))
			}
			if !(nu > -1 && nu < 0.5) {
				return cli.Usage(fmt.Errorf("--nu is %g; it must lie in (−1, 0.5)", nu))
			}
			m := mesh.Quads(rows+1, cols+1, 1, 1)
			analysis, err := fem.NewStatic(m, fem.PlaneStrain(nu), fem.Compression(m, 0, top))
			if err != nil {
				return femError(err)
			}
			n := (rows + 1) * (cols + 1)
			ux, uy := make([]float64, n), make([]float64, n)
			err = analysis.NewSolver().SolveCellsTo(ux, uy, e)
			return a.solution(f.out, err, format.Named{Name: "ux",
				Array: format.Array64(ux, rows+1, cols+1)},
				format.Named{Name: "uy", Array: format.Array64(uy, rows+1, cols+1)})
		},
	}
	f.add(cmd, "e", "Young's modulus of the cells (n,n)")
	number(cmd, &nu, "nu", 0.49, "Poisson's ratio")
	number(cmd, &top, "top", -0.01, "u_y of the top edge")
	setFlag(cmd, nil, "nu=0.45")
	demote(cmd, "", "nu", "top")
	a.solved.of(a, cmd, "")
	return cmd
}
