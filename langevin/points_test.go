package langevin_test

import (
	"context"
	"math"
	"testing"

	"csdm/langevin"
	"csdm/rng"
)

// threePoints returns a distribution in the plane whose points have a small, a
// large and no weight.
func threePoints() *langevin.Points {
	return langevin.NewPoints([]float64{0, 0, 3, 1, -50, 50},
		[]float64{math.Log(1), math.Log(3), math.Inf(-1)}, 2)
}

// TestPointsScore compares the score with the gradient of the mixture's
// log-density by central differences, at noise levels from far above to far
// below the distance of the points.
func TestPointsScore(t *testing.T) {
	logDensity := func(x, y, sigma float64) float64 {
		normal := func(px, py float64) float64 {
			return -((x-px)*(x-px) + (y-py)*(y-py)) / (2 * sigma * sigma)
		}
		a, b := math.Log(0.25)+normal(0, 0), math.Log(0.75)+normal(3, 1)
		top := max(a, b)
		return top + math.Log(math.Exp(a-top)+math.Exp(b-top))
	}
	s := threePoints().Scorer()
	for _, sigma := range []float64{0.05, 0.7, 2, 30} {
		for _, at := range [][2]float64{{0.1, 0.2}, {1.4, 0.6}, {1.6, 0.4}, {4, -3}} {
			var got [2]float64
			if err := s.Score(got[:], at[:], sigma); err != nil {
				t.Fatal(err)
			}
			h := 1e-4 * sigma
			want := [2]float64{
				(logDensity(at[0]+h, at[1], sigma) - logDensity(at[0]-h, at[1], sigma)) / (2 * h),
				(logDensity(at[0], at[1]+h, sigma) - logDensity(at[0], at[1]-h, sigma)) / (2 * h),
			}
			for k := range want {
				if math.Abs(got[k]-want[k]) > 1e-6*(math.Abs(want[k])+1/sigma) {
					t.Errorf("σ %v at %v: score %v, difference %v", sigma, at, got, want)
				}
			}
		}
	}
}

// TestPointsAreSampled checks that each sampler ends at the points, with the
// frequencies of their weights. σ₁ must be much larger than the points'
// distances.
func TestPointsAreSampled(t *testing.T) {
	p := threePoints()
	sigmas, err := langevin.Geometric(60, 0.01, 40)
	if err != nil {
		t.Fatal(err)
	}
	for _, sampler := range []langevin.Sampler{langevin.SamplerHeun,
		langevin.SamplerDPMSolverPP2M} {
		const n = 2000
		second, far := 0, 0
		settings := langevin.Settings{Sampler: sampler, Sigmas: sigmas, Draws: n, Seed: 4,
			Threads: 2}
		if _, err := langevin.Sample(context.Background(), p.Scorer, 2, settings,
			func(_ int, x []float64) error {
				a, b := math.Hypot(x[0], x[1]), math.Hypot(x[0]-3, x[1]-1)
				if b < a {
					second++
				}
				if min(a, b) > 0.1 {
					far++
				}
				return nil
			}); err != nil {
			t.Fatal(err)
		}
		// For 2,000 draws a fraction of 3/4 has a standard error of 0.0097.
		if share := float64(second) / n; math.Abs(share-0.75) > 0.04 || far > 0 {
			t.Errorf("%s: %.3f of the draws are at the heavy point, want 0.75; %d are at none",
				sampler, share, far)
		}
	}
}

// TestPointsPosteriorMean checks that at a noise level much larger than the
// points' distances the denoiser is the mean of the distribution, whatever the
// state.
func TestPointsPosteriorMean(t *testing.T) {
	s := threePoints().Scorer()
	r := rng.New(1, rng.Test, 0, 0)
	const sigma = 1e5
	for range 5 {
		x := []float64{sigma * r.Normal(), sigma * r.Normal()}
		var score [2]float64
		if err := s.Score(score[:], x, sigma); err != nil {
			t.Fatal(err)
		}
		for k, want := range []float64{2.25, 0.75} {
			if got := x[k] + sigma*sigma*score[k]; math.Abs(got-want) > 1e-3 {
				t.Errorf("denoised to %v, want %v", got, want)
			}
		}
	}
}

func TestPointsPanics(t *testing.T) {
	for name, call := range map[string]func(){
		"sizes":     func() { langevin.NewPoints(make([]float64, 5), make([]float64, 2), 2) },
		"no weight": func() { langevin.NewPoints(make([]float64, 2), []float64{math.Inf(-1)}, 2) },
		"state": func() {
			_ = threePoints().Scorer().Score(make([]float64, 3), make([]float64, 3), 1)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
