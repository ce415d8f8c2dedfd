package fem

import (
	"context"
	"math"
	"testing"

	"csdm/internal/format"
	"csdm/mesh"
)

// reference opens a file of reference values, computed with FEniCS and PyTorch
// in float64.
func reference(t testing.TB, name string) func(string) []float64 {
	t.Helper()
	arrays, err := format.ReadNPZFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return func(key string) []float64 {
		a := arrays[key]
		if a == nil {
			t.Fatalf("%s has no %s", name, key)
		}
		return a.Float64()
	}
}

// distance returns the largest difference between a and b, relative to the
// largest |b|.
func distance(a, b []float64) float64 {
	worst, scale := 0.0, 0.0
	for i := range b {
		worst, scale = max(worst, math.Abs(a[i]-b[i])), max(scale, math.Abs(b[i]))
	}
	return worst / scale
}

// rms returns the root mean square of a − b relative to the root mean square of
// b.
func rms(a, b []float64) float64 {
	var d, s float64
	for i := range b {
		d += (a[i] - b[i]) * (a[i] - b[i])
		s += b[i] * b[i]
	}
	return math.Sqrt(d / s)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestPlaneStressReference compares with FEniCS on the same mesh. Only rounding
// differs, amplified by a condition number of about 1e5.
func TestPlaneStressReference(t *testing.T) {
	for name, size := range map[string]int{"plane_stress_28.npz": 28, "plane_stress_56.npz": 56,
		"phantom_56.npz": 56} {
		get := reference(t, name)
		m := mesh.Triangles(size, size, get("width")[0], get("height")[0])
		analysis := must[*Static](t)(NewPlaneStress(m,
			Compression(m, get("bottom")[0], get("top")[0])))
		ux, uy := make([]float64, m.Points()), make([]float64, m.Points())
		if err := analysis.NewSolver().SolveTo(ux, uy, get("mu")); err != nil {
			t.Fatal(err)
		}
		for key, got := range map[string][]float64{"ux": ux, "uy": uy} {
			if d := distance(got, get(key)); !(d < 1e-10) {
				t.Errorf("%s: %s differs by %.3g", name, key, d)
			}
		}
	}
}

// TestHelmholtzReference checks the same for the complex wave, on the same mesh
// as its reference.
func TestHelmholtzReference(t *testing.T) {
	get := reference(t, "helmholtz_80x96.npz")
	m := mesh.Triangles(96, 80, get("width")[0], get("height")[0])
	wave := Wave{Frequency: get("frequency")[0], Alpha: get("alpha")[0], Density: get("rho")[0]}
	h := must[*Helmholtz](t)(NewHelmholtz(m, wave, drivenRight(m, get("u_right")[0])))
	re, im := make([]float64, m.Points()), make([]float64, m.Points())
	if err := h.NewSolver().SolveTo(re, im, get("mu")); err != nil {
		t.Fatal(err)
	}
	for key, got := range map[string][]float64{"u_real": re, "u_imag": im} {
		if d := distance(got, get(key)); !(d < 1e-10) {
			t.Errorf("%s differs by %.3g", key, d)
		}
	}
}

// drivenRight fixes u on all four edges: value on the right edge with its
// corners, 0 on the others.
func drivenRight(m *mesh.Mesh, value float64) Dirichlet {
	var bc Dirichlet
	bc.Fix(m.Side(mesh.Right), 0, value)
	right := make(map[int32]bool)
	for _, p := range m.Side(mesh.Right) {
		right[p] = true
	}
	for _, side := range []int32{mesh.Bottom, mesh.Top, mesh.Left} {
		for _, p := range m.Side(side) {
			if !right[p] {
				bc = append(bc, Fixed{int(p), 0, 0})
			}
		}
	}
	return bc
}

// TestPlaneStrainReference refines the 16×16 cells of a mixed solution at ν =
// 0.49, whose own error is about 0.1 %. B-bar quadrilaterals are within half a
// percent on the original cells, and every refinement changes less than the
// previous one.
func TestPlaneStrainReference(t *testing.T) {
	get := reference(t, "plane_strain_q16.npz")
	moduli, want := get("E_cells"), get("u")
	var previous []float64
	change := math.Inf(1)
	for _, c := range []struct {
		refine int
		within float64
	}{{1, 0.006}, {2, 0.003}, {4, 0.002}} {
		n := 16 * c.refine
		m := mesh.Quads(n+1, n+1, 1, 1)
		cells := make([]float64, n*n)
		for k := range cells {
			cells[k] = moduli[(k/n/c.refine)*16+k%n/c.refine]
		}
		s := must[*Static](t)(NewStatic(m, PlaneStrain(get("nu")[0]),
			Compression(m, 0, get("top")[0])))
		ux, uy := make([]float64, m.Points()), make([]float64, m.Points())
		if err := s.NewSolver().SolveCellsTo(ux, uy, cells); err != nil {
			t.Fatal(err)
		}
		got := make([]float64, 0, len(want))
		for p := range 17 * 17 {
			at := (p/17)*c.refine*(n+1) + p%17*c.refine
			got = append(got, ux[at], uy[at])
		}
		if d := rms(got, want); !(d < c.within) {
			t.Errorf("%d×%d cells: differs by %.3g", n, n, d)
		}
		if previous != nil {
			d := rms(got, previous)
			if !(d < 0.6*change) {
				t.Errorf("%d×%d cells: changed by %.3g after %.3g", n, n, d, change)
			}
			change = d
		}
		previous = got
	}
}

// TestAxisymmetricReference follows the acoustic push of the dual-layer phantom
// through ten frames. The reference has quadratic elements. The difference
// grows with the path of the wave, because linear elements lag behind.
func TestAxisymmetricReference(t *testing.T) {
	get := reference(t, "axisym_dynamics.npz")
	const n, dt = 64, 5e-6
	scalar := func(key string) float64 { return get(key)[0] }
	m := mesh.Quads(n+1, n+1, scalar("R"), scalar("H"))
	var bc Dirichlet
	bc.Fix(m.Side(mesh.Left), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	f, s2, l1, l2 := scalar("F"), scalar("s2"), scalar("l1"), scalar("l2")
	push := func(b []float64, r, z float64) {
		b[0], b[1] = 0, f*math.Exp(-r*r/(2*l1*l1)-(z-s2)*(z-s2)/(2*l2*l2))
	}
	d := must[*Dynamics](t)(NewDynamics(m, Axisymmetric(scalar("nu")), scalar("rho"), push, bc,
		Newmark{0.25, 0.5, dt}))
	moduli := make([]float64, m.Cells())
	for c := range moduli {
		moduli[c] = scalar("E_bottom")
		if _, z := m.Center(c); z > scalar("interface") {
			moduli[c] = scalar("E_top")
		}
	}
	r, z := get("r"), get("z")
	var x, y []float64
	for i := range z {
		for j := range r {
			x, y = append(x, r[j]), append(y, z[i])
		}
	}
	to := must[*Interpolator](t)(NewInterpolator(m, x, y))
	want, frame := get("uz"), make([]float64, len(x))
	frames := 0
	err := d.NewSolver().Run(context.Background(), moduli, 220, pulse(40),
		func(step int, _, uz []float64) error {
			if step < 40 || step%20 != 0 {
				return nil
			}
			to.To(frame, uz)
			e := rms(frame, want[frames*len(x):][:len(x)])
			if !(e < 0.025) {
				t.Errorf("frame %d differs by %.3g", frames, e)
			}
			frames++
			return nil
		})
	if err != nil || frames != 10 {
		t.Fatalf("%d frames, error %v", frames, err)
	}
}

// pulse is one up to a step, one half in that step, and zero after it.
func pulse(last int) func(int) float64 {
	return func(step int) float64 {
		switch {
		case step < last:
			return 1
		case step == last:
			return 0.5
		}
		return 0
	}
}
