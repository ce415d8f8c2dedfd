package langevin_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"csdm/langevin"
	"csdm/langevin/langevintest"
	"csdm/rng"
)

// TestOrderOfConvergence compares the ODE samplers with the probability flow of
// a Gaussian, which has a closed form: from σ₁ to σ_L every eigen-direction
// scales by √((λ+σ_L²)/(λ+σ₁²)), and the step to σ = 0 is the denoiser. Halving
// the steps in ln σ must divide the error by 2^order. The tolerance of the
// order covers the next term of the error's expansion.
func TestOrderOfConvergence(t *testing.T) {
	g := langevintest.Tilted()
	const sigma1, sigmaL = 20, 0.05
	start := []float64{12, -23, 31, 5}
	exact := make([]float64, 4)
	g.Flow(exact, start, sigma1, sigmaL)
	g.Denoise(exact, exact, sigmaL)
	for _, c := range []struct {
		name string
		walk func(*langevin.Chain, langevin.Schedule) (int, error)
	}{{"heun", langevin.Heun}, {"dpmpp2m", plainDPMSolver}} {
		before := 0.0
		for _, levels := range []int{129, 257, 513, 1025} {
			chain := langevin.NewChain(g.Scorer(), 4, rng.New(1, rng.Test, 0, 0))
			copy(chain.X, start)
			if _, err := c.walk(chain, geometric(t, sigma1, sigmaL, levels)); err != nil {
				t.Fatal(err)
			}
			e := 0.0
			for k := range exact {
				e = math.Hypot(e, chain.X[k]-exact[k])
			}
			order := math.Log2(before / e)
			t.Logf("%s: %d levels, error %.3g, order %.2f", c.name, levels, e, order)
			if before > 0 && math.Abs(order-2) > 0.1 {
				t.Errorf("%s: order %.2f at %d levels, want 2", c.name, order, levels)
			}
			before = e
		}
		if before > 1e-3 {
			t.Errorf("%s: error %v at the finest schedule", c.name, before)
		}
	}
}

func plainDPMSolver(c *langevin.Chain, sigmas langevin.Schedule) (int, error) {
	return langevin.DPMSolverPP2M(c, sigmas, langevin.Corrections{})
}

// spy is the score of data that are all zero. It records the states at one
// level.
type spy struct {
	sigma float64
	seen  [][]float64
}

func (s *spy) Score(dst, x []float64, sigma float64) error {
	if sigma == s.sigma {
		s.seen = append(s.seen, append([]float64(nil), x...))
	}
	for k, v := range x {
		dst[k] = -v / (sigma * sigma)
	}
	return nil
}

// TestCorrections checks that corrections are made at the schedule's nearest
// level, preserve the distribution of the state there, and keep the given
// fraction of its noise.
func TestCorrections(t *testing.T) {
	const dim, steps, keep = 20_000, 3, 0.3
	s := &spy{sigma: 1}
	chain := langevin.NewChain(s, dim, rng.New(3, rng.Test, 0, 0))
	chain.StartNoise(4, langevin.StartMean)
	n, err := langevin.DPMSolverPP2M(chain, langevin.Schedule{4, 2, 1, 0.5},
		langevin.Corrections{At: 1.3, Steps: steps, Keep: keep})
	if err != nil || n != 4+steps {
		t.Fatalf("%d evaluations, %v", n, err)
	}
	if len(s.seen) != 1+steps {
		t.Fatalf("%d states at σ = 1", len(s.seen))
	}
	for k, x := range s.seen {
		if v := floats.Dot(x, x) / dim; math.Abs(v-1) > 4*math.Sqrt(2./dim) {
			t.Errorf("after %d corrections a variance of %v", k, v)
		}
		if k > 0 {
			if c := floats.Dot(x, s.seen[k-1]) / dim; math.Abs(c-keep) > 4/math.Sqrt(dim) {
				t.Errorf("correction %d keeps %v of the noise", k, c)
			}
		}
	}
}

