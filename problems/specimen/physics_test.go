package specimen_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"
	"testing"

	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/problemstest"
)

const cylinder = `
name = "cylinder"
grid = { rows = 10, cols = 12, width = 4, height = 3, unit = "mm" }
physics = { kind = "axisymmetric", nu = 0.45 }
edges = { bottom = 0.0, top = -0.1 }
prior = { x = [1, 3], y = 1.5, radius = 0.8, ratio = [2, 6], background = 5 }
noise = { std = 0.001 }
measurement = { components = ["ux", "uy"] }
`

const shear = `
name = "wave"
grid = { rows = 10, cols = 12, width = 20, height = 15, unit = "mm" }
physics = { kind = "helmholtz", frequency = 60, rho = 1e-6, alpha = 4e-4, refine = 2 }
prior = { x = [6, 14], y = 7, radius = 3, ratio = [2, 4], background = [2, 4] }
noise = { std = 0.001 }
[edges]
left = 0.1
right = "fixed"
`

// TestPhysics runs the conformance suite of problems on each equation, on
// meshes with and without a hole, and for strains.
func TestPhysics(t *testing.T) {
	strains := `measurement = { components = ["exx", "eyy", "exy"] }`
	for name, text := range map[string]string{
		"axisymmetric": cylinder,
		"hollow":       strings.Replace(cylinder, "nu =", `inner = 2, mesh = "quads", nu =`, 1),
		"hoop": strings.Replace(cylinder, `["ux", "uy"]`, `["ett", "eyy"]`,
			1),
		"wave":    shear,
		"strains": square(12, threeLayers) + "\n" + strains,
	} {
		t.Run(name, func(t *testing.T) {
			problemstest.Problem(t, problemstest.Case{
				New: func(o problems.Options) (problems.Problem, error) {
					return tryRead(t, text, o)
				},
			})
		})
	}
}

// forwardOf returns the measurement of a uniform field of modulus 3.
func forwardOf(t *testing.T, text string) []float64 {
	t.Helper()
	p := read(t, text, problems.Options{})
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, p.Spec().YLen())
	if err := g.(problems.Forwarder).Forward(y, slices.Repeat([]float64{3},
		p.Spec().XLen())); err != nil {
		t.Fatal(err)
	}
	return y
}

// worstOn returns the largest difference of planes on an n×n grid over a square
// of side 2 from functions of the place.
//
// Plane c of y is compared with function c.
func worstOn(y []float64, n int, want ...func(x, y float64) float64) (most float64) {
	for c, f := range want {
		for i := range n * n {
			v := y[c*n*n+i] - f(2*float64(i%n)/float64(n-1), 2*float64(i/n)/float64(n-1))
			most = max(most, math.Abs(v))
		}
	}
	return most
}

// still is the displacement of a specimen at rest.
func still(float64, float64) (ux, uy float64) { return 0, 0 }

// TestAxisymmetricPatch moves the edges as a uniform radial and axial strain,
// which then holds inside. On the axis the left edge moves by itself.
//
// With u_r = 0.07 r, where r is the distance from the axis, the radial and the
// hoop strain u_r/r are both 0.07, so that elements of first order must
// reproduce the field. A hoop strain with the distance from the left edge
// instead of the axis would not be constant.
func TestAxisymmetricPatch(t *testing.T) {
	for _, mesh := range []string{"quads", "crossed"} {
		for _, inner := range []float64{0, 1.5} {
			ur := func(x, _ float64) float64 { return 0.07 * (x + inner) }
			uz := func(_, y float64) float64 { return 0.02 - 0.13*y }
			names := []string{"bottom", "top", "right"}
			if inner > 0 {
				names = append(names, "left")
			}
			whole := allMeasured(9, fmt.Sprintf(`kind = "axisymmetric", nu = 0.45, mesh = %q, `+
				`inner = %v`, mesh, inner), still)
			text, _, _ := strings.Cut(whole, "[edges]")
			text += measuredEdges(9, names, func(x, y float64) (float64, float64) {
				return ur(x, y), uz(x, y)
			})
			if e := worstOn(forwardOf(t, text), 9, ur, uz); e > 1e-14 {
				t.Errorf("%s, inner radius %v: an error of %v", mesh, inner, e)
			}
		}
	}
}

