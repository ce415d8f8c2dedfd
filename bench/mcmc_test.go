package bench_test

import (
	"math"
	"reflect"
	"testing"

	"csdm/bench"
	"csdm/priors"
	"csdm/rng"
)

// TestMetropolisOfALinearModel compares each kernel with the closed form of a
// linear-Gaussian model: mean and std within 5 stated errors. An acceptance
// ratio that lacks the proposal's density, or a gradient with a wrong sign,
// shifts the mean or the width. The states must not depend on the number of
// threads.
func TestMetropolisOfALinearModel(t *testing.T) {
	p := newLinear()
	y := p.measure()
	mean, std, _, _, _ := p.exact(y)
	var start []float64
	for _, s := range []bench.MCMCSettings{
		{Kernel: bench.RandomWalk, Step: 0.08},
		{Kernel: bench.PCN, Step: 0.2},
		{Kernel: bench.Independence},
		{Kernel: bench.Langevin, Step: 1},
	} {
		s.Chains, s.BurnIn, s.Steps, s.Seed, s.Threads = 4, 500, 8000, 3, 2
		s.Start = start
		r, err := bench.Metropolis(ctx, p, y, s)
		if err != nil {
			t.Fatal(err)
		}
		start = r.Theta[:400] // of the kernel before
		t.Logf("%s: acceptance %.2f, ESS %.0f, R̂ %.4f", s.Kernel, r.Acceptance, r.ESS, r.RHat)
		if r.ESS < 1000 || r.RHat > 1.01 || r.Acceptance < 0.1 || r.Acceptance > 0.9 {
			t.Errorf("%s: acceptance %.2f, ESS %.0f, R̂ %.4f", s.Kernel, r.Acceptance, r.ESS,
				r.RHat)
		}
		for k := range mean {
			if math.Abs(r.Mean[k]-mean[k]) > 5*r.MeanError[k] ||
				math.Abs(r.Std[k]-std[k]) > 5*r.StdError[k] {
				t.Errorf("%s: pixel %d: %v ± %v, want %v ± %v", s.Kernel, k, r.Mean[k], r.Std[k],
					mean[k], std[k])
			}
		}
		s.Threads = 1
		again, err := bench.Metropolis(ctx, p, y, s)
		if err != nil || !reflect.DeepEqual(r.Theta, again.Theta) ||
			!reflect.DeepEqual(r.Mean, again.Mean) {
			t.Errorf("%s: result depends on the number of threads (%v)", s.Kernel, err)
		}
	}
}

// TestMetropolisKeepsThePrior uses a measurement without information. The
// posterior is then the prior, up to the walls of its box: θ uniform, with
// variance (hi − lo)²/12.
func TestMetropolisKeepsThePrior(t *testing.T) {
	p := newLinear()
	p.law.Std = 1e6
	y := p.measure()
	middle := make([]float64, pixels)
	p.Field(middle, []float64{0, 3.5})
	start := make([]float64, 400)
	for i := range 200 {
		priors.Draw(start[2*i:2*i+2], p.lo[:], p.hi[:], rng.New(6, rng.Test, uint64(i), 0))
	}
	for _, s := range []bench.MCMCSettings{
		{Kernel: bench.RandomWalk, Step: 0.5},
		{Kernel: bench.PCN, Step: 0.7},
		{Kernel: bench.Independence, Start: start},
		{Kernel: bench.Langevin, Start: start, Step: 0.8},
	} {
		s.Chains, s.Steps, s.Seed, s.Threads = 4, 8000, 5, 2
		r, err := bench.Metropolis(ctx, p, y, s)
		if err != nil {
			t.Fatal(err)
		}
		if r.ESS < 1000 || r.RHat > 1.01 {
			t.Errorf("%s: ESS %.0f, R̂ %.4f", s.Kernel, r.ESS, r.RHat)
		}
		for i, v := range r.Theta {
			if v < p.lo[i%2] || v >= p.hi[i%2] {
				t.Fatalf("%s: a state beyond the walls: %v", s.Kernel, v)
			}
		}
		for k := range middle {
			std := math.Sqrt((p.b[2*k]*p.b[2*k]*4 + p.b[2*k+1]*p.b[2*k+1]*9) / 12)
			if math.Abs(r.Mean[k]-middle[k]) > 5*r.MeanError[k] ||
				math.Abs(r.Std[k]-std) > 5*r.StdError[k] {
				t.Errorf("%s: pixel %d: %v ± %v, want %v ± %v", s.Kernel, k, r.Mean[k], r.Std[k],
					middle[k], std)
			}
		}
	}
}

// TestESSChain uses autoregressions x ← ρ x + √(1−ρ²) z, whose autocorrelation
// time is (1+ρ)/(1−ρ).
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
			chains[2][i] += 3 // one chain stays elsewhere
		}
		if ess, rhat := bench.ESSChain(chains), bench.SplitRHat(chains); ess > 20 || rhat < 1.4 {
			t.Errorf("ρ = %v: ESS %v and R̂ %v miss that the chains disagree", rho, ess, rhat)
		}
	}
	if got, want := bench.ESSWeights([]float64{-1000, -1000 + math.Log(3)}),
		16./10; math.Abs(got-want) > 1e-12 {
		t.Errorf("ESS of weights 1 and 3 is %v, want %v", got, want)
	}
}

// TestMetropolisAdaptsItsStep starts from steps that are far too large and far
// too small. The adapted step accepts the share of proposals that is aimed at,
// and the posterior is the exact one.
func TestMetropolisAdaptsItsStep(t *testing.T) {
	p := newLinear()
	y := p.measure()
	mean, _, _, _, _ := p.exact(y)
	for _, s := range []bench.MCMCSettings{
		{Kernel: bench.RandomWalk, Step: 5},
		{Kernel: bench.RandomWalk, Step: 1e-4},
		{Kernel: bench.PCN, Step: 1},
	} {
		s.Adapt = true
		s.Chains, s.BurnIn, s.Steps, s.Seed, s.Threads = 4, 2000, 6000, 3, 2
		r, err := bench.Metropolis(ctx, p, y, s)
		if err != nil {
			t.Fatal(err)
		}
		if r.ESS < 1000 || r.RHat > 1.01 || r.Acceptance < 0.2 || r.Acceptance > 0.4 {
			t.Errorf("%s from %g: acceptance %.2f, ESS %.0f, R̂ %.4f", s.Kernel, s.Step,
				r.Acceptance, r.ESS, r.RHat)
		}
		for k := range mean {
			if math.Abs(r.Mean[k]-mean[k]) > 5*r.MeanError[k] {
				t.Errorf("%s from %g: pixel %d: %v ± %v, want %v", s.Kernel, s.Step, k, r.Mean[k],
					r.MeanError[k], mean[k])
			}
		}
	}
}