// scalar runs walk on N(mean, v) many times and returns the mean and variance
// of the draws.
func scalar(t *testing.T, mean, v float64, n uint64,
	walk func(*langevin.Chain) (int, error)) (m, variance float64) {
	t.Helper()
	g := langevintest.NewGaussian([]float64{mean}, mat.NewSymDense(1, []float64{v}))
	stream := rng.New(5, rng.Test, 0, 0)
	chain := langevin.NewChain(g.Scorer(), 1, stream)
	var sum, squares float64
	for i := range n {
		stream.Reset(5, rng.Test, i, 0)
		if _, err := walk(chain); err != nil {
			t.Fatal(err)
		}
		d := chain.X[0] - mean
		sum += d
		squares += d * d
	}
	m = sum / float64(n)
	return mean + m, squares/float64(n) - m*m
}

// TestLangevinVariance checks the stochastic samplers with steps so coarse that
// a wrong factor shows. On N(m, v) each of their steps maps deviations from m
// linearly, d ← a d + b z, so the mean and variance of the draws follow exactly
// from a recursion.
func TestLangevinVariance(t *testing.T) {
	const mean, v, n = 0.7, 0.09, 40_000
	sigmas := langevin.Schedule{2, 0.8, 0.5, 0.2}
	check := func(name string, m, variance, wantM, wantV float64) {
		t.Helper()
		if se := math.Sqrt(wantV / n); math.Abs(m-wantM) > 5*se {
			t.Errorf("%s: mean %.5f, want %.5f ± %.5f", name, m, wantM, se)
		}
		if se := wantV * math.Sqrt(2./n); math.Abs(variance-wantV) > 5*se {
			t.Errorf("%s: variance %.5f, want %.5f ± %.5f", name, variance, wantV, se)
		}
	}
	const steps, epsilon = 3, 0.01 // α = σ²/4
	d, w := 0.5-mean, 1./12        // deviation and variance of U(0, 1)
	for _, sigma := range sigmas {
		alpha := epsilon * sigma * sigma / (0.2 * 0.2)
		for range steps {
			a := 1 - alpha/(v+sigma*sigma)
			d, w = a*d, a*a*w+2*alpha
		}
	}
	last := 1 - 0.2*0.2/(v+0.2*0.2)
	m, variance := scalar(t, mean, v, n, func(c *langevin.Chain) (int, error) {
		c.StartUniform()
		return langevin.AnnealedLangevin(c, sigmas, steps, epsilon, langevin.FormEq18)
	})
	// w includes the uniform start, whose contribution to the fourth moment is
	// negligible here.
	check("annealed", m, variance, mean+last*d, last*last*w)
	if got, want := langevin.AnnealedStd(sigmas, steps, epsilon, langevin.FormEq18, math.Sqrt(v)),
		last*math.Sqrt(w/v); math.Abs(got-want) > 1e-12 {
		t.Errorf("AnnealedStd is %v, want %v", got, want)
	}
	table2 := geometric(t, 20, 0.01, 128)
	for form, e := range map[langevin.Form]float64{langevin.FormEq18: 5.7e-6,
		langevin.FormAlgorithm1: 11.4e-6} {
		if got := langevin.AnnealedStd(table2, 5, e, form, 0.2); math.Abs(got-1.126) > 5e-4 {
			t.Errorf("AnnealedStd of Table 2 in form %s is %v, want 1.126", form, got)
		}
	}

	const snr, corrections = 0.4, 2
	d, w = -mean, 2*2
	for i, sigma := range sigmas {
		next := 0.0
		if i+1 < len(sigmas) {
			next = sigmas[i+1]
		}
		drop := sigma*sigma - next*next
		a := 1 - drop/(v+sigma*sigma)
		d, w = a*d, a*a*w+next*next*drop/(sigma*sigma)
		for range corrections {
			if next == 0 {
				break
			}
			alpha := 2 * snr * snr * next * next
			a := 1 - alpha/(v+next*next)
			d, w = a*d, a*a*w+2*alpha
		}
	}
	m, variance = scalar(t, mean, v, n, func(c *langevin.Chain) (int, error) {
		c.StartNoise(2, langevin.StartZero)
		return langevin.PredictorCorrector(c, sigmas, corrections, snr)
	})
	check("predictor–corrector", m, variance, mean+d, w)
}

