package priorstest

import (
	"math"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/rng"
)

// FieldPrior is a prior of fields with few uniform variables.
type FieldPrior interface {
	Box() (lo, hi []float64)
	Field(x, theta []float64)
}

// Field checks a prior of fields with n values in [least, most]. For θ
// throughout the box and at its corners, the field must be a function of θ
// alone, set everywhere, finite and in range. Each variable must have an
// effect.
func Field(t *testing.T, p FieldPrior, n int, least, most float64) {
	t.Helper()
	lo, hi := p.Box()
	if len(lo) == 0 || len(lo) != len(hi) {
		t.Fatalf("the box has %d and %d limits", len(lo), len(hi))
	}
	for k := range lo {
		if !(lo[k] < hi[k]) {
			t.Fatalf("variable %d runs from %v to %v", k, lo[k], hi[k])
		}
	}
	theta := make([]float64, len(lo))
	x, again := make([]float64, n), make([]float64, n)
	matters := make([]bool, len(lo))
	s := rng.New(1, rng.Test, 0, 0)
	for trial := range 200 {
		if trial < 2<<len(theta) && trial < 128 { // corners first, twice
			for k := range theta {
				theta[k] = lo[k]
				if trial>>k&1 == 1 {
					theta[k] = hi[k]
				}
			}
		} else {
			priors.Draw(theta, lo, hi, s)
		}
		before := slices.Clone(theta)
		for i := range x {
			x[i], again[i] = math.NaN(), math.Inf(1)
		}
		p.Field(x, theta)
		p.Field(again, theta)
		if !slices.Equal(theta, before) {
			t.Fatal("Field changed the variables")
		}
		for i, v := range x {
			if v != again[i] {
				t.Fatalf("θ = %v: value %d is %v, then %v", theta, i, v, again[i])
			}
			if !(least <= v && v <= most) {
				t.Fatalf("θ = %v: value %d is %v, outside [%v, %v]", theta, i, v, least, most)
			}
		}
		for k := range theta {
			theta[k] = s.Uniform(lo[k], hi[k])
			p.Field(again, theta)
			matters[k] = matters[k] || !slices.Equal(x, again)
			theta[k] = before[k]
		}
	}
	for k, m := range matters {
		if !m {
			t.Errorf("variable %d has no effect on the field", k)
		}
	}
}

// KolmogorovUniform returns √n·sup|F_n − F| of the sample against the uniform
// distribution on [lo, hi]. It sorts the sample. For a correct sample of any
// size the result exceeds 2.3 with probability 5e-5 (Kolmogorov 1933).
func KolmogorovUniform(sample []float64, lo, hi float64) float64 {
	slices.Sort(sample)
	n := float64(len(sample))
	most := 0.0
	for i, v := range sample {
		f := (v - lo) / (hi - lo)
		most = max(most, math.Abs(f-float64(i)/n), math.Abs(float64(i+1)/n-f))
	}
	return most * math.Sqrt(n)
}
