package bench_test

import (
	"math"
	"reflect"
	"testing"

	"csdm/bench"
	"csdm/internal/rng"
)

func TestMetropolisOfALinearModel(t *testing.T) {
	p := newLinear()
	y := p.measure()
	mean, std, _, _, _ := p.exact(y)
	for _, s := range []bench.MCMCSettings{
		{Kernel: bench.RandomWalk, Step: 0.08},
		{Kernel: bench.PCN, Step: 0.2},
	} {
		s.Chains, s.BurnIn, s.Steps, s.Seed, s.Threads = 4, 500, 8000, 3, 2
		r, err := bench.Metropolis(ctx, p, y, s)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: acceptance %.2f, ESS %.0f, R̂ %.4f", s.Kernel, r.Acceptance, r.ESS, r.RHat)
		if r.ESS < 1000 || r.RHat > 1.01 || r.Acceptance < 0.1 || r.Acceptance > 0.9 {
			t.Errorf("%s: acceptance %.2f, ESS %.0f, R̂ %.4f", s.Kernel, r.Acceptance, r.ESS, r.RHat)
		}
		for k := range mean {
			if math.Abs(r.Mean[k]-mean[k]) > 5*r.MeanError[k] || math.Abs(r.Std[k]-std[k]) > 5*r.StdError[k] {
				t.Errorf("%s: pixel %d: %v ± %v, want %v ± %v", s.Kernel, k, r.Mean[k], r.Std[k], mean[k], std[k])
			}
		}
		s.Threads = 1
		again, err := bench.Metropolis(ctx, p, y, s)
		if err != nil || !reflect.DeepEqual(r.Theta, again.Theta) || !reflect.DeepEqual(r.Mean, again.Mean) {
			t.Errorf("%s: result depends on the number of threads (%v)", s.Kernel, err)
		}
	}
}

// TestESSChain uses autoregressions x ← ρ x + √(1−ρ²) z, whose autocorrelation time is (1+ρ)/(1−ρ).
func TestESSChain(t *testing.T) {
	for _, rho := range []float64{0, 0.5, 0.9, -0.5} {
		const m, n = 4, 20_000
		chains := make([][]float64, m)
		for c := range chains {
			s := rng.New(9, rng.Test, uint64(c), 0)
			x := s.Normal()
			chains[c] = make([]float64, n)
			for i := range chains[c] {
				chains[c][i] = x
				x = rho*x + math.Sqrt(1-rho*rho)*s.Normal()
			}
		}
		want := m * n * (1 - rho) / (1 + rho)
		if got := bench.ESSChain(chains); math.Abs(got/want-1) > 0.1 {
			t.Errorf("ρ = %v: ESS %.0f, want %.0f", rho, got, want)
		}
		if got := bench.SplitRHat(chains); math.Abs(got-1) > 0.01 {
			t.Errorf("ρ = %v: R̂ %v", rho, got)
		}
		for i := range chains[2] {
			chains[2][i] += 3 // one chain that is stuck elsewhere
		}
		if ess, rhat := bench.ESSChain(chains), bench.SplitRHat(chains); ess > 20 || rhat < 1.5 {
			t.Errorf("ρ = %v: ESS %v and R̂ %v don't see that chains disagree", rho, ess, rhat)
		}
	}
	if got, want := bench.ESSWeights([]float64{-1000, -1000 + math.Log(3)}), 16./10; math.Abs(got-want) > 1e-12 {
		t.Errorf("ESS of weights 1 and 3 is %v, want %v", got, want)
	}
}
