package main

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"csdm/fem"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/mesh"
)

// axisymDynamicsCommand integrates a wave in two layers. Newmark's β = ¼ and γ
// = ½ make the method unconditionally stable and of second order, without
// numerical damping. Times become whole numbers of steps, and frame k is at
// step first + k·every. A cell has the modulus of the layer which holds its
// center, so that the interface follows the mesh. The force is 1 before the
// end of the pulse, ½ at its end and 0 after: the trapezoidal rule in time then
// integrates a pulse of exactly the given length.
func (a *app) axisymDynamicsCommand() *cobra.Command {
	var (
		out                            string
		eTop, eBottom, height          float64
		nu, dt, density, radius, depth float64
		force, l1, l2, center          float64
		pulse, first, every            float64
		frames, cells, points          int
		extent                         float64
	)
	cmd := &cobra.Command{
		Use:   "axisym-dynamics",
		Short: "Axisymmetric elastodynamics of two layers under a pulse: uz (frame, z, r), SI",
		Long: `axisym-dynamics integrates ρ ü = ∇·σ + b from rest by Newmark's method on B-bar
quadrilaterals. u_r is 0 on the axis, the bottom is fixed, and top and side are free. The body
force points along +z and is F exp(−r²/(2 l₁²) − (z − s)²/(2 l₂²)) during the pulse. It is
halved in the step that ends the pulse. The defaults are the values of the dual-layer problem
(Section 4.2.2).`,
		Example: "  csdm fem axisym-dynamics --set e_top=4000 --set e_bottom=12000 " +
			"--set interface=0.0028 -o frames.npz",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, c := range []struct {
				name string
				v    float64
			}{{"e-top", eTop}, {"e-bottom", eBottom}, {"dt", dt}, {"rho", density},
				{"radius", radius}, {"height", depth}, {"l1", l1}, {"l2", l2}, {"pulse", pulse},
				{"every", every}, {"extent", extent}} {
				if !(c.v > 0) || math.IsInf(c.v, 0) {
					return cli.Usage(fmt.Errorf("--%s is %g; it must be positive", c.name,
						c.v))
				}
			}
			if !(nu > -1 && nu < 0.5) {
				return cli.Usage(fmt.Errorf("--nu is %g; it must lie in (−1, 0.5)", nu))
			}
			if frames < 1 || frames > 10_000 || cells < 64 || cells > 1024 || points < 2 ||
				points > 4096 || extent > radius || extent > depth {
				return cli.Usage(fmt.Errorf("--frames 1 … 10000, --cells 64 … 1024, --points 2 … " +
					"4096 and --extent within the specimen are expected"))
			}
			steps := func(t float64) int { return int(math.Round(t / dt)) }
			pulseSteps, firstStep, stride := steps(pulse), steps(first), steps(every)
			if pulseSteps < 1 || firstStep < 1 || stride < 1 {
				return cli.Usage(fmt.Errorf("--dt %g is longer than the pulse, the first frame "+
					"or the time between frames", dt))
			}

			m := mesh.Quads(cells+1, cells+1, radius, depth)
			var bc fem.Dirichlet
			bc.Fix(m.Side(mesh.Left), 0, 0)
			bc.Fix(m.Side(mesh.Bottom), 0, 0)
			bc.Fix(m.Side(mesh.Bottom), 1, 0)
			body := func(b []float64, r, z float64) {
				b[0], b[1] = 0, force*math.Exp(-r*r/(2*l1*l1)-(z-center)*(z-center)/(2*l2*l2))
			}
			analysis, err := fem.NewDynamics(m, fem.Axisymmetric(nu), density, body, bc,
				fem.Newmark{Beta: 0.25, Gamma: 0.5, Step: dt})
			if err != nil {
				return femError(err)
			}
			moduli := make([]float64, m.Cells())
			for c := range moduli {
				moduli[c] = eBottom
				if _, z := m.Center(c); z > height {
					moduli[c] = eTop
				}
			}
			r, z, t := make([]float64, points), make([]float64, points), make([]float64, frames)
			for i := range points {
				r[i] = extent * float64(i) / float64(points-1)
				z[i] = r[i]
			}
			var px, py []float64
			for i := range points {
				for j := range points {
					px, py = append(px, r[j]), append(py, z[i])
				}
			}
			to, err := fem.NewInterpolator(m, px, py)
			if err != nil {
				return femError(err)
			}
			uz := make([]float64, frames*points*points)
			amplitude := func(step int) float64 {
				switch {
				case step < pulseSteps:
					return 1
				case step == pulseSteps:
					return 0.5
				}
				return 0
			}
			err = analysis.NewSolver().Run(cmd.Context(), moduli, firstStep+(frames-1)*stride,
				amplitude, func(step int, _, u []float64) error {
					if k := step - firstStep; k >= 0 && k%stride == 0 {
						k /= stride
						to.To(uz[k*points*points:(k+1)*points*points], u)
						t[k] = float64(step) * dt
					}
					return nil
				})
			if err != nil && cmd.Context().Err() != nil {
				return err
			}
			return a.solution(out, err, format.Named{Name: "uz",
				Array: format.Array64(uz, frames, points, points)},
				format.Named{Name: "r", Array: format.Array64(r, points)},
				format.Named{Name: "z", Array: format.Array64(z, points)},
				format.Named{Name: "t", Array: format.Array64(t, frames)})
		},
	}
	f := cmd.Flags()
	number(cmd, &eTop, "e-top", 0, "Young's modulus of the top layer in Pa")
	number(cmd, &eBottom, "e-bottom", 0, "Young's modulus of the bottom layer in Pa")
	number(cmd, &height, "interface", 0, "height of the interface in m")
	number(cmd, &nu, "nu", 0.495, "Poisson's ratio")
	number(cmd, &dt, "dt", 5e-6, "time step in s")
	number(cmd, &density, "rho", 1000, "density in kg/m³")
	number(cmd, &radius, "radius", 0.005, "radius of the specimen in m")
	number(cmd, &depth, "height", 0.004, "height of the specimen in m")
	number(cmd, &force, "force", 5e5, "body force F in N/m³")
	number(cmd, &l1, "l1", 0.2e-3, "radial width l₁ of the force in m")
	number(cmd, &l2, "l2", 0.6e-3, "axial width l₂ of the force in m")
	number(cmd, &center, "center", 2.6e-3, "height of the force's center in m")
	number(cmd, &pulse, "pulse", 200e-6, "duration of the force in s")
	number(cmd, &first, "first", 200e-6, "time of the first frame in s")
	number(cmd, &every, "every", 100e-6, "time between frames in s")
	f.IntVar(&frames, "frames", 10, "number of frames")
	f.IntVar(&cells, "cells", 64, "cells per side of the mesh")
	f.IntVar(&points, "points", 64, "points per side of the result")
	number(cmd, &extent, "extent", 3.9e-3, "side of the window of the result in m")
	f.Func("config", "settings as --set takes them, in a TOML `FILE`", func(path string) error {
		var values map[string]any
		if err := cli.ReadConfig(path, &values); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if err := f.Set("set", fmt.Sprintf("%s=%v", name, values[name])); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		return nil
	})
	setFlag(cmd, nil, "e_top=4000")
	demote(cmd, "", "e-top", "e-bottom", "interface", "nu", "dt", "rho", "radius", "height",
		"force", "l1", "l2", "center", "pulse", "first", "every",
		"frames", "cells", "points", "extent")
	output(cmd, &out, "result, .npz")
	required(cmd, "e-top", "e-bottom", "interface")
	a.solved.of(a, cmd, "")
	return cmd
}
