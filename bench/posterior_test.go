package bench_test

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/rng"
)

// TestFromDraws uses distributions with known moments. The standard errors have
// closed forms: σ/√n for the mean, and √((m₄ − σ⁴)/n)/(2σ) for the standard
// deviation, which is σ/√(2n) for a normal distribution.
func TestFromDraws(t *testing.T) {
	const n = 40_000
	s := rng.New(3, rng.Test, 0, 0)
	draws := make([]float64, 3*n)
	for i := range n {
		draws[3*i], draws[3*i+1], draws[3*i+2] = 2+0.5*s.Normal(), s.Uniform(-1, 1), 7
	}
	p := bench.FromDraws(draws, n, 3, 2)
	for k, want := range []struct{ mean, std, q05, q50, q95, meanError, stdError float64 }{
		{2, 0.5, 2 - 0.5*1.6448536, 2, 2 + 0.5*1.6448536, 0.5 / math.Sqrt(n), 0.5 / math.Sqrt(2*n)},
		{0, math.Sqrt(1. / 3), -0.9, 0, 0.9, math.Sqrt(1. / 3 / n),
			math.Sqrt((1./5-1./9)/n) / (2 * math.Sqrt(1./3))},
	} {
		if math.Abs(p.Mean[k]-want.mean) > 5*want.meanError ||
			math.Abs(p.Std[k]-want.std) > 5*want.stdError {
			t.Errorf("pixel %d: %v ± %v", k, p.Mean[k], p.Std[k])
		}
		if math.Abs(p.MeanError[k]/want.meanError-1) > 0.02 ||
			math.Abs(p.StdError[k]/want.stdError-1) > 0.05 {
			t.Errorf("pixel %d: errors %v and %v, want %v and %v", k, p.MeanError[k], p.StdError[k],
				want.meanError, want.stdError)
		}
		// A quantile's standard error is √(q(1−q)/n) over the density there: at
		// most 2.2 σ/√n at 5 % of a normal distribution.
		for _, q := range []struct{ got, want float64 }{{p.Q05[k], want.q05}, {p.Q50[k], want.q50},
			{p.Q95[k], want.q95}} {
			if math.Abs(q.got-q.want) > 5*2.2*want.meanError {
				t.Errorf("pixel %d: quantile %v, want %v", k, q.got, q.want)
			}
		}
	}
	if p.Mean[2] != 7 || p.Std[2] != 0 || p.MeanError[2] != 0 || p.StdError[2] != 0 ||
		p.Q05[2] != 7 {
		t.Errorf("a constant pixel has %v ± %v", p.Mean[2], p.Std[2])
	}
	if q := bench.FromDraws([]float64{4, 1, 2, 3}, 4, 1, 1); q.Q05[0] != 1.15 || q.Q50[0] != 2.5 ||
		math.Abs(q.Std[0]-math.Sqrt(5./3)) > 1e-15 {
		t.Errorf("quantiles %v, %v and std %v of 1, 2, 3, 4", q.Q05, q.Q50, q.Std)
	}
}

// TestScaledAndCompare maps x to (x − 1)/2: means and quantiles shift and
// scale, deviations and errors only scale. The distance of two posteriors is
// the root mean square over the pixels, here √((0² + 3²)/2) for the means.
func TestScaledAndCompare(t *testing.T) {
	p := &bench.Posterior{Mean: []float64{1, 3}, Std: []float64{2, 4},
		MeanError: []float64{0.2, 0.2}, StdError: []float64{0, 0.2}, Q50: []float64{1, 5}}
	q := p.Scaled(1, 2)
	if q.Mean[1] != 1 || q.Std[1] != 2 || q.MeanError[0] != 0.1 || q.Q50[1] != 2 || q.Q05 != nil ||
		p.Mean[1] != 3 {
		t.Errorf("%+v", q)
	}
	c := bench.Compare(p, &bench.Posterior{Mean: []float64{1, 0}, Std: []float64{2, 3}})
	want := bench.Comparison{Mean: 3 / math.Sqrt2, Std: 1 / math.Sqrt2, MeanErrorA: 0.2,
		StdErrorA: 0.2 / math.Sqrt2}
	if math.Abs(c.Mean-want.Mean) > 1e-15 || math.Abs(c.Std-want.Std) > 1e-15 ||
		math.Abs(c.MeanErrorA-0.2) > 1e-15 ||
		math.Abs(c.StdErrorA-want.StdErrorA) > 1e-15 || c.MeanErrorB != 0 {
		t.Errorf("%+v, want %+v", c, want)
	}
}