// TestFormsAgree checks that α/2 and √α with 2ε equal α and √(2α) with ε, bit
// for bit.
func TestFormsAgree(t *testing.T) {
	m := langevintest.Modes()
	sigmas := geometric(t, 20, 0.01, 16)
	walk := func(epsilon float64, form langevin.Form) []float64 {
		chain := langevin.NewChain(m.Scorer(), 3, rng.New(3, rng.Test, 0, 0))
		chain.StartUniform()
		if _, err := langevin.AnnealedLangevin(chain, sigmas, 5, epsilon, form); err != nil {
			t.Fatal(err)
		}
		return chain.X
	}
	if a, b := walk(5.7e-6, langevin.FormEq18),
		walk(11.4e-6, langevin.FormAlgorithm1); !slices.Equal(a, b) {
		t.Errorf("%v by Eq. 18, %v by Algorithm 1", a, b)
	}
}

// TestLangevinPreservesDistribution walks exact draws of a smoothed mixture at
// one level. Expectations must not move, except by the O(α) of Euler's method.
// Each draw is compared with its own start, so that only the difference has a
// sampling error.
func TestLangevinPreservesDistribution(t *testing.T) {
	m := langevintest.Modes()
	const sigma, n, steps = 0.3, 2000, 60
	stream := rng.New(8, rng.Test, 0, 0)
	chain := langevin.NewChain(m.Scorer(), 3, stream)
	scorer := m.Scorer()
	s, r := make([]float64, 3), make([]float64, 3)
	// functions of the denoised state: components, squares, and the odds of the
	// three modes
	functionals := func(x []float64) (f [9]float64) {
		m.Responsibilities(r, x, sigma)
		for k := range x {
			f[k], f[3+k], f[6+k] = x[k], x[k]*x[k], r[k]
		}
		return f
	}
	var sum, squares [9]float64
	for i := range uint64(n) {
		stream.Reset(8, rng.Test, i, 0)
		m.Draw(chain.X, sigma, stream)
		start := slices.Clone(chain.X)
		if err := scorer.Score(s, start, sigma); err != nil {
			t.Fatal(err)
		}
		for k := range start {
			start[k] += sigma * sigma * s[k]
		}
		before := functionals(start)
		if _, err := langevin.AnnealedLangevin(chain, langevin.Schedule{sigma}, steps,
			0.02*sigma*sigma, langevin.FormEq18); err != nil {
			t.Fatal(err)
		}
		after := functionals(chain.X)
		for k := range sum {
			d := after[k] - before[k]
			sum[k] += d
			squares[k] += d * d
		}
	}
	for k := range sum {
		mean := sum[k] / n
		se := math.Sqrt((squares[k]/n - mean*mean) / n)
		if math.Abs(mean) > 5*se+0.01 {
			t.Errorf("functional %d moved by %.4f ± %.4f", k, mean, se)
		}
		if se < 1e-3 {
			t.Errorf("functional %d: the chain hardly moved", k)
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	const dim = 28 * 28
	sigmas := geometric(b, 20, 0.01, 18)
	for _, c := range []struct {
		name string
		walk func(*langevin.Chain) (int, error)
	}{
		{"annealed", func(c *langevin.Chain) (int, error) {
			return langevin.AnnealedLangevin(c, sigmas, 5, 5e-6, langevin.FormEq18)
		}},
		{"heun", func(c *langevin.Chain) (int, error) { return langevin.Heun(c, sigmas) }},
		{"dpmpp2m", func(c *langevin.Chain) (int, error) { return plainDPMSolver(c, sigmas) }},
		{"pc", func(c *langevin.Chain) (int, error) {
			return langevin.PredictorCorrector(c, sigmas, 1, 0.16)
		}},
	} {
		b.Run("sampler="+c.name, func(b *testing.B) {
			chain := langevin.NewChain(zeroScorer{}, dim, rng.New(1, rng.Test, 0, 0))
			evaluations := 0
			b.ReportAllocs()
			for b.Loop() {
				chain.StartNoise(sigmas[0], langevin.StartMean)
				n, err := c.walk(chain)
				if err != nil {
					b.Fatal(err)
				}
				evaluations += n
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(evaluations), "ns/evaluation")
		})
	}
}

// zeroScorer costs no time, so a benchmark measures the sampler around it.
type zeroScorer struct{}

func (zeroScorer) Score(dst, _ []float64, _ float64) error { clear(dst); return nil }
