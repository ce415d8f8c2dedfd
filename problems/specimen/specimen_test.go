package specimen_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/phantom"
	"csdm/problems/problemstest"
	"csdm/problems/quasistatic"
	"csdm/problems/specimen"
	"csdm/rng"
)

// lab is a specimen with every section.
const lab = `
name = "lab"
[grid]
rows = 16
cols = 12
width = 24.7
height = 32.5
unit = "mm"
[physics]
kind = "plane-stress"
[edges]
bottom = "measured"
top = 0.1
jitter = 0.005
[edges.measured.bottom]
uy = [0.39, 0.4, 0.41]
[prior]
x = [6, 18.7]
y = { normal = [16, 4], range = [7, 25.5] }
radius = [3.5, 6.5]
ratio = { log-uniform = [1.5, 6] }
background = 4.7
gradient = 0.3
[measurement]
components = ["ux", "uy"]
[noise]
std = 0.003
correlation = 0.45
[nuisance]
shift = 0.002
tilt = 0.001
gain = 0.01
[discrepancy]
std = [0.001, 0.02]
length = [2, 8]
`

// read returns the problem of a file with the given text.
func read(t testing.TB, text string, o problems.Options) problems.Problem {
	t.Helper()
	p, err := tryRead(t, text, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tryRead(t testing.TB, text string, o problems.Options) (problems.Problem, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lab.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := specimen.Read(path)
	if err != nil {
		return nil, err
	}
	return specimen.New(d, o)
}

// TestProblem runs the conformance suite of problems on a file with every
// section and on variants of the prior and the physics.
func TestProblem(t *testing.T) {
	for name, text := range map[string]string{
		"all": lab,
		"ellipse": strings.Replace(lab, "[prior]",
			"[prior]\nkind = \"ellipse\"\naspect = [0.6, 1]\nangle = [-90, 90]", 1),
		"refined": strings.Replace(lab, "[physics]", "[physics]\nrefine = 2", 1),
		"distributions": strings.NewReplacer("background = 4.7",
			"background = { log-normal = [4.7, 0.3] }", "radius = [3.5, 6.5]",
			"radius = { log-normal = [4.5, 0.2], range = [3.5, 6.5] }", "[prior]",
			"[prior]\ntransform = \"log\"").Replace(lab),
		"bounded": strings.Replace(lab, "[prior]",
			"[prior]\ntransform = { bounded = [0.01, 999] }", 1),
		"several":      strings.Replace(lab, "[prior]", "[prior]\ncount = [0, 2]", 1),
		"sharp":        strings.Replace(lab, "[prior]", "[prior]\nsharp = true", 1),
		"plane strain": strings.Replace(lab, `"plane-stress"`, "\"plane-strain\"\nnu = 0.49", 1),
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

// compressed is a description of a built-in problem.
func compressed(n int, width, height float64, unit, bottom, top, prior string) string {
	return fmt.Sprintf(`
name = "same"
grid = { rows = %d, cols = %d, width = %v, height = %v, unit = %q }
physics = { mesh = "diagonal" }
edges = { bottom = %s, top = %s }
noise = { std = 0.001 }
[prior]
sharp = true
%s`, n, n, width, height, unit, bottom, top, prior)
}

// TestBuiltin describes the problems of the paper and compares pairs bit by
// bit.
func TestBuiltin(t *testing.T) {
	q, err := quasistatic.New(problems.Options{Grid: 20})
	if err != nil {
		t.Fatal(err)
	}
	p, err := phantom.New(problems.Options{Grid: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, builtin := range []problems.Problem{q, p} {
		text, err := specimen.Described(builtin.Spec().Name)
		if err != nil {
			t.Fatal(err)
		}
		mine := read(t, strings.NewReplacer("rows = 56", "rows = 20", "cols = 56",
			"cols = 20").Replace(text), problems.Options{})
		for i := range uint64(6) {
			x, y := pair(t, builtin, i)
			x2, y2 := pair(t, mine, i)
			if !slices.Equal(x, x2) || !slices.Equal(y, y2) {
				t.Errorf("pair %d of %s differs from that of its description", i,
					builtin.Spec().Name)
			}
		}
	}
	if _, err := specimen.Described("spheroid"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("a problem that no file describes: %v", err)
	}
	white := read(t, compressed(20, 26.297, 34.608, "mm", "0.392", "0.084", "x = [7.1, 19.2]\n"+
		"y = 12\nradius = 4\nratio = 2\nbackground = 4.7"), problems.Options{}).Measurement()
	if white != priors.Measurement(priors.Gaussian{Std: 0.001}) {
		t.Errorf("white noise is %v", white)
	}
}

// pair returns pair i of the seed 3 without noise.
func pair(t *testing.T, p problems.Problem, i uint64) (x, y []float64) {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y = make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, 3, i); err != nil {
		t.Fatal(err)
	}
	return x, y
}

// allMeasured is a square of side 2 whose four edges move as u sets, with
// values at the nodes.
func allMeasured(n int, physics string, u func(x, y float64) (ux, uy float64)) string {
	return fmt.Sprintf(`
name = "exact"
grid = { rows = %d, cols = %d, width = 2, height = 2, unit = "mm" }
physics = { %s }
measurement = { components = ["ux", "uy"] }
noise = { std = 0.001 }
prior = { x = [0.5, 1.5], y = 1, radius = 0.3, ratio = 2, background = 3 }
`, n, n, physics) + measuredEdges(n, []string{"bottom", "top", "left", "right"}, u)
}

// measuredEdges is the section of such edges.
func measuredEdges(n int, names []string, u func(x, y float64) (ux, uy float64)) string {
	var b strings.Builder
	b.WriteString("[edges]\n")
	for _, name := range names {
		fmt.Fprintf(&b, "%s = \"measured\"\n", name)
	}
	at := map[string]func(s float64) (x, y float64){
		"bottom": func(s float64) (x, y float64) { return s, 0 },
		"top":    func(s float64) (x, y float64) { return s, 2 },
		"left":   func(s float64) (x, y float64) { return 0, s },
		"right":  func(s float64) (x, y float64) { return 2, s },
	}
	for _, name := range names {
		var ux, uy []string
		for k := range n {
			a, c := u(at[name](2 * float64(k) / float64(n-1)))
			ux, uy = append(ux, fmt.Sprintf("%.17g", a)), append(uy, fmt.Sprintf("%.17g", c))
		}
		fmt.Fprintf(&b, "[edges.measured.%s]\nux = [%s]\nuy = [%s]\n", name,
			strings.Join(ux, ", "), strings.Join(uy, ", "))
	}
	// TOML distinguishes integers from floats within an array of floats.
	return strings.ReplaceAll(b.String(), "[0,", "[0.0,")
}

// worst returns the largest error of the forward model for a uniform field.
func worst(t *testing.T, text string, u func(x, y float64) (ux, uy float64)) float64 {
	t.Helper()
	p := read(t, text, problems.Options{})
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := slices.Repeat([]float64{3}, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.(problems.Forwarder).Forward(y, x); err != nil {
		t.Fatal(err)
	}
	most, n, nodes := 0.0, p.Spec().Cols, len(x)
	for i := range x {
		ux, uy := u(2*float64(i%n)/float64(n-1), 2*float64(i/n)/float64(n-1))
		most = max(most, math.Abs(y[i]-ux), math.Abs(y[nodes+i]-uy))
	}
	return most
}

// allPhysics maps a kind of physics to its κ. Plane stress of an incompressible
// solid has κ = (3 − ν)/(1 + ν) with ν = ½; plane strain has κ = 3 − 4ν. A κ of
// 0 marks physics that a file must not have.
var allPhysics = map[string]float64{ // κ of Muskhelishvili's formula
	`mesh = "crossed"`:                    (3 - 0.5) / 1.5,
	`mesh = "diagonal"`:                   (3 - 0.5) / 1.5,
	`kind = "plane-strain", nu = 0.45`:    3 - 4*0.45,
	`kind = "plane-stress", mesh = ""`:    (3 - 0.5) / 1.5,
	`kind = "plane-strain", nu = 0.49999`: 0, // refused
}

// TestPatch moves the edges by an affine field without symmetry. A uniform
// specimen then has the same field inside.
//
// Elements that pass it converge for any smooth displacement. The field has all
// three strains and a rotation, since a mistake in one of them can cancel in a
// symmetric one.
func TestPatch(t *testing.T) {
	affine := func(x, y float64) (ux, uy float64) {
		return 0.01 + 0.02*x - 0.03*y, -0.02 + 0.005*x - 0.04*y
	}
	for physics, kappa := range allPhysics {
		if kappa == 0 {
			_, err := tryRead(t, allMeasured(9, physics, affine), problems.Options{})
			if err == nil {
				t.Errorf("%s: accepted", physics)
			}
			continue
		}
		if e := worst(t, allMeasured(9, physics, affine), affine); e > 1e-14 {
			t.Errorf("%s: an error of %v", physics, e)
		}
	}
}

// TestRate compares with an exact solution, from the complex potentials φ = z⁴
// (1 + 2i) and ψ = z³ (Muskhelishvili 1953, section 32): 2μ(u_x + i u_y) = κφ −
// z φ'* − ψ*. The error of linear and bilinear elements falls as h².
//
// The boundary values are exact at the nodes, so that the error comes from the
// elements alone.
func TestRate(t *testing.T) {
	for physics, kappa := range allPhysics {
		if kappa == 0 {
			continue
		}
		exact := func(x, y float64) (ux, uy float64) {
			z := complex(x, y)
			conj := func(v complex128) complex128 { return complex(real(v), -imag(v)) }
			u := complex(kappa, 0)*z*z*z*z*(1+2i) - z*conj(4*z*z*z*(1+2i)) - conj(z*z*z)
			return real(u), imag(u)
		}
		coarse := worst(t, allMeasured(9, physics, exact), exact)
		fine := worst(t, allMeasured(17, physics, exact), exact)
		if rate := math.Log2(coarse / fine); rate < 1.8 || rate > 2.3 {
			t.Errorf("%s: errors %v and %v, a rate of %.2f", physics, coarse, fine, rate)
		}
	}
}

// TestRefine checks that a mesh refined twice has a quarter of the error.
//
// The error is of second order, so that half the mesh width leaves a quarter of
// it.
func TestRefine(t *testing.T) {
	exact := func(x, y float64) (ux, uy float64) {
		z := complex(x, y)
		slope := 4 * z * z * z * (1 + 2i)
		u := 5./3*z*z*z*z*(1+2i) - z*complex(real(slope), -imag(slope))
		return real(u), imag(u)
	}
	// The edges hold as many values as the finer mesh has nodes.
	text := func(refine int) string {
		return strings.NewReplacer("rows = 17, cols = 17", "rows = 9, cols = 9",
			"physics = {  }", fmt.Sprintf("physics = { refine = %d }", refine)).Replace(
			allMeasured(17, "", exact))
	}
	coarse, fine := worst(t, text(1), exact), worst(t, text(2), exact)
	if ratio := coarse / fine; ratio < 3.5 || ratio > 4.7 {
		t.Errorf("errors %v and %v, a ratio of %.2f", coarse, fine, ratio)
	}
}

// TestGraded compares with a closed form for a modulus that varies: between
// sides that do not move in x, u_y depends on y only, and μ u_y' is constant.
//
// The modulus e^h gives u_y′ ∝ e^−h, hence u_y = −(1 − e^−h)/(1 − e^−2) for a
// top that moves by −1 at h = 2. A modulus that was taken from the wrong nodes,
// or constant in a row, would shift the profile.
func TestGraded(t *testing.T) {
	p := read(t, `
name = "graded"
grid = { rows = 41, cols = 9, width = 1, height = 2, unit = "mm" }
physics = {}
edges = { bottom = 0.0, top = -1, left = 0.0, right = 0.0 }
prior = { x = [0.3, 0.7], y = 1, radius = 0.3, ratio = 2, background = 3, gradient = 0.2 }
noise = { std = 0.001 }`, problems.Options{})
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	for i := range x {
		x[i] = math.Exp(float64(i/9) / 20)
	}
	if err := g.(problems.Forwarder).Forward(y, x); err != nil {
		t.Fatal(err)
	}
	for i, v := range y {
		h := float64(i/9) / 20
		if want := -(1 - math.Exp(-h)) / (1 - math.Exp(-2)); math.Abs(v-want) > 1e-4 {
			t.Fatalf("at height %v: %v, want %v", h, v, want)
		}
	}
}

// TestJitter compares the error that an edge causes with the difference of two
// solutions whose edges differ by it.
//
// The forward model is linear in the edges, so that the difference of two
// solutions is the mode itself, to rounding.
func TestJitter(t *testing.T) {
	const n = 9
	still := func(x, y float64) (ux, uy float64) { return 0.1 * y, -0.2*y + 0.01*x*y }
	jitter := 0.3
	for k := range 4 {
		moved := func(x, y float64) (ux, uy float64) {
			ux, uy = still(x, y)
			if y == 2 && x > 0 && x < 2 { // the corners follow below
				uy += jitter / math.Sqrt(2.5) * math.Cos(math.Pi*float64(k)*x/2)
			}
			return ux, uy
		}
		before := solve(t, allMeasured(n, "", still))
		p := read(t, strings.Replace(allMeasured(n, "", still), "[edges]",
			"[edges]\njitter = 0.3", 1), problems.Options{})
		c := p.Measurement().(priors.Correlated)
		if len(c.Modes) != 4*2*4 {
			t.Fatalf("%d modes for four edges of two components and four cosines", len(c.Modes))
		}
		// Edges come in the order bottom, top, left, right; components ux, uy.
		// The top has its corners, which the sides prescribe too: their values
		// count for the top.
		mode := c.Modes[(1*2+1)*4+k]
		top := n * (n - 1)
		corner := [2]float64{mode[n*n+top], mode[n*n+top+n-1]}
		if want := jitter / math.Sqrt(2.5); math.Abs(corner[0]-want) > 1e-12 ||
			math.Abs(math.Abs(corner[1])-want) > 1e-12 {
			t.Errorf("mode %d moves the corners by %v", k, corner)
		}
		fix := solve(t, allMeasured(n, "", func(x, y float64) (ux, uy float64) {
			ux, uy = moved(x, y)
			if y == 2 && x == 0 {
				uy += corner[0]
			}
			if y == 2 && x == 2 {
				uy += corner[1]
			}
			return ux, uy
		}))
		for i := range fix {
			if d := fix[i] - before[i] - mode[i]; math.Abs(d) > 1e-12 {
				t.Fatalf("mode %d at value %d is off by %v", k, i, d)
			}
		}
	}
}

// solve returns y of the uniform field with the modulus 3.
func solve(t *testing.T, text string) []float64 {
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

// TestDistributions compares the variables of prior draws with the quantiles of
// their distributions.
//
// A slope c P₁ = c x takes opposite values in opposite corners, so that the
// product of the two moduli is the background squared.
func TestDistributions(t *testing.T) {
	p := read(t, lab, problems.Options{}).(problems.Parametric)
	q := p.(problems.Quantified)
	lo, hi := p.Box()
	if len(lo) != 9 || lo[1] != 0 || hi[1] != 1 || lo[0] != 6 || hi[2] != 6.5 {
		t.Fatalf("the box is %v to %v", lo, hi)
	}
	theta, x := make([]float64, 9), make([]float64, p.Spec().XLen())
	for k := range theta {
		theta[k] = (lo[k] + hi[k]) / 2
	}
	got := make([]float64, len(q.Quantities()))
	p.Field(x, theta)
	q.Quantify(got, x)
	// The medians: y at 16 mm up to the asymmetry of its range, and the ratio
	// at the geometric mean.
	if math.Abs(got[1]-16.1) > 0.8 || math.Abs(got[3]-3) > 0.4 {
		t.Errorf("a field of medians has the quantities %v", got)
	}
	// The trend is off at the medians, and on at other values.
	if x[0] != 4.7 {
		t.Errorf("the background is %v at its median", x[0])
	}
	theta[5] = 0.9
	p.Field(x, theta)
	if x[0] == 4.7 || math.Abs(x[0]*x[len(x)-1]-4.7*4.7) > 1e-9 {
		t.Errorf("a slope gives %v and %v", x[0], x[len(x)-1])
	}
}

// TestQuantities checks that the trend of the background and noise on the field
// do not move the quantities by more than they scatter.
//
// The trend has a standard deviation of 40 % of the modulus and the noise of 3
// %, so that a threshold without a fit of the trend would measure the trend.
func TestQuantities(t *testing.T) {
	text := strings.NewReplacer("rows = 16", "rows = 28", "cols = 12", "cols = 28",
		"gradient = 0.3", "gradient = 0.4").Replace(lab)
	p := read(t, text, problems.Options{}).(problems.Quantified)
	q := p.(problems.Parametric)
	lo, _ := q.Box()
	theta, x := make([]float64, len(lo)), make([]float64, p.Spec().XLen())
	names := p.Quantities()
	got, square := make([]float64, len(names)), make([]float64, len(names))
	noise := rng.New(1, rng.Test, 0, 0)
	const draws = 60
	for i := range uint64(draws) {
		q.Latent(theta, 4, i)
		q.Field(x, theta)
		for k := range x {
			x[k] *= 1 + 0.03*noise.Normal()
		}
		p.Quantify(got, x)
		square[0] += (got[0] - theta[0]) * (got[0] - theta[0]) / draws
		square[2] += (got[2] - 2*theta[2]) * (got[2] - 2*theta[2]) / draws
		ratio := 1.5 * math.Pow(4, theta[3])
		square[3] += (got[3]/ratio - 1) * (got[3]/ratio - 1) / draws
	}
	for k, limit := range map[int]float64{0: 0.15, 2: 0.5, 3: 0.1} {
		if rms := math.Sqrt(square[k]); !(rms < limit) {
			t.Errorf("%s is off by %v, limit %v", names[k].Name, rms, limit)
		}
	}
}

// TestQuantitiesOfEitherSign measures inclusions of a prior that has softer and
// stiffer ones than the background.
//
// A measure for stiff inclusions alone would find the background around a soft
// one.
func TestQuantitiesOfEitherSign(t *testing.T) {
	text := strings.NewReplacer("rows = 16", "rows = 28", "cols = 12", "cols = 28",
		"log-uniform = [1.5, 6]", "log-uniform = [0.3, 3]").Replace(lab)
	p := read(t, text, problems.Options{}).(problems.Quantified)
	q := p.(problems.Parametric)
	lo, _ := q.Box()
	theta, x := make([]float64, len(lo)), make([]float64, p.Spec().XLen())
	got := make([]float64, len(p.Quantities()))
	soft, stiff, center, level := 0, 0, 0.0, 0.0
	for i := range uint64(60) {
		q.Latent(theta, 4, i)
		ratio := 0.3 * math.Pow(10, theta[3])
		switch {
		case ratio < 0.7:
			soft++
		case ratio > 1.4:
			stiff++
		default:
			continue // hardly an inclusion
		}
		q.Field(x, theta)
		p.Quantify(got, x)
		center += (got[0] - theta[0]) * (got[0] - theta[0])
		level += math.Log(got[3]/ratio) * math.Log(got[3]/ratio)
	}
	n := float64(soft + stiff)
	if c, l := math.Sqrt(center/n), math.Sqrt(level/n); !(c < 0.15) || !(l < 0.1) {
		t.Errorf("centers are off by %.3f and logarithms of ratios by %.3f (RMS)", c, l)
	}
	if soft < 10 || stiff < 10 {
		t.Errorf("%d soft and %d stiff inclusions", soft, stiff)
	}
}

// TestRefuses checks that each mistake names its setting.
//
// A mistake that passed would give a posterior of another specimen than the
// user has.
func TestRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"rows = 16", "rows = 3", "grid.rows"},
		{"width = 24.7", "width = -1", "grid.width"},
		{`unit = "mm"`, "", "grid.unit"},
		{`"plane-stress"`, `"plain-stress"`, "physics.kind"},
		{`kind = "plane-stress"`, "nu = 0.3", "physics.nu"},
		{"top = 0.1", `top = "glued"`, "edges.top"},
		{"[edges.measured.bottom]", "[edges.measured.top]", "edges.measured"},
		{"uy = [0.39, 0.4, 0.41]", "", "edges.measured.bottom"},
		{"uy = [0.39, 0.4, 0.41]", "uy = [nan, 1.0]", "edges.measured.bottom.uy[0]"},
		{"x = [6, 18.7]", "x = [6, 40]", "prior.x"},
		{"x = [6, 18.7]", "x = [18, 6]", "prior.x"},
		{"x = [6, 18.7]", "x = { log-uniform = [0, 6] }", "prior.x"},
		{"x = [6, 18.7]", "x = { gamma = [1, 6] }", "gamma"},
		{"x = [6, 18.7]", "", "prior.x"},
		{"normal = [16, 4]", "normal = [16, 0]", "prior.y"},
		{"normal = [16, 4]", "normal = [160, 4]", "prior.y"},
		{"background = 4.7", "background = 0", "prior.background"},
		{"background = 4.7", "background = [0, 3]", "prior.background"},
		{"x = [6, 18.7]", "x = { normal = [9, 2], log-uniform = [1, 6] }", "[log-uniform normal]"},
		{"x = [6, 18.7]", "x = { log-normal = [-9, 2] }", "median"},
		{"x = [6, 18.7]", "x = { log-normal = [9, 0] }", "standard deviation"},
		{"x = [6, 18.7]", "x = { log-uniform = [1, 6], range = [2, 3] }", "no range"},
		{"[prior]", "[prior]\ncount = 1.5", "prior.count"},
		{"[prior]", "[prior]\ncount = [3, 1]", "prior.count"},
		{"[prior]", "[prior]\ntransform = \"ln\"", "prior.transform"},
		{"[prior]", "[prior]\ntransform = { bounded = [0, 5] }", "prior.transform"},
		{"gradient = 0.3", "gradient = 9", "prior.gradient"},
		{`["ux", "uy"]`, `["ux", "ux"]`, "measurement.components"},
		{"std = 0.003", "std = 0", "noise.std"},
		{"correlation = 0.45", "correlation = -1", "noise.correlation"},
		{"correlation = 0.45", "correlation = 1e17", "noise, nuisance or discrepancy"},
		{"correlation = 0.45", "stretch = 0.5", "noise.stretch"},
		{"std = 0.003", "std = 0.003\nchannels = [1]", "noise.channels"},
		{"std = 0.003", "std = 0.003\nchannels = [1, 0]", "noise.channels"},
		{"std = 0.003", "std = 0.003\nplaces = [[]]", "noise.places"},
		{"std = 0.003", "std = 0.003\nplaces = [[1, 2], [1]]", "noise.places"},
		{"std = 0.003", "std = 0.003\nplaces = [[1, -2]]", "noise.places"},
		{"std = [0.001, 0.02]", "std = [0.02, 0.001]", "discrepancy.std"},
		{"shift = 0.002", "shift = inf", "nuisance.shift"},
		{"shift = 0.002", "shfit = 0.002", "shfit"},
		{`name = "lab"`, `name = "l/b"`, "name"},
	} {
		text := strings.Replace(lab, c.old, c.new, 1)
		if text == lab {
			t.Fatalf("%q is not in the file", c.old)
		}
		_, err := tryRead(t, text, problems.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || cli.Code(err) != cli.ExitConfig {
			t.Errorf("%q for %q: %v", c.new, c.old, err)
		}
	}
	still := strings.NewReplacer("top = 0.1", "top = \"fixed\"", "bottom = \"measured\"", "",
		"jitter = 0.005", "", "[edges.measured.bottom]\nuy = [0.39, 0.4, 0.41]", "").Replace(lab)
	if _, err := tryRead(t, still, problems.Options{}); err == nil ||
		!strings.Contains(err.Error(), "none of them moves") {
		t.Errorf("without a load: %v", err)
	}
}