// TestAxis checks that nothing moves away from the axis.
func TestAxis(t *testing.T) {
	p := read(t, cylinder, problems.Options{})
	_, y := pair(t, p, 0)
	for row := range 10 {
		if y[row*12] != 0 || y[row*12+11] == 0 {
			t.Errorf("u_r of row %d: %v on the axis, %v on the rim", row, y[row*12], y[row*12+11])
		}
	}
}

// TestCylinder compares with a thick-walled cylinder under pressure from
// outside (Lamé 1852): u_r = A r + B/r. The wall at r = 1 is free, σ_rr = 0, so
// that B = A/(1 − 2ν) with ε_zz = 0. At r = 3 it moves by −0.1.
//
// With ν = 0.49 elements that lock would be too stiff by far; the limit of 10⁻⁴
// excludes this on both meshes.
func TestCylinder(t *testing.T) {
	for _, c := range []struct {
		mesh string
		nu   float64
		most float64 // error at 17 × 17 nodes, of 0.1
	}{
		{"quads", 0.3, 1e-4}, {"crossed", 0.3, 1e-4},
		{"quads", 0.49, 1e-4}, {"crossed", 0.49, 1e-4},
	} {
		b := 1 / (1 - 2*c.nu)
		a := -0.1 / (3 + b/3)
		ur := func(x, _ float64) float64 { return a*(x+1) + a*b/(x+1) }
		errorOf := func(n int) float64 {
			return worstOn(forwardOf(t, fmt.Sprintf(`
name = "cylinder"
grid = { rows = %d, cols = %[1]d, width = 2, height = 2, unit = "mm" }
physics = { kind = "axisymmetric", nu = %v, inner = 1, mesh = %q }
edges = { bottom = 0.0, top = 0.0, right = -0.1 }
prior = { x = 1, y = 1, radius = 0.3, ratio = [1, 2], background = 3 }
noise = { std = 0.001 }
measurement = { components = ["ux"] }`, n, c.nu, c.mesh)), n, ur)
		}
		coarse, fine := errorOf(9), errorOf(17)
		if rate := math.Log2(coarse / fine); rate < 1.8 || rate > 2.3 || fine > c.most {
			t.Errorf("%s, ν = %v: errors %v and %v, a rate of %.2f", c.mesh, c.nu, coarse, fine,
				rate)
		}
	}
}

// wavy is a square whose background has the modulus 3.
//
// The inclusion of its prior is not used: the test gives a uniform field.
func wavy(n int, mesh, edges string) string {
	return fmt.Sprintf(`
name = "wave"
grid = { rows = %d, cols = %[1]d, width = 2, height = 2, unit = "mm" }
physics = { kind = "helmholtz", frequency = 0.5, rho = 1.2, alpha = 0.1, mesh = %q }
prior = { x = 1, y = 1, radius = 0.3, ratio = [1, 2], background = 3 }
noise = { std = 0.001 }
[edges]
%s`, n, mesh, edges)
}

// number is the wave number of wavy: k² = ω² ρ/(μ (1 + iαω)).
//
// ω = 2π · 0.5 = π, ρ = 1.2, μ = 3, α = 0.1.
func number() complex128 {
	return cmplx.Sqrt(complex(math.Pi*math.Pi*1.2, 0) / (3 * complex(1, 0.1*math.Pi)))
}

// checkWave checks that the error on square elements falls as h².
func checkWave(t *testing.T, mesh string, exact func(x, y float64) complex128,
	edges func(n int) string) {
	t.Helper()
	errorOf := func(n int) float64 {
		return worstOn(forwardOf(t, wavy(n, mesh, edges(n))), n,
			func(x, y float64) float64 { return real(exact(x, y)) },
			func(x, y float64) float64 { return imag(exact(x, y)) })
	}
	coarse, fine := errorOf(17), errorOf(33)
	if rate := math.Log2(coarse / fine); rate < 1.8 || rate > 2.3 || fine > 0.01 {
		t.Errorf("%s: errors %v and %v, a rate of %.2f", mesh, coarse, fine, rate)
	}
}

