package bench_test

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/langevin"
	"csdm/problems"
	"csdm/rng"
)

// exactScore returns a posterior by quadrature, in normalized units, and the
// distribution of its weighted fields.
func exactScore(t *testing.T) (problems.Parametric, *bench.QuadratureResult, *bench.Posterior,
	*langevin.Points) {
	t.Helper()
	p := newQuasistatic(t, 12, 8)
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, 5, 2); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, 5, 2)
	q, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	unit := p.Spec().XRange
	points, err := bench.ExactScore(ctx, p, q.Points, unit, 2)
	if err != nil {
		t.Fatal(err)
	}
	return p, q, q.Scaled(unit.Min, unit.Width()), points
}

// TestExactScore checks Tweedie's formula at noise levels at which it is known:
// far above the spread of the posterior the denoised state is the posterior's
// mean, and far below it a field that was smoothed is found again.
func TestExactScore(t *testing.T) {
	p, q, normalized, points := exactScore(t)
	if !q.Points.Finite || q.Points.Len() < 3 || q.Points.Len() >= q.Cells {
		t.Fatalf("%d fields of %d cells, finite: %v", q.Points.Len(), q.Cells, q.Points.Finite)
	}
	s, stream := points.Scorer(), rng.New(1, rng.Test, 0, 0)
	size := p.Spec().XLen()
	field, x, score := make([]float64, size), make([]float64, size), make([]float64, size)
	p.Field(field, q.Points.Theta[2:4])
	unit := p.Spec().XRange
	for k := range field {
		field[k] = (field[k] - unit.Min) / unit.Width()
	}
	for _, c := range []struct {
		sigma, tolerance float64
		want             []float64
	}{{1e4, 1e-3, normalized.Mean}, {0.05, 1e-6, field}} {
		for k := range x {
			x[k] = field[k] + c.sigma*stream.Normal()
		}
		if err := s.Score(score, x, c.sigma); err != nil {
			t.Fatal(err)
		}
		for k, want := range c.want {
			if got := x[k] + c.sigma*c.sigma*score[k]; math.Abs(got-want) > c.tolerance {
				t.Fatalf("σ = %g: pixel %d is denoised to %v, want %v", c.sigma, k, got, want)
			}
		}
	}
}

// TestExactScoreOfOneField checks that one field has the score of a normal
// distribution, which is linear in the state.
func TestExactScoreOfOneField(t *testing.T) {
	p := newQuasistatic(t, 8, 10)
	theta := []float64{0.4, 0.5}
	points, err := bench.ExactScore(ctx, p, bench.Weighted{Theta: theta, LogWeights: []float64{-7}},
		problems.Range{Min: 1, Max: 3}, 1)
	if err != nil {
		t.Fatal(err)
	}
	field := make([]float64, p.Spec().XLen())
	p.Field(field, theta)
	x, score := make([]float64, len(field)), make([]float64, len(field))
	for k := range x {
		x[k] = float64(k)
	}
	if err := points.Scorer().Score(score, x, 2); err != nil {
		t.Fatal(err)
	}
	for k, v := range field {
		if want := ((v-1)/2 - x[k]) / 4; math.Abs(score[k]-want) > 1e-12 {
			t.Fatalf("component %d is %v, want %v", k, score[k], want)
		}
	}
}

// TestExactScoreIsSampled checks that each sampler reproduces the quadrature's
// posterior within the Monte Carlo error of its draws. Annealed Langevin has
// finite steps, whose error is not zero.
func TestExactScoreIsSampled(t *testing.T) {
	_, _, want, points := exactScore(t)
	const draws = 200
	for sampler, levels := range map[langevin.Sampler]int{langevin.SamplerAnnealed: 60,
		langevin.SamplerHeun: 25, langevin.SamplerDPMSolverPP2M: 25,
		langevin.SamplerPredictorCorrector: 40} {
		s := langevin.Default()
		s.Sampler, s.Levels, s.SigmaMax, s.SigmaMin = sampler, levels, 40, 0.02
		s.Draws, s.Threads, s.Corrections, s.StepsPerLevel = draws, 2, 0, 5
		var all []float64
		if _, err := langevin.Sample(ctx, points.Scorer, len(want.Mean), s,
			func(_ int, x []float64) error {
				all = append(all, x...)
				return nil
			}); err != nil {
			t.Fatal(err)
		}
		got := bench.FromDraws(all, draws, len(want.Mean), 2)
		c := bench.Compare(got, want)
		t.Logf("%s: RMSE %.4f / %.4f, errors of the draws %.4f / %.4f", sampler, c.Mean, c.Std,
			c.MeanErrorA, c.StdErrorA)
		if c.Mean > 2*c.MeanErrorA || c.Std > 2*c.StdErrorA {
			t.Errorf("%s: RMSE %.4f / %.4f; the draws' own errors are %.4f / %.4f", sampler, c.Mean,
				c.Std, c.MeanErrorA, c.StdErrorA)
		}
	}
}

// TestExactScoreHasTheLeastLoss compares the exact denoiser with others at
// fields drawn from the posterior: the posterior's mean, the noisy field
// itself, and the exact denoiser of a wrong level.
func TestExactScoreHasTheLeastLoss(t *testing.T) {
	p, q, normalized, points := exactScore(t)
	unit, size := p.Spec().XRange, p.Spec().XLen()
	stream, s := rng.New(2, rng.Test, 0, 0), points.Scorer()
	x, noisy, score := make([]float64, size), make([]float64, size), make([]float64, size)
	top := q.Points.LogWeights[0]
	for _, l := range q.Points.LogWeights {
		top = max(top, l)
	}
	for _, sigma := range []float64{0.5, 1, 3} {
		var exact, mean, none, wrong float64
		for drawn := 0; drawn < 300; {
			i := int(stream.Float64() * float64(q.Points.Len()))
			if stream.Float64() > math.Exp(q.Points.LogWeights[i]-top) {
				continue
			}
			drawn++
			p.Field(x, q.Points.Theta[2*i:2*i+2])
			for k := range x {
				x[k] = (x[k] - unit.Min) / unit.Width()
				noisy[k] = x[k] + sigma*stream.Normal()
				mean += (normalized.Mean[k] - x[k]) * (normalized.Mean[k] - x[k])
				none += (noisy[k] - x[k]) * (noisy[k] - x[k])
			}
			for level, loss := range map[float64]*float64{sigma: &exact, 3 * sigma: &wrong} {
				if err := s.Score(score, noisy, level); err != nil {
					t.Fatal(err)
				}
				for k, v := range noisy {
					d := v + level*level*score[k] - x[k]
					*loss += d * d
				}
			}
		}
		t.Logf("σ = %g: exact %.3f, mean %.3f, none %.3f, wrong level %.3f", sigma, exact, mean,
			none, wrong)
		if !(exact < mean && exact < none && exact < wrong) {
			t.Errorf("σ = %g: the loss %g is above the least of %g, %g and %g", sigma, exact, mean,
				none, wrong)
		}
	}
}

// TestHeaviest checks that only a millionth of the weight is left out, and that
// rows keep their order.
func TestHeaviest(t *testing.T) {
	w := bench.Weighted{Theta: []float64{1, 10, 2, 20, 3, 30, 4, 40},
		LogWeights: []float64{math.Log(1e-8), 0, math.Inf(-1), math.Log(2e-6)}, Finite: true}
	got := w.Heaviest()
	if got.Len() != 2 || got.Theta[0] != 2 || got.Theta[3] != 40 || got.LogWeights[0] != 0 ||
		!got.Finite {
		t.Errorf("%+v", got)
	}
}
