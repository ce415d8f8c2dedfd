// Package outside is written as a user of another module writes: a prior, a
// noise model, a problem and a score, with nothing but csdm's public packages.
package outside

import (
	"fmt"
	"math"

	"csdm/langevin"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

const side = 8

// Ramp is a prior of fields: x(c) = a + b c/side, with a and b uniform.
type Ramp struct{}

func (Ramp) Box() (lo, hi []float64) { return []float64{1, 0}, []float64{2, 1} }

func (Ramp) Field(x, theta []float64) {
	for i := range x {
		x[i] = theta[0] + theta[1]*float64(i%side)/side
	}
}

// Laplace is a noise model: independent noise of the Laplace distribution.
type Laplace struct{ Scale float64 }

func (l Laplace) Sample(dst, y []float64, s *rng.Stream) {
	for i, v := range y {
		u := s.Float64() - 0.5
		dst[i] = v - l.Scale*math.Copysign(math.Log1p(-2*math.Abs(u)), u)
	}
}

func (l Laplace) LogLikelihood(y, prediction []float64) (sum float64) {
	for i, v := range y {
		sum -= math.Abs(v-prediction[i])/l.Scale + math.Log(2*l.Scale)
	}
	return sum
}

func (l Laplace) String() string { return fmt.Sprintf("Laplace of scale %g", l.Scale) }

// Problem measures the compliance 1/x of a Ramp.
type Problem struct{ Ramp }

func (Problem) Spec() *problems.Spec {
	return &problems.Spec{
		Name: "ramp", Title: "Ramp", Rows: side, Cols: side, YChannels: 1, Width: 1, Height: 1,
		LengthUnit: "mm", XName: "modulus", XUnit: "kPa", YName: "compliance", YUnit: "1/kPa",
		ImagesPerSimulation: 1, Variables: []problems.Variable{{Name: "a"}, {Name: "b"}},
		XRange: problems.Range{Min: 1, Max: 3},
	}
}

func (Problem) Measurement() priors.Measurement { return Laplace{0.05} }

func (p Problem) NewGenerator() (problems.Generator, error) { return p, nil }

func (Problem) Latent(theta []float64, seed, i uint64) {
	s := rng.New(seed, rng.Prior, i, 0)
	theta[0], theta[1] = s.Uniform(1, 2), s.Float64()
}

func (p Problem) Pair(x, y []float64, seed, i uint64) error {
	var theta [2]float64
	p.Latent(theta[:], seed, i)
	return p.Simulate(x, y, theta[:])
}

func (p Problem) Simulate(x, y, theta []float64) error {
	p.Field(x, theta)
	return p.Forward(y, x)
}

func (Problem) Forward(y, x []float64) error {
	for i, v := range x {
		if !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("modulus %v at point %d; it must be positive and finite", v, i)
		}
		y[i] = 1 / v
	}
	return nil
}

// Gaussian is the score of N(Mean, Std²) in each coordinate, smoothed with
// sigma: (Mean − x)/(Std² + σ²).
type Gaussian struct{ Mean, Std float64 }

func (g Gaussian) Score(dst, x []float64, sigma float64) error {
	for i, v := range x {
		dst[i] = (g.Mean - v) / (g.Std*g.Std + sigma*sigma)
	}
	return nil
}

// That the types fit the interfaces is checked here, at compile time.
var (
	_ priors.Likelihood   = Laplace{}
	_ problems.Parametric = Problem{}
	_ problems.Simulator  = Problem{}
	_ problems.Forwarder  = Problem{}
	_ langevin.Scorer     = Gaussian{}
)