// TestStandingWave compares with the wave between a wall and an edge that moves
// by 1: u = sin(kx)/sin(2k).
//
// u = 0 at x = 0 and 1 at x = 2. The other two edges are free, ∂u/∂y = 0, which
// the solution satisfies. k is complex, so that the imaginary part of y is
// tested too.
func TestStandingWave(t *testing.T) {
	k := number()
	for _, mesh := range []string{"crossed", "diagonal", "quads"} {
		checkWave(t, mesh, func(x, _ float64) complex128 {
			return cmplx.Sin(k*complex(x, 0)) / cmplx.Sin(2*k)
		}, func(int) string { return "left = \"fixed\"\nright = 1.0" })
	}
}

// TestPlaneWave measures a damped plane wave, exp(ik·x), on all edges. Both
// parts of the edges are prescribed.
//
// The direction (0.6, 0.8) has no symmetry of the mesh. The real and the
// imaginary part of the edges give two solutions, the second times i; a sign
// error in the product would show at once.
func TestPlaneWave(t *testing.T) {
	k := number()
	exact := func(x, y float64) complex128 {
		return cmplx.Exp(1i * k * complex(0.6*x+0.8*y, 0))
	}
	checkWave(t, "crossed", exact, func(n int) string {
		text := measuredEdges(n, []string{"bottom", "top", "left", "right"},
			func(x, y float64) (float64, float64) {
				return real(exact(x, y)), imag(exact(x, y))
			})
		_, text, _ = strings.Cut(text, "[edges]\n")
		return strings.NewReplacer("ux =", "real =", "uy =", "imag =").Replace(text)
	})
}

// TestWaveReference compares with FEniCS on the same mesh.
//
// FEniCS solved the same discrete equations, so that the two differ by rounding
// only, however coarse the mesh is.
func TestWaveReference(t *testing.T) {
	arrays, err := format.ReadNPZFile("../../fem/testdata/helmholtz_80x96.npz")
	if err != nil {
		t.Fatal(err)
	}
	get := func(key string) float64 { return arrays[key].Float64()[0] }
	// The corners of the driven edge move with it.
	zeros := strings.Repeat("0.0, ", 79)
	text := fmt.Sprintf(`
name = "reference"
grid = { rows = 96, cols = 80, width = %.17g, height = %.17g, unit = "m" }
physics = { kind = "helmholtz", mesh = "diagonal", frequency = %.17g, alpha = %.17g, rho = %.17g }
prior = { unit = "Pa", x = 0, y = 0, radius = %.17g, ratio = [1, 2], background = %.17g }
noise = { std = 0.001 }
[edges]
left = "fixed"
right = %.17g
bottom = "measured"
top = "measured"
`, get("width"), get("height"), get("frequency"), get("alpha"), get("rho"),
		get("width"), 100*get("mu"), get("u_right"))
	for _, edge := range []string{"bottom", "top"} {
		text += fmt.Sprintf("[edges.measured.%s]\nreal = [%s%.17g]\nimag = [%s0.0]\n", edge, zeros,
			get("u_right"), zeros)
	}
	p := read(t, text, problems.Options{})
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, p.Spec().YLen())
	if err := g.(problems.Forwarder).Forward(y, arrays["mu"].Float64()); err != nil {
		t.Fatal(err)
	}
	want := append(slices.Clone(arrays["u_real"].Float64()), arrays["u_imag"].Float64()...)
	worst, scale := 0.0, 0.0
	for i, v := range want {
		worst, scale = max(worst, math.Abs(y[i]-v)), max(scale, math.Abs(v))
	}
	if !(worst < 1e-10*scale) {
		t.Errorf("differs by %v of %v", worst, scale)
	}
}

