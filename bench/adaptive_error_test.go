package bench_test

import (
	"context"
	"math"
	"testing"

	"csdm/bench"
)

// TestAdaptiveEndsAtMeanError checks that a search with MeanError takes as many
// effective draws as the width of the posterior asks for, between a quarter of
// ESS and ESS.
func TestAdaptiveEndsAtMeanError(t *testing.T) {
	problem := newApart()
	y := problem.measure(-1.2, 14, 17, 1.05, 0.9, 0.1)
	_, field, _ := problem.exact(y)
	spec := problem.Spec()
	squares := 0.0
	for _, s := range field.Std {
		squares += s * s
	}
	rms := math.Sqrt(squares/float64(len(field.Std))) / spec.XRange.Width()
	const full = 1600
	for name, c := range map[string]struct{ meanError, least, most float64 }{
		"none":   {0, full, math.Inf(1)},
		"small":  {rms / math.Sqrt(10*full), full, math.Inf(1)},
		"middle": {rms / math.Sqrt(full/2), 0.9 * full / 2, full},
		"large":  {rms / math.Sqrt(full/100), full / 4, 0.7 * full},
	} {
		r, err := bench.Adaptive(context.Background(), problem, y,
			bench.AdaptiveSettings{Seed: 3, Threads: 2, ESS: full, MeanError: c.meanError})
		if err != nil {
			t.Fatal(err)
		}
		if !r.Converged || r.ESS < c.least || r.ESS > c.most {
			t.Errorf("%s: converged is %t, effective sample size %.0f, want %.0f to %.0f", name,
				r.Converged, r.ESS, c.least, c.most)
		}
	}
	if _, err := bench.Adaptive(context.Background(), problem, y,
		bench.AdaptiveSettings{Threads: 1, MeanError: math.NaN()}); err == nil {
		t.Error("an error of NaN is accepted")
	}
}
