package specimen_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/problems"
	"csdm/problems/problemstest"
)

// square is a specimen of 10 mm × 10 mm whose sides do not move sideways, with
// a given grid and prior.
func square(n int, prior string) string {
	return fmt.Sprintf(`
name = "square"
grid = { rows = %d, cols = %d, width = 10, height = 10, unit = "mm" }
physics = {}
edges = { bottom = 0.0, top = 0.1, left = 0.0, right = 0.0 }
noise = { std = 0.001 }
prior = { background = 2, %s }`, n, n, prior)
}

// Priors of the three patterns, each with constants, ranges and its own kind of
// variables.
const (
	threeLayers = `kind = "layers", interfaces = [[2, 4], [5, 8]], ratios = [1, [0.5, 2], [3, 9]]`
	rough       = `kind = "random-field", length = 3, std = [0.2, 0.6]`
	phases      = `kind = "level-set", length = 3, modes = 12, share = [0.2, 0.5], ratio = [2, 5]`
)

// TestPatterns runs the conformance suite of problems on each pattern: among
// others that pairs are functions of seed and index and lie in the stated
// range.
func TestPatterns(t *testing.T) {
	for name, prior := range map[string]string{"layers": threeLayers,
		"tilted":       threeLayers + ", tilt = { normal = [0, 10] }, transform = \"log\"",
		"random field": rough, "level set": phases, "sharp": phases + ", sharp = true"} {
		t.Run(name, func(t *testing.T) {
			problemstest.Problem(t, problemstest.Case{
				New: func(o problems.Options) (problems.Problem, error) {
					return tryRead(t, square(12, prior), o)
				},
			})
		})
	}
}

// fieldOf returns the field of a problem for the elements that set changes from
// their middles.
func fieldOf(t *testing.T, p problems.Problem, set map[int]float64) []float64 {
	t.Helper()
	q := p.(problems.Parametric)
	lo, hi := q.Box()
	theta, x := make([]float64, len(lo)), make([]float64, p.Spec().XLen())
	for k := range theta {
		theta[k] = (lo[k] + hi[k]) / 2
		if v, ok := set[k]; ok {
			theta[k] = v
		}
	}
	q.Field(x, theta)
	return x
}

// TestLayers compares the displacement of a stack with its closed form. Between
// sides that do not move in x, u_y' is proportional to 1/m in each layer of
// modulus m.
//
// With u_x = 0 everywhere, equilibrium is (m u_y′)′ = 0. Hence u_y(h) is the
// top's motion times the compliance ∫₀^h dy/m over the compliance of the whole
// height. A transition as wide as a cell shifts an interface by a part of a
// cell, so that the error falls as h.
func TestLayers(t *testing.T) {
	errorOf := func(n int) float64 {
		p := read(t, square(n, threeLayers), problems.Options{})
		g, err := p.NewGenerator()
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
		theta := []float64{3.2, 6.1, 0.7, 5} // heights, ratios
		if err := g.(problems.Simulator).Simulate(x, y, theta); err != nil {
			t.Fatal(err)
		}
		compliance := func(h float64) float64 {
			return min(h, 3.2) + max(0, min(h, 6.1)-3.2)/0.7 + max(0, h-6.1)/5
		}
		most := 0.0
		for i, v := range y {
			h := float64(i/n) * 10 / float64(n-1)
			most = max(most, math.Abs(v-0.1*compliance(h)/compliance(10)))
		}
		return most
	}
	// A transition is as wide as a cell, so the order is 1.
	coarse, fine := errorOf(11), errorOf(41)
	if rate := math.Log2(coarse/fine) / 2; rate < 0.75 || rate > 1.25 || fine > 0.002 {
		t.Errorf("errors %v and %v of a displacement of 0.1: a rate of %.2f", coarse, fine, rate)
	}
}

// TestTilt compares the modulus with the place above or below tilted lines. The
// second line crosses the first one, and the layer between them ends there.
//
// A formula without the cosine would use vertical distances, which are larger
// by 1/cos(tilt), and would make the transition of a steep line wider than the
// nodes that the test leaves out.
func TestTilt(t *testing.T) {
	const n = 41
	text := square(n, `kind = "layers", interfaces = [5, [5.5, 6]], tilt = [-40, 40],
		ratios = [1, 2, 3]`)
	text = strings.ReplaceAll(text, "\n\t\t", " ")
	p := read(t, text, problems.Options{})
	// θ: tilt of the first line, height and tilt of the second one.
	x := fieldOf(t, p, map[int]float64{0: 30, 1: 5.5, 2: -20})
	counts := map[float64]int{}
	for i, v := range x {
		at, h := float64(i%n)/4, float64(i/n)/4
		first := (h - 5 - math.Tan(math.Pi/6)*(at-5)) * math.Cos(math.Pi/6)
		second := (h - 5.5 + math.Tan(math.Pi/9)*(at-5)) * math.Cos(math.Pi/9)
		if min(math.Abs(first), math.Abs(second)) < 0.25 {
			continue // in a transition
		}
		want := 2.0
		switch {
		case first > 0 && second > 0:
			want = 6
		case first > 0:
			want = 4
		}
		if math.Abs(v-want) > 1e-12 {
			t.Fatalf("at (%v, %v): %v, want %v", at, h, v, want)
		}
		counts[want]++
	}
	if len(counts) != 3 {
		t.Errorf("the layers have %v nodes", counts)
	}
}