// TestStrains compares with the derivatives of an affine displacement, which
// differences give exactly, and of the solution of TestRate.
//
// The shear strain is half the sum of two slopes: (−0.03 + 0.005)/2 = −0.0125.
// On the border one-sided differences must be of second order like the central
// ones, or the rate would be 1.
func TestStrains(t *testing.T) {
	strained := func(n int, u func(x, y float64) (ux, uy float64)) []float64 {
		return forwardOf(t, strings.Replace(allMeasured(n, "", u), `["ux", "uy"]`,
			`["exx", "eyy", "exy"]`, 1))
	}
	constant := func(v float64) func(x, y float64) float64 {
		return func(float64, float64) float64 { return v }
	}
	y := strained(9, func(x, y float64) (ux, uy float64) {
		return 0.01 + 0.02*x - 0.03*y, -0.02 + 0.005*x - 0.04*y
	})
	if e := worstOn(y, 9, constant(0.02), constant(-0.04), constant(-0.0125)); e > 1e-13 {
		t.Errorf("uniform strains are off by %v", e)
	}
	kappa := 2.5 / 1.5
	exact := func(x, y float64) (ux, uy float64) {
		z := complex(x, y)
		u := complex(kappa, 0)*z*z*z*z*(1+2i) - z*cmplx.Conj(4*z*z*z*(1+2i)) - cmplx.Conj(z*z*z)
		return real(u), imag(u)
	}
	const h = 1e-5
	slope := func(component int, dx, dy float64) func(x, y float64) float64 {
		return func(x, y float64) float64 {
			a, b := exact(x+h*dx, y+h*dy)
			c, d := exact(x-h*dx, y-h*dy)
			return [2]float64{a - c, b - d}[component] / (2 * h)
		}
	}
	errorOf := func(n int) float64 {
		return worstOn(strained(n, exact), n, slope(0, 1, 0), slope(1, 0, 1),
			func(x, y float64) float64 { return (slope(0, 0, 1)(x, y) + slope(1, 1, 0)(x, y)) / 2 })
	}
	coarse, fine := errorOf(9), errorOf(17)
	if rate := math.Log2(coarse / fine); rate < 1.5 || rate > 2.4 {
		t.Errorf("errors %v and %v, a rate of %.2f", coarse, fine, rate)
	}
}

// TestPhysicsRefuses checks that each mistake names its setting.
//
// A wave of 600 Hz has fewer than eight cells in its length on this mesh.
func TestPhysicsRefuses(t *testing.T) {
	for _, c := range []struct{ text, old, new, want string }{
		{cylinder, "nu = 0.45", "nu = 0.5", "physics.nu"},
		{cylinder, "nu = 0.45", `nu = 0.45, mesh = "diagonal"`, "physics.mesh"},
		{cylinder, "nu = 0.45", "nu = 0.45, inner = -1", "physics.inner"},
		{cylinder, "nu = 0.45", "nu = 0.45, rho = 1", "physics.frequency, alpha and rho"},
		{cylinder, "top = -0.1", "top = -0.1, left = 0.0", "edges.left"},
		{cylinder, `"uy"`, `"eyy"`, "not both"},
		{cylinder, `"uy"`, `"imag"`, "measurement.components"},
		{shear, "frequency = 60", "frequency = 0", "physics.frequency"},
		{shear, "frequency = 60", "frequency = 600", "8 cells"},
		{shear, "rho = 1e-6, ", "", "physics.rho"},
		{shear, "rho = 1e-6", "rho = 1e-6, inner = 1", "physics.inner"},
		{shear, `right = "fixed"`, `right = "measured"`, "edges.measured.right"},
		{shear, `right = "fixed"`, "right = \"measured\"\nmeasured.right.ux = [1.0, 2.0]", "real"},
	} {
		text := strings.Replace(c.text, c.old, c.new, 1)
		if text == c.text {
			t.Fatalf("%q is not in the file", c.old)
		}
		if _, err := tryRead(t, text, problems.Options{}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v", c.new, c.old, err)
		}
	}
}
