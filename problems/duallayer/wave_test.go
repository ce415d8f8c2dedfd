package duallayer

import (
	"context"
	"math"
	"testing"

	"csdm/fem"
	"csdm/internal/format"
	"csdm/mesh"
	"csdm/priors"
	"csdm/problems"
)

// distance returns the root mean square of a − b relative to the root mean
// square of b.
func distance(a, b []float64) float64 {
	d, s := 0.0, 0.0
	for i, v := range b {
		d += (a[i] - v) * (a[i] - v)
		s += v * v
	}
	return math.Sqrt(d / s)
}

func framesOf(t *testing.T, s settings, points mesh.Grid, specimen priors.Layers) []float64 {
	t.Helper()
	w, err := newWave(s, points)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, Frames*points.Rows*points.Cols)
	if err := w.newSolver().frames(y, specimen); err != nil {
		t.Fatal(err)
	}
	return y
}

// TestReference compares frames, including units, with results of quadratic
// elements in SI units from another program, with its ν of 0.45. The difference
// grows with the path of the wave, because linear elements lag behind, and is
// close to the limit in the last frame.
func TestReference(t *testing.T) {
	a, err := format.ReadNPZFile("testdata/axisym_dynamics.npz")
	if err != nil {
		t.Fatal(err)
	}
	scalar := func(name string) float64 { return a[name].Float64()[0] }
	r, z, want := a["r"].Float64(), a["z"].Float64(), a["uz"].Float64()
	s := settingsOf[fullGrid]
	s.PoissonRatio = scalar("nu")
	points := mesh.Grid{Rows: len(z), Cols: len(r), X0: 1e3 * r[0], Y0: 1e3 * z[0],
		DX: 1e3 * (r[1] - r[0]), DY: 1e3 * (z[1] - z[0])}
	got := framesOf(t, s, points, priors.Layers{Top: scalar("E_top") / 1e3,
		Bottom: scalar("E_bottom") / 1e3, Interface: 1e3 * scalar("interface")})
	n := len(r) * len(z)
	for i := range want {
		want[i] *= 1e3
	}
	for k := range Frames {
		if d := distance(got[k*n:(k+1)*n], want[k*n:(k+1)*n]); !(d < 0.025) {
			t.Errorf("frame %d differs by %.3g", k, d)
		}
	}
}

