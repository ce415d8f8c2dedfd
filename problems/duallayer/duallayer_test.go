package duallayer_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"csdm/bench"
	"csdm/priors/priorstest"
	"csdm/problems"
	"csdm/problems/duallayer"
	"csdm/problems/problemstest"
	"csdm/rng"
)

func TestProblem(t *testing.T) {
	problemstest.Problem(t, problemstest.Case{
		New:        func(o problems.Options) (problems.Problem, error) { return duallayer.New(o) },
		Options:    problems.Options{Grid: 32},
		NoiseStd:   func(float64) float64 { return 5e-5 },
		ModelError: true,
	})
}

func TestOptions(t *testing.T) {
	p := newProblem(t, problems.Options{})
	if s := p.Spec(); s.Rows != 64 || s.YChannels != 10 || s.Options.NoisePercent != 0.5 {
		t.Errorf("the defaults give %+v", s)
	}
	_, err := duallayer.New(problems.Options{Grid: 56})
	if e, ok := errors.AsType[*problems.OptionError](err); !ok || e.Option != "grid" {
		t.Errorf("a grid of 56: %v", err)
	}
}

func newProblem(t *testing.T, o problems.Options) *duallayer.Problem {
	t.Helper()
	p, err := duallayer.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func generator(t *testing.T, p problems.Problem) *duallayer.Generator {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	return g.(*duallayer.Generator)
}

// TestMarginals checks the distributions of Table 9 and of the model error,
// each recovered from the two specimens of a pair.
func TestMarginals(t *testing.T) {
	p := newProblem(t, problems.Options{Grid: 32})
	laws := []struct {
		name   string
		lo, hi float64
	}{
		{"simulated top modulus", 1, 25}, {"simulated bottom modulus", 1, 25},
		{"simulated interface", 2, 3.6},
		{"top scale", 0.8, 1.2}, {"bottom scale", 0.8, 1.2}, {"interface shift", -0.2, 0.2},
	}
	recovered := make([][]float64, len(laws))
	theta := make([]float64, len(laws))
	for i := range uint64(3000) {
		p.Latent(theta, 3, i)
		a, b := p.Simulated(theta), p.Paired(theta)
		for k, v := range []float64{a.Top, a.Bottom, a.Interface, b.Top / a.Top,
			b.Bottom / a.Bottom, b.Interface - a.Interface} {
			recovered[k] = append(recovered[k], v)
		}
	}
	for k, l := range laws {
		if d := priorstest.KolmogorovUniform(recovered[k], l.lo, l.hi); d > 2.3 {
			t.Errorf("%s: Kolmogorov's statistic against U(%v, %v) is %v", l.name, l.lo, l.hi, d)
		}
	}
}

// TestModelError checks that x shows the perturbed specimen and y the simulated
// one: another error changes only x, and another specimen with the same x
// changes only y.
func TestModelError(t *testing.T) {
	p := newProblem(t, problems.Options{Grid: 32})
	g := generator(t, p)
	n := p.Spec().XLen()
	simulate := func(theta ...float64) (x, y []float64) {
		x, y = make([]float64, n), make([]float64, p.Spec().YLen())
		if err := g.Simulate(x, y, theta); err != nil {
			t.Fatal(err)
		}
		return x, y
	}
	x, y := simulate(8, 10, 2.5, 1, 1, 0)
	perturbed, same := simulate(8, 10, 2.5, 1.125, 0.875, 0.125)
	if !slices.Equal(same, y) {
		t.Error("the model error changes y")
	}
	if perturbed[0] != 8.75 || perturbed[n-1] != 9 {
		t.Errorf("moduli of 10 and 8 kPa, scaled by 0.875 and 1.125, are %v and %v", perturbed[0],
			perturbed[n-1])
	}
	theta := []float64{8, 10, 2.5, 1.125, 0.875, 0.125}
	if l := p.Paired(theta); l.Interface != 2.625 || p.Simulated(theta).Interface != 2.5 {
		t.Errorf("an interface at 2.5 mm, moved by 0.125, is at %v", l.Interface)
	}
	again, other := simulate(16, 20, 2.5, 0.5, 0.5, 0)
	if !slices.Equal(again, x) || slices.Equal(other, y) {
		t.Error("y is that of the specimen of x")
	}
}

// TestQuantify recovers the specimen of x from the field, and from the field
// with noise within the noise of the means. The interface lies between two
// rows, and the estimate is halfway.
func TestQuantify(t *testing.T) {
	p := newProblem(t, problems.Options{})
	s := p.Spec()
	spacing := s.Height / float64(s.Rows-1)
	x, q, theta := make([]float64, s.XLen()), make([]float64, 3), make([]float64, 6)
	const std = 0.3 // kPa, about 1 % of the range of x
	for i := range uint64(200) {
		p.Latent(theta, 7, i)
		p.Field(x, theta)
		want := p.Paired(theta)
		for name, limit := range map[string]float64{"exact": 1e-12 * 30,
			"noisy": 5 * std / math.Sqrt(2*64)} {
			if name == "noisy" {
				if math.Abs(want.Top-want.Bottom) < 10*std {
					continue // row means have a noise of std/8, so such a jump is always found
				}
				noise := rng.New(1, rng.Test, i, 0)
				for k := range x {
					x[k] += std * noise.Normal()
				}
			}
			p.Quantify(q, x)
			if math.Abs(q[0]-want.Top) > limit || math.Abs(q[1]-want.Bottom) > limit ||
				math.Abs(q[2]-want.Interface) > spacing/2*(1+1e-12) {
				t.Errorf("%s: %+v gives %v", name, want, q)
			}
			p.Field(x, theta)
		}
	}
	// Two rows that differ from the rest more than the layers from each other
	// are too few for a layer.
	for k := range x {
		switch row := k / s.Cols; {
		case row >= 62:
			x[k] = 9.5
		case row >= 41:
			x[k] = 8
		default:
			x[k] = 5
		}
	}
	if p.Quantify(q, x); q[1] != 5 || math.Abs(q[0]-(21*8+2*9.5)/23) > 1e-12 ||
		math.Abs(q[2]-40.5*spacing) > 1e-12 {
		t.Errorf("two odd rows at the top give %v", q)
	}
	for k := range x {
		x[k] = 3
	}
	if p.Quantify(q, x); q[0] != 3 || q[1] != 3 || !math.IsNaN(q[2]) {
		t.Errorf("a uniform field has quantities %v, want no interface", q)
	}
	interfaces := 0
	for i := range uint64(500) {
		noise := rng.New(2, rng.Test, i, 0)
		for k := range x {
			x[k] = 3 + std*noise.Normal()
		}
		if p.Quantify(q, x); !math.IsNaN(q[2]) {
			interfaces++
		}
	}
	if interfaces > 5 {
		t.Errorf("%d of 500 uniform fields with noise have an interface", interfaces)
	}
}

// TestImportance runs the Monte Carlo posterior on a pair, with noise as large
// as y itself, so that several of a few draws have weight. Every draw must be
// simulated: y is not a function of x, and draws with the same x have different
// likelihoods.
func TestImportance(t *testing.T) {
	p := newProblem(t, problems.Options{Grid: 32, NoisePercent: 100})
	g := generator(t, p)
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, 1, 4); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, 1, 4)
	r, err := bench.Importance(context.Background(), p, y,
		bench.ImportanceSettings{Draws: 40, Seed: 2, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.Solves != 40 || !(1.5 < r.ESS && r.ESS < 30) {
		t.Errorf("%d solves, effective sample size %v", r.Solves, r.ESS)
	}
}
