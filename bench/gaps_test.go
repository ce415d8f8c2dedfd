package bench_test

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/problems"
)

// TestMissingValues compares every method on a measurement with gaps with the
// closed form, which leaves out the rows of the missing values. Without them
// the posterior is two to three times wider, so a method that ignores the gaps
// or fills them fails.
func TestMissingValues(t *testing.T) {
	p := newLinear()
	y := p.measure()
	whole, _, _, _, _ := p.exact(y)
	for _, k := range []int{0, 1, 4, 5, 6, 8, 9, 11} {
		y[k] = math.NaN()
	}
	mean, std, _, _, logEvidence := p.exact(y)
	apart := 0.0
	for k := range mean {
		apart = max(apart, math.Abs(mean[k]-whole[k])/std[k])
	}
	if apart < 0.5 {
		t.Fatalf("the gaps move the mean by only %v deviations", apart)
	}
	check := func(name string, r *bench.Posterior, evidence, tolerance float64) {
		t.Helper()
		for k := range mean {
			if math.Abs(r.Mean[k]-mean[k]) > tolerance*std[k] ||
				math.Abs(r.Std[k]-std[k]) > tolerance*std[k] {
				t.Errorf("%s: pixel %d: %v ± %v, want %v ± %v", name, k, r.Mean[k], r.Std[k],
					mean[k], std[k])
			}
		}
		if math.Abs(evidence-logEvidence) > tolerance {
			t.Errorf("%s: log-evidence %v, want %v", name, evidence, logEvidence)
		}
	}
	q, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Coarse: 20, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	check("quadrature", &q.Posterior, q.LogEvidence, 1e-4)
	a, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{ESS: 4000, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	check("adaptive", &a.Posterior, a.LogEvidence, 0.08)
	c, err := bench.Chains(ctx, p, y, bench.ChainsSettings{Seed: 2, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	check("chains", &c.Posterior, logEvidence, 4/math.Sqrt(c.ESS))
}

// TestNothingMeasured checks that a measurement without a value is an error.
func TestNothingMeasured(t *testing.T) {
	p := newLinear()
	y := make([]float64, pixels)
	for k := range y {
		y[k] = math.NaN()
	}
	for name, of := range map[string]func(problems.Parametric) error{
		"quadrature": func(q problems.Parametric) error {
			_, err := bench.Quadrature(ctx, q, y, bench.QuadratureSettings{Threads: 1})
			return err
		},
		"chains": func(q problems.Parametric) error {
			_, err := bench.Chains(ctx, q, y, bench.ChainsSettings{Threads: 1})
			return err
		},
	} {
		if of(p) == nil {
			t.Errorf("%s: a measurement without values is accepted", name)
		}
	}
}
