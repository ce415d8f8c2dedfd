package tasks

import (
	"math"
	"testing"

	"csdm/rng"
)

// TestAffine fits unknowns whose mean and scale are known functions of the
// measurement, and checks both, the covariance of the remainders, and that
// restore is the inverse of remainder.
//
// The first component has a linear mean and a constant scale, the second a sine
// and the scale e^(y₀/2), and their remainders are correlated by 0.8. On fresh
// pairs the transformed remainders must have unit variance and no correlation.
func TestAffine(t *testing.T) {
	const n, fitted, d, dy = 3000, 2700, 2, 2
	u, y, s := make([]float64, n*d), make([]float64, n*dy), rng.New(1, rng.Test, 0, 0)
	mean := func(y []float64) [2]float64 { return [2]float64{2*y[0] - y[1], math.Sin(y[1])} }
	for i := range n {
		at, z := y[i*dy:][:dy], s.Normal()
		at[0], at[1] = s.Normal(), s.Normal()
		m := mean(at)
		u[i*d] = m[0] + 0.1*z
		u[i*d+1] = m[1] + math.Exp(0.5*at[0])*(0.8*z+0.6*s.Normal())
	}
	a := newAffine(u, y, d, fitted, 1)
	var worst [2]float64
	for _, at := range [][]float64{{0, 0}, {1, -0.5}, {-1, 1}, {0.3, 1.2}} {
		got, logScale := a.at(at)
		m := mean(at)
		for k, size := range []float64{0.1, math.Exp(0.5 * at[0])} {
			worst[k] = max(worst[k], math.Abs(got[k]-m[k])/size)
		}
		// The mean of ln|z| is −0.635, so that all scales have that factor.
		ratio := math.Exp(logScale[1]) / (math.Exp(0.5*at[0]) * math.Exp(-0.635))
		if ratio < 0.8 || ratio > 1.25 {
			t.Errorf("y %v: %.2f times the known scale", at, ratio)
		}
		r := []float64{got[0] + 0.2, got[1] - 0.7}
		want := [2]float64(r)
		a.remainder(r, got, logScale)
		a.restore(r, got, logScale)
		if math.Abs(r[0]-want[0]) > 1e-12 || math.Abs(r[1]-want[1]) > 1e-12 {
			t.Errorf("restored %v, want %v", r, want)
		}
	}
	if worst[0] > 0.15 || worst[1] > 0.35 {
		t.Errorf("means are wrong by %.2f and %.2f scales", worst[0], worst[1])
	}
	var square, product float64
	for i := fitted; i < n; i++ { // pairs that were not fitted
		m, l := a.at(y[i*dy:][:dy])
		r := u[i*d:][:d]
		a.remainder(r, m, l)
		square += (r[0]*r[0] + r[1]*r[1]) / (2 * (n - fitted))
		product += r[0] * r[1] / (n - fitted)
	}
	if math.Abs(square-1) > 0.2 || math.Abs(product) > 0.2 {
		t.Errorf("remainders have variance %.2f and covariance %.2f", square, product)
	}
}
