package bench

import (
	"errors"
	"math"
	"testing"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// curved is a problem of three pixels x_k = a_kθ₁ + b_kθ₂² whose forward model
// is y = x + x²/10 with Gaussian noise.
type curved struct{ noise priors.Measurement }

var curvedA, curvedB = [3]float64{1, -0.5, 2}, [3]float64{0.5, 1.5, -1}

func (curved) Spec() *problems.Spec {
	return &problems.Spec{Name: "curved", Rows: 1, Cols: 3, YChannels: 1, ImagesPerSimulation: 1,
		XRange: problems.Range{Min: -5, Max: 5}}
}
func (c curved) Measurement() priors.Measurement { return c.noise }
func (curved) Box() (lo, hi []float64) {
	return []float64{-1, 0.5}, []float64{2, 1.5}
}
func (curved) Latent([]float64, uint64, uint64)          {}
func (curved) NewGenerator() (problems.Generator, error) { return &curvedSolver{}, nil }
func (curved) Field(x, theta []float64) {
	for k := range x {
		x[k] = curvedA[k]*theta[0] + curvedB[k]*theta[1]*theta[1]
	}
}

// curvedSolver keeps the last x for its adjoint.
type curvedSolver struct{ x [3]float64 }

func (*curvedSolver) Pair(x, y []float64, seed, i uint64) error { return nil }
func (s *curvedSolver) Forward(y, x []float64) error {
	for k, v := range x {
		s.x[k], y[k] = v, v+v*v/10
	}
	return nil
}
func (s *curvedSolver) Adjoint(gx, gy []float64) {
	for k, v := range s.x {
		gx[k] = gy[k] * (1 + v/5)
	}
}

// TestLangevinGradient compares the gradient of ln p(u|y) with central
// differences. Start is so narrow that the differences of the field are its
// derivatives.
func TestLangevinGradient(t *testing.T) {
	p := curved{priors.Gaussian{Std: 0.3}}
	l, err := newOwnLikelihood(p, []float64{1, math.NaN(), -0.4}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	s, start := rng.New(1, rng.Test, 0, 0), make([]float64, 40)
	for i := range start {
		start[i] = []float64{0.4, 1.1}[i%2] + 1e-4*s.Normal()
	}
	k, err := l.langevin(start)
	if err != nil {
		t.Fatal(err)
	}
	up, down, gy := make([]float64, 3), make([]float64, 3), make([]float64, 3)
	at := func(u ...float64) *malaState {
		s := newMalaState(2)
		copy(s.u, u)
		if err := k.set(s, l.workers[0], up, down, gy); err != nil {
			t.Fatal(err)
		}
		return s
	}
	const u0, u1, h = 0.3, -0.7, 1e-4
	got := at(u0, u1).gradient
	want := []float64{(at(u0+h, u1).logP - at(u0-h, u1).logP) / (2 * h),
		(at(u0, u1+h).logP - at(u0, u1-h).logP) / (2 * h)}
	for c := range want {
		if math.Abs(got[c]-want[c]) > 1e-5*(1+math.Abs(want[c])) {
			t.Errorf("variable %d: gradient %v, differences give %v", c, got[c], want[c])
		}
	}
	if _, err := l.langevin(start[:6]); err == nil {
		t.Error("three rows are enough for a covariance of two variables")
	}
	p.noise = priors.PhaseNoise{}
	if l, err := newOwnLikelihood(p, []float64{1, 2, -0.4}, 1); err == nil {
		_, err := l.langevin(start)
		if _, is := errors.AsType[*GradientError](err); !is {
			t.Errorf("noise without a derivative: %v", err)
		}
	}
}