// TestForward computes the y of a pair again, with fem alone, in SI units, and
// with the definition of the blur. The interface lies on an edge of the mesh,
// so no cell is cut.
func TestForward(t *testing.T) {
	const n, cells, steps = tinyGrid, 48, 10
	p, err := New(problems.Options{Grid: n})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	const top, bottom, cut = 5.0, 12.0, 31 // kPa; cells below the interface
	x, got := make([]float64, n*n), make([]float64, Frames*n*n)
	if err := g.(*Generator).Simulate(x, got,
		[]float64{top, bottom, 4. * cut / cells, 1, 1, 0}); err != nil {
		t.Fatal(err)
	}

	m := mesh.Quads(cells+1, cells+1, 5e-3, 4e-3)
	var bc fem.Dirichlet
	bc.Fix(m.Side(mesh.Left), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	body := func(b []float64, r, z float64) {
		b[0], b[1] = 0, 5e5*math.Exp(-r*r/(2*0.2e-3*0.2e-3)-(z-2.6e-3)*(z-2.6e-3)/(2*0.6e-3*0.6e-3))
	}
	d, err := fem.NewDynamics(m, fem.Axisymmetric(0.495), 1000, body, bc,
		fem.Newmark{Beta: 0.25, Gamma: 0.5, Step: 1e-5})
	if err != nil {
		t.Fatal(err)
	}
	moduli := make([]float64, m.Cells())
	for c := range moduli {
		moduli[c] = bottom * 1e3
		if c/cells >= cut {
			moduli[c] = top * 1e3
		}
	}
	to, err := fem.NewGridInterpolator(m,
		mesh.Grid{Rows: n, Cols: n, DX: 3.9e-3 / (n - 1), DY: 3.9e-3 / (n - 1)})
	if err != nil {
		t.Fatal(err)
	}
	pulse := func(step int) float64 {
		switch {
		case step < 2*steps:
			return 1
		case step == 2*steps:
			return 0.5
		}
		return 0
	}
	var want []float64
	err = d.NewSolver().Run(context.Background(), moduli, 11*steps, pulse,
		func(step int, _, uz []float64) error {
			if step >= 2*steps && step%steps == 0 {
				frame := make([]float64, n*n)
				to.To(frame, uz)
				want = append(want, blurred(frame, n)...)
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i] *= 1e3
	}
	if len(want) != len(got) || !(distance(got, want) < 1e-9) {
		t.Errorf("%d values, off by %.3g", len(want), distance(got, want))
	}
}

// blurred is the blur by its definition: a double sum over the plane, which is
// mirrored about the outermost points.
func blurred(v []float64, n int) []float64 {
	sigma := 6 / (2 * math.Sqrt(2*math.Ln2)) * float64(n-1) / 63
	reach := int(math.Ceil(4 * sigma))
	mirror := func(i int) int {
		if i < 0 {
			i = -i
		}
		if i > n-1 {
			i = 2*(n-1) - i
		}
		return i
	}
	dst := make([]float64, len(v))
	for row := range n {
		for col := range n {
			sum := 0.0
			for i := -reach; i <= reach; i++ {
				for j := -reach; j <= reach; j++ {
					w := math.Exp(-float64(i*i+j*j) / (2 * sigma * sigma))
					sum += w
					dst[row*n+col] += w * v[mirror(row+i)*n+mirror(col+j)]
				}
			}
			dst[row*n+col] /= sum
		}
	}
	return dst
}

// TestImpulse pushes matter without stiffness: it moves by F τ²/(2ρ) during the
// push and keeps the velocity F τ/ρ. In space the error of the mesh is 2 % of
// the largest value. In time, average acceleration with ½ in the last of n
// steps Δt of the push gives
//
//	u_n = (n²/2 − ⅛) Δt² F/ρ,   v_{n+1} = n Δt F/ρ,
//
// so the first frame gives the velocity without an error of the mesh.
func TestImpulse(t *testing.T) {
	const n = tinyGrid
	p, err := New(problems.Options{Grid: n})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, n*n), make([]float64, Frames*n*n)
	if err := g.(*Generator).Simulate(x, y, []float64{1e-9, 1e-9, 3, 1, 1, 0}); err != nil {
		t.Fatal(err)
	}
	shape := make([]float64, n*n)
	for k := range shape {
		r, z := Window*float64(k%n)/(n-1), Window*float64(k/n)/(n-1)
		shape[k] = math.Exp(-r*r/(2*0.2*0.2) - (z-2.6)*(z-2.6)/(2*0.6*0.6))
	}
	shape = blurred(shape, n)
	const tau, f, rho = 0.2e-3, 5e5, 1000 // SI
	const first, each = 1e3 * f * tau * tau / 2 / rho, 1e3 * f * tau / rho * 0.1e-3
	steps := float64(pulseFrames * settingsOf[n].StepsPerFrame)
	for frame := range Frames {
		for k, s := range shape {
			u, way := y[frame*n*n+k], first+each*float64(frame)
			if math.Abs(u-way*s) > 0.02*way {
				t.Fatalf("frame %d, point %d: u_z of %v mm, want %v", frame, k, u, way*s)
			}
			if frame >= 2 {
				want := y[k] / (first * (1 - 0.25/(steps*steps))) * each * float64(frame-1)
				if d := u - y[n*n+k] - want; math.Abs(d) > 1e-6*way {
					t.Fatalf("frame %d, point %d: the way since frame 1 is off by %v of %v mm",
						frame, k, d, want)
				}
			}
		}
	}
}

// TestWaveSpeed follows the crest of u_z at the height of the push through
// specimens of one modulus. It must run at the speed of shear waves, √(μ/ρ),
// which depends neither on λ nor on the unit of E, except that it is about 10 %
// faster so close to the axis.
func TestWaveSpeed(t *testing.T) {
	const n = tinyGrid
	p, err := New(problems.Options{Grid: n})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, n*n), make([]float64, Frames*n*n)
	for _, modulus := range []float64{6, 15} {
		if err := g.(*Generator).Simulate(x, y,
			[]float64{modulus, modulus, 3, 1, 1, 0}); err != nil {
			t.Fatal(err)
		}
		// The crest is the vertex of the parabola through the largest value and
		// its neighbors.
		crest := func(frame int) float64 {
			line := y[frame*n*n+21*n:][:n] // z = 2.64 mm
			k := 1
			for i := 1; i < n-1; i++ {
				if line[i] > line[k] {
					k = i
				}
			}
			a, b, c := line[k-1], line[k], line[k+1]
			return (float64(k) + (a-c)/(2*(a-2*b+c))) * Window / (n - 1)
		}
		from, to := 4, 9
		speed := (crest(to) - crest(from)) / (FrameInterval * float64(to-from))
		want := math.Sqrt(modulus / (2 * (1 + PoissonRatio)) / Density)
		t.Logf("E = %v kPa: crest at %.3f … %.3f mm, %.3f mm/ms, √(μ/ρ) is %.3f", modulus,
			crest(from), crest(to), speed, want)
		if math.Abs(speed/want-1) > 0.15 {
			t.Errorf("E = %v kPa: a speed of %.3f mm/ms, want %.3f", modulus, speed, want)
		}
	}
}

// TestCutCells compares the rule for cells that the interface cuts with the
// arithmetic mean, by their errors relative to a mesh of half the spacing,
// which the interface does not cut.
func TestCutCells(t *testing.T) {
	points := mesh.Grid{Rows: 16, Cols: 16, DX: 0.25, DY: 0.25}
	specimen := priors.Layers{Top: 3, Bottom: 20, Interface: 2.75} // 27½ cells of 40, 55 of 80
	s := settings{Cells: 40, StepsPerFrame: 5, PoissonRatio: PoissonRatio}
	w, err := newWave(s, points)
	if err != nil {
		t.Fatal(err)
	}
	fine := framesOf(t, settings{Cells: 80, StepsPerFrame: 5, PoissonRatio: PoissonRatio}, points,
		specimen)
	ours, arithmetic, moved := make([]float64, len(fine)), make([]float64, len(fine)),
		make([]float64, len(fine))
	solver := w.newSolver()
	if err := solver.frames(ours, specimen); err != nil {
		t.Fatal(err)
	}
	// A layer of the height of one cell, with the mean of the two moduli.
	solver.setModuli(specimen)
	for c := range solver.moduli {
		if c/s.Cells == 27 {
			solver.moduli[c] = (specimen.Top + specimen.Bottom) / 2
		}
	}
	if err := solver.run(arithmetic); err != nil {
		t.Fatal(err)
	}
	if a, b := distance(ours, fine), distance(arithmetic, fine); !(a < 0.05 && a < b/2) {
		t.Errorf("cut cells leave an error of %.3g, the arithmetic mean %.3g", a, b)
	}
	specimen.Interface += 1e-6
	if err := solver.frames(moved, specimen); err != nil {
		t.Fatal(err)
	}
	if d := distance(moved, ours); !(d > 0 && d < 1e-5) {
		t.Errorf("moving the interface by 1e-6 mm moves y by %.3g", d)
	}
}
