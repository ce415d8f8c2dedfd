package infer

import (
	"context"
	"math"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/nn"
	"csdm/recipe"
)

// TestShrunkPosterior checks which digits of a trained network's output change
// in half precision: scores by less than two thousandths, posterior mean and
// standard deviation by less than a tenth of their own errors of 16 draws.
//
// Half precision has 11 significant bits, a relative rounding error of 2⁻¹¹ ≈
// 5·10⁻⁴ per weight. Rounding errors of many weights average out in a score; a
// change of zero would mean that nothing was rounded. The inputs at each σ are
// the field plus a pattern with the root mean square σ: √2 sin has the root
// mean square 1.
func TestShrunkPosterior(t *testing.T) {
	m, err := BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	y, truth := embeddedPair(t, 0)
	small := m.Shrunk()
	// score returns the score of a noisy version of the true field.
	score := func(m *nn.Model, sigma float64) []float64 {
		normalized := make([]float64, len(y))
		m.Meta.Normalization.NormalizeY(normalized, y)
		out, x := make([]float64, len(truth)), make([]float64, len(truth))
		for i, v := range truth { // a pattern instead of noise
			x[i] = v + sigma*math.Sqrt2*math.Sin(float64(i*i))
		}
		if err := m.Condition(normalized)().Score(out, x, sigma); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, sigma := range []float64{0.02, 0.2, 2, 20} {
		a, b := score(m, sigma), score(small, sigma)
		d := bench.RMSE(a, b) / rms(a)
		t.Logf("σ = %g: the score changes by %.2g of itself", sigma, d)
		if d > 2e-3 || d == 0 {
			t.Errorf("σ = %g: the score changes by %.2g of itself", sigma, d)
		}
	}
	settings := recipe.Sampling(m, 16)
	sample := func(m *nn.Model) *Posterior {
		p, err := Sample(context.Background(), m, y, settings, Job{Seed: 1}, env.Quiet(2))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, b := sample(m), sample(small)
	mean, std := bench.RMSE(a.Mean, b.Mean), bench.RMSE(a.Std, b.Std)
	t.Logf("the mean changes by %.2g, the standard deviation by %.2g; "+
		"errors of 16 draws: %.2g, %.2g",
		mean, std, rms(a.MeanError), rms(a.StdError))
	if mean > 0.1*rms(a.MeanError) || std > 0.1*rms(a.StdError) || mean == 0 {
		t.Errorf("mean and std change by %.2g and %.2g; their errors are %.2g and %.2g", mean, std,
			rms(a.MeanError), rms(a.StdError))
	}
}
