package outside

import (
	"context"
	"errors"
	"math"
	"testing"

	"csdm/bench"
	"csdm/fem"
	"csdm/fem/femtest"
	"csdm/langevin"
	"csdm/priors/priorstest"
	"csdm/problems"
	"csdm/problems/problemstest"
	"csdm/rng"
)

func TestPrior(t *testing.T) { priorstest.Field(t, Ramp{}, side*side, 1, 3) }

func TestNoise(t *testing.T) {
	y := make([]float64, 64)
	priorstest.Measurement(t, priorstest.MeasurementCase{
		Measurement: Laplace{0.05}, Prediction: y, Mean: func(int) float64 { return 0 },
		Std: func(int) float64 { return 0.05 * math.Sqrt2 },
	})
}

func TestProblem(t *testing.T) {
	problemstest.Problem(t, problemstest.Case{
		New: func(o problems.Options) (problems.Problem, error) {
			if o != (problems.Options{}) {
				return nil, errors.New("ramp has one grid and one noise")
			}
			return Problem{}, nil
		},
	})
}

// TestElement runs the suite of elements on one of csdm's.
func TestElement(t *testing.T) { femtest.Run(t, femtest.Scalar(fem.LaplaceP1{})) }

// TestSampler draws from a Gaussian whose moments are known.
func TestSampler(t *testing.T) {
	sigmas, err := langevin.Geometric(20, 0.01, 40)
	if err != nil {
		t.Fatal(err)
	}
	var sum, square float64
	const draws, dim = 200, 10
	_, err = langevin.Sample(context.Background(),
		func() langevin.Scorer { return Gaussian{0.5, 0.5} }, dim,
		langevin.Settings{Sampler: langevin.SamplerHeun, Sigmas: sigmas, Seed: 1, Draws: draws,
			Threads: 1},
		func(_ int, x []float64) error {
			for _, v := range x {
				sum += v
				square += v * v
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	mean := sum / (draws * dim)
	std := math.Sqrt(square/(draws*dim) - mean*mean)
	if math.Abs(mean-0.5) > 5*0.5/math.Sqrt(draws*dim) || math.Abs(std-0.5) > 0.05 {
		t.Errorf("mean %v, std %v; want 0.5, 0.5", mean, std)
	}
}

// TestReference computes the exact posterior of a problem of one's own.
func TestReference(t *testing.T) {
	var p Problem
	x, y := make([]float64, side*side), make([]float64, side*side)
	if err := p.Pair(x, y, 1, 0); err != nil {
		t.Fatal(err)
	}
	p.Measurement().Sample(y, y, rng.New(1, rng.Noise, 0, 0))
	r, err := bench.Quadrature(context.Background(), p, y, bench.QuadratureSettings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range r.Posterior.Mean {
		if d := math.Abs(m - x[i]); d > 5*r.Posterior.Std[i] {
			t.Errorf("pixel %d: mean %v ± %v, true value %v", i, m, r.Posterior.Std[i], x[i])
		}
	}
}
