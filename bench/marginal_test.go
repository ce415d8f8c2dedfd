package bench_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"csdm/bench"
	"csdm/problems"
	"csdm/rng"
)

// scaled is linear with a model error: x is y times a factor uniform on [½,
// 3/2], the third variable. The factor's mean is 1 and its mean square 13/12.
type scaled struct{ *linear }

const meanSquare = 13.0 / 12

func (p scaled) Spec() *problems.Spec {
	s := *p.linear.Spec()
	s.Variables = []problems.Variable{{Name: "first"}, {Name: "second"}, {Name: "factor"}}
	return &s
}

func (p scaled) Box() (lo, hi []float64) {
	lo, hi = p.linear.Box()
	return append(lo, 0.5), append(hi, 1.5)
}

func (p scaled) Latent(theta []float64, seed, i uint64) {
	p.linear.Latent(theta[:2], seed, i)
	theta[2] = rng.New(seed, rng.Shift, i, 0).Uniform(0.5, 1.5)
}

func (p scaled) Field(x, theta []float64) {
	p.linear.Field(x, theta)
	for k := range x {
		x[k] *= theta[2]
	}
}

func (p scaled) Measured() int { return 2 }

func (p scaled) Moments(mean, square, theta []float64) {
	p.linear.Field(mean, theta)
	for k := range square {
		square[k] = meanSquare * mean[k] * mean[k]
	}
}

func (p scaled) NewGenerator() (problems.Generator, error) { return scaledSimulator{p}, nil }

type scaledSimulator struct{ p scaled }

func (g scaledSimulator) Pair(x, y []float64, seed, i uint64) error {
	theta := make([]float64, 3)
	g.p.Latent(theta, seed, i)
	return g.Simulate(x, y, theta)
}

func (g scaledSimulator) Simulate(x, y, theta []float64) error {
	g.p.Field(x, theta)
	g.p.linear.Field(y, theta)
	return nil
}

// TestMarginal compares moments over the model error with the closed form: θ is
// normal given y, so x has the mean m and the mean square 13/12·(m² + s²) for
// the mean m and the deviation s of y. It also compares the stated errors with
// the errors.
func TestMarginal(t *testing.T) {
	p := scaled{newLinear()}
	y := p.measure()
	m, s, _, _, logEvidence := p.exact(y)
	const runs = 40
	var ofMean, ofStd float64 // squared errors in units of the stated ones
	for seed := range uint64(runs) {
		r, err := bench.Adaptive(context.Background(), p, y,
			bench.AdaptiveSettings{Seed: seed, Threads: 2, ESS: 300, MeanError: 1})
		if err != nil {
			t.Fatal(err)
		}
		if r.ESS < 300 {
			t.Errorf("the search ends at %v draws, want 300: MeanError must not count", r.ESS)
		}
		for k := range m {
			std := math.Sqrt(meanSquare*(m[k]*m[k]+s[k]*s[k]) - m[k]*m[k])
			a, b := (r.Mean[k]-m[k])/r.MeanError[k], (r.Std[k]-std)/r.StdError[k]
			ofMean, ofStd = ofMean+a*a/runs/pixels, ofStd+b*b/runs/pixels
		}
		if seed > 0 {
			continue
		}
		if d := math.Abs(r.LogEvidence - logEvidence); d > 5*r.LogEvidenceError {
			t.Errorf("log evidence %v, exact %v", r.LogEvidence, logEvidence)
		}
		factors := make([]float64, len(r.LogWeights))
		for i := range factors {
			factors[i] = r.Theta[3*i+2]
		}
		if len(r.Theta) != 3*len(factors) || slices.Min(factors) < 0.5 ||
			slices.Max(factors) > 1.5 || slices.Max(factors)-slices.Min(factors) < 0.9 {
			t.Errorf("factors from %v to %v", slices.Min(factors), slices.Max(factors))
		}
		if v := r.Variables; v.Mean[2] != 1 || math.Abs(v.Std[2]-math.Sqrt(1.0/12)) > 1e-12 ||
			len(r.EndMass) != 3 {
			t.Errorf("the factor has mean %v and deviation %v", v.Mean[2], v.Std[2])
		}
		// A start is given in all variables.
		start := slices.Repeat([]float64{0.1, 3.4, 1}, 64)
		if _, err := bench.Adaptive(context.Background(), p, y,
			bench.AdaptiveSettings{Threads: 1, ESS: 300, Start: start}); err != nil {
			t.Error(err)
		}
	}
	t.Logf("squared errors in units of the stated ones: mean %.2f, std %.2f", ofMean, ofStd)
	// The pixels are functions of two variables, so there are about 80 numbers.
	for _, v := range []float64{ofMean, ofStd} {
		if v < 1-5*math.Sqrt(2.0/80) || v > 1+5*math.Sqrt(2.0/80) {
			t.Errorf("the errors are %.2f times the stated ones", math.Sqrt(v))
		}
	}
}