// modesOf returns the modes of a random field with std 1: the logarithm of the
// field whose variables are 0 except one, which is 1.
//
// One standard deviation of a mode is at the element (Φ(1) − Φ(−3))/(1 −
// 2Φ(−3)) of θ. All other elements are at their medians, where the modes
// vanish.
func modesOf(t *testing.T, text string) (modes [][]float64) {
	t.Helper()
	p := read(t, text, problems.Options{})
	lo, _ := p.(problems.Parametric).Box()
	low := distuv.UnitNormal.CDF(-3)
	one := (distuv.UnitNormal.CDF(1) - low) / (1 - 2*low)
	for k := range lo {
		m := fieldOf(t, p, map[int]float64{k: one})
		for i := range m {
			m[i] = math.Log(m[i] / 2)
		}
		modes = append(modes, m)
	}
	return modes
}

// TestRandomField compares the covariance of a field, the sum of the products
// of its modes, with the correlation that the file gives.
//
// A field Σ_k z_k φ_k(s) with independent standard normal z_k has the
// covariance Σ_k φ_k(s) φ_k(t), which must be exp(−|s − t|²/(2 · 3²)). Few
// modes lose variance, which a common factor restores on average over the
// nodes.
func TestRandomField(t *testing.T) {
	const n = 12
	modes := modesOf(t, square(n, `kind = "random-field", length = 3, std = 1, modes = 60`))
	if len(modes) != 60 {
		t.Fatalf("%d modes", len(modes))
	}
	for i := range n * n {
		for j := range n * n {
			sum := 0.0
			for _, m := range modes {
				sum += m[i] * m[j]
			}
			dx, dy := float64(i%n-j%n)*10/(n-1), float64(i/n-j/n)*10/(n-1)
			if want := math.Exp(-(dx*dx + dy*dy) / 18); math.Abs(sum-want) > 1e-3 {
				t.Fatalf("covariance of nodes %d and %d: %v, want %v", i, j, sum, want)
			}
		}
	}
	few := modesOf(t, square(n, `kind = "random-field", length = 3, std = 1`))
	variance := 0.0
	for _, m := range few {
		for _, v := range m {
			variance += v * v / (n * n)
		}
	}
	if math.Abs(variance-1) > 1e-12 || len(few) >= 30 {
		t.Errorf("%d modes with the variance %v", len(few), variance)
	}
}

// TestLevelSet checks the share of the second phase over many fields, and that
// both phases have their moduli.
//
// The share is an average over 150 fields of many correlation lengths each, so
// that 0.02 is several standard errors. Without the quantile function, a
// threshold of 0.3 would give a share of 0.38.
func TestLevelSet(t *testing.T) {
	text := square(24, `kind = "level-set", length = 0.8, share = 0.3, ratio = [4, 5]`)
	p := read(t, text, problems.Options{}).(problems.Parametric)
	lo, _ := p.Box()
	theta, x := make([]float64, len(lo)), make([]float64, p.Spec().XLen())
	share, between := 0.0, 0.0
	const draws = 150
	for i := range uint64(draws) {
		p.Latent(theta, 4, i)
		p.Field(x, theta)
		most := slices.Max(x)
		if slices.Min(x) != 2 || most < 8 || most > 10 {
			t.Fatalf("a field from %v to %v", slices.Min(x), most)
		}
		for _, v := range x {
			// The transition is linear in the logarithm.
			share += math.Log(v/2) / math.Log(most/2) / float64(draws*len(x))
			if v > 2 && v < most {
				between += 1 / float64(draws*len(x))
			}
		}
	}
	if math.Abs(share-0.3) > 0.02 || between > 0.3 {
		t.Errorf("a share of %v, and %v in transitions", share, between)
	}
}

// TestPatternRefuses checks that each mistake names its setting.
//
// A key that a kind of prior lacks is a mistake too.
func TestPatternRefuses(t *testing.T) {
	for _, c := range []struct{ prior, old, new, want string }{
		{threeLayers, "ratios = [1, ", "ratios = [", "prior.ratios"},
		{threeLayers, "[2, 4]", "[2, 40]", "prior.interfaces[0]"},
		{threeLayers, "[3, 9]", "[0, 9]", "prior.ratios[2]"},
		{threeLayers, "kind", "tilt = 90, kind", "prior.tilt"},
		{threeLayers, "kind", "radius = 3, kind", "prior.radius"},
		{threeLayers, `"layers"`, `"stack"`, "prior.kind"},
		{rough, "length = 3", "length = -3", "prior.length"},
		{rough, "[0.2, 0.6]", "[0, 0.6]", "prior.std"},
		{rough, "kind", "modes = 999, kind", "prior.modes"},
		{rough, "kind", "sharp = true, kind", "prior.sharp"},
		{phases, "share = [0.2, 0.5]", "share = [0, 0.5]", "prior.share"},
		{phases, "length = 3, ", "", "prior.length"},
	} {
		prior := strings.Replace(c.prior, c.old, c.new, 1)
		if prior == c.prior {
			t.Fatalf("%q is not in the prior", c.old)
		}
		if _, err := tryRead(t, square(12, prior), problems.Options{}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", prior, err)
		}
	}
}
