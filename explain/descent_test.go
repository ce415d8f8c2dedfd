package explain

import (
	"math"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/problems"
	"csdm/problems/duallayer"
	"csdm/rng"
)

// TestBoxStep: r = J(v − c) has its minimum at c. With c outside of the box in
// one variable, that variable stays at the end, and the other is at the minimum
// along the edge, by hand.
//
// Clipping the unconstrained minimum instead would leave the other variable
// where it was, off the minimum along the edge.
func TestBoxStep(t *testing.T) {
	rows := [][]float64{{2, 0, 1}, {1, 3, 0}} // J by columns
	u := []float64{0.5, 0.5}
	at := func(c []float64) []float64 {
		r := make([]float64, 3)
		for k, row := range rows {
			for i, a := range row {
				r[i] += a * (u[k] - c[k])
			}
		}
		return r
	}
	near := func(got, want []float64) {
		t.Helper()
		for k, v := range want {
			if math.Abs(got[k]-v) > 1e-9 {
				t.Errorf("got %v, want %v", got, want)
				break
			}
		}
	}
	inside := []float64{0.2, 0.9}
	near(boxStep(rows, at(inside), u, 1e-12), inside)
	// On v₀ = 0: the derivative by v₁ is 2·(0 + 0.4) + 10·(v₁ − 0.6) = 0.
	near(boxStep(rows, at([]float64{-0.4, 0.6}), u, 1e-12), []float64{0, 0.52})
	near(boxStep(rows, at(inside), u, 1e15), u)
}

// TestNearestOfSmooth searches the prior of two layers, whose measurement
// depends on three of six variables. The member found must fit as well as the
// true one, and a mistake of a few percent must be found.
//
// Variables on which y does not depend may end anywhere; only the fit is
// compared.
func TestNearestOfSmooth(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: some 500 simulations of a wave take a minute")
	}
	p, err := duallayer.New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	spec, judge := p.Spec(), NewJudge(p)
	x, clean, y, r := make([]float64, spec.XLen()), make([]float64, spec.YLen()),
		make([]float64, spec.YLen()), make([]float64, spec.YLen())
	theta := make([]float64, 6)
	noisy := func(i uint64, f func(k int) float64) {
		for k := range y {
			y[k] = f(k)
		}
		p.Measurement().Sample(y, y, rng.New(77, rng.Test, i, 0))
	}
	for i := range uint64(2) {
		p.Latent(theta, 77, i)
		if err := g.Pair(x, clean, 77, i); err != nil {
			t.Fatal(err)
		}
		noisy(i, func(k int) float64 { return clean[k] })
		m, err := Nearest(t.Context(), p, y, Search{Seed: 1, Threads: 2}, nil)
		if err != nil {
			t.Fatal(err)
		}
		priors.Standardize(p.Measurement(), r, y, clean)
		if m.Chi2*float64(len(y)) > dot(r, r) || m.Solves > 200 {
			t.Errorf("pair %d: χ² %.6g after %d solves, the true one has %.6g", i,
				m.Chi2*float64(len(y)), m.Solves, dot(r, r))
		}
		for k, tolerance := range []float64{0.05, 0.05, 0.01} {
			if math.Abs(m.Theta[k]-theta[k]) > tolerance {
				t.Errorf("pair %d: %s %.4g, true %.4g", i, spec.Variables[k].Name, m.Theta[k],
					theta[k])
			}
		}
	}
	for name, f := range map[string]func(k int) float64{
		"right":                   func(k int) float64 { return clean[k] },
		"amplitude 3 % too large": func(k int) float64 { return 1.03 * clean[k] },
		"one pixel to the side": func(k int) float64 {
			return clean[k/spec.Cols*spec.Cols+max(0, k%spec.Cols-1)]
		},
	} {
		noisy(9, f)
		v := &Verdict{Explained: true}
		if asked, err := judge.Prior(t.Context(), v, slices.Clone(y), PriorRate,
			Search{Seed: 1, Threads: 2}); !asked ||
			err != nil {
			t.Fatal(asked, err)
		}
		if v.Explained != (name == "right") {
			t.Errorf("%s: %s", name, v.Text)
		}
	}
}
