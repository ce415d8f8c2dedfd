package bench_test

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"csdm/bench"
	"csdm/priors"
	"csdm/rng"
)

// TestImportanceErrorsAreStandardErrors repeats a run under many seeds. The
// deviations from the exact moments, divided by the stated standard errors,
// must have mean square one.
func TestImportanceErrorsAreStandardErrors(t *testing.T) {
	p := newLinear()
	y := p.measure()
	mean, std, _, _, logEvidence := p.exact(y)
	const runs = 200
	var zMean, zStd, evidence float64
	for seed := range uint64(runs) {
		r, err := bench.Importance(ctx, p, y,
			bench.ImportanceSettings{Draws: 12_000, Seed: seed, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		if r.Draws != 12_000 || r.ESS < 100 || r.ESS > 400 || r.Doubt != nil {
			t.Fatalf("%d draws, ESS %v, doubt %v", r.Draws, r.ESS, r.Doubt)
		}
		for k := range mean {
			zm, zs := (r.Mean[k]-mean[k])/r.MeanError[k], (r.Std[k]-std[k])/r.StdError[k]
			zMean += zm * zm / (runs * pixels)
			zStd += zs * zs / (runs * pixels)
		}
		evidence += math.Exp(r.LogEvidence-logEvidence) / runs
	}
	// Pixels of one run are all functions of two variables: about 2 of 12 are
	// independent, so a mean square of 400 numbers has a deviation of √(2/400)
	// = 0.07. The delta method's own error is O(1/ESS), ESS being about 200.
	t.Logf("mean squares %.3f and %.3f", zMean, zStd)
	if !(math.Abs(zMean-1) < 0.25 && math.Abs(zStd-1) < 0.25) {
		t.Errorf("mean square deviations %v of the mean and %v of the std, in standard errors",
			zMean, zStd)
	}
	// The mean weight is unbiased; its relative variance is N/ESS/N per run.
	if math.Abs(evidence-1) > 5/math.Sqrt(runs*200) {
		t.Errorf("evidence over exact evidence is %v", evidence)
	}
}

// TestImportanceOfEqualWeights uses a measurement without information. The
// result, errors included, is then the summary of the prior draws.
func TestImportanceOfEqualWeights(t *testing.T) {
	p := newLinear()
	p.law.Std = 1e7
	const n = bench.ImportanceRound + 1000
	draws, theta := make([]float64, n*pixels), make([]float64, 2)
	for i := range n {
		priors.Draw(theta, p.lo, p.hi, rng.New(8, rng.Reference, uint64(i), 0))
		p.Field(draws[i*pixels:(i+1)*pixels], theta)
	}
	want := bench.FromDraws(draws, n, pixels, 1)
	r, err := bench.Importance(ctx, p, p.measure(),
		bench.ImportanceSettings{Draws: n, Seed: 8, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.ESS-n) > 1e-3*n {
		t.Errorf("ESS %v of %d draws", r.ESS, n)
	}
	for k := range want.Mean {
		for what, pair := range map[string][2]float64{
			"mean": {r.Mean[k], want.Mean[k]}, "std": {r.Std[k], want.Std[k]},
			"error of the mean": {r.MeanError[k], want.MeanError[k]},
			"error of the std":  {r.StdError[k], want.StdError[k]},
		} {
			// One has n and one n − 1, and the weights differ by about 10⁻⁶.
			if math.Abs(pair[0]-pair[1]) > 2e-4*math.Abs(pair[1]) {
				t.Errorf("pixel %d: %s %v, want %v", k, what, pair[0], pair[1])
			}
		}
	}
}

// TestImportanceResumes stops a run after two of its four rounds and continues
// from the saved state. Its result must equal an uninterrupted run to the last
// digit, with any number of threads. A state of another seed or an older
// program, with sums of another length or that are not finite, or with more
// draws than the run has, is refused.
func TestImportanceResumes(t *testing.T) {
	p := newLinear()
	y := p.measure()
	run := func(s bench.ImportanceSettings) *bench.ImportanceResult {
		t.Helper()
		r, err := bench.Importance(ctx, p, y, s)
		if err != nil {
			t.Fatal(err)
		}
		r.Elapsed, r.Solves = 0, 0
		return r
	}
	const draws = 3*bench.ImportanceRound + 100
	want := run(bench.ImportanceSettings{Draws: draws, Seed: 6, Threads: 1})
	for _, threads := range []int{2, 5} {
		if got := run(bench.ImportanceSettings{Draws: draws, Seed: 6,
			Threads: threads}); !reflect.DeepEqual(got, want) {
			t.Errorf("%d threads give another result", threads)
		}
	}
	stop := errors.New("stop")
	var state *bench.ImportanceState
	_, err := bench.Importance(ctx, p, y,
		bench.ImportanceSettings{Draws: draws, Seed: 6, Threads: 2,
			Save: func(s *bench.ImportanceState) error {
				if state = s; s.Draws == 2*bench.ImportanceRound {
					return stop
				}
				return nil
			}})
	if !errors.Is(err, stop) || state.Draws != 2*bench.ImportanceRound {
		t.Fatal(err, state)
	}
	if got := run(bench.ImportanceSettings{Draws: draws, Seed: 6, Threads: 2,
		Resume: state}); !reflect.DeepEqual(got, want) {
		t.Error("the resumed run gives another result")
	}
	for name, change := range map[string]func(s *bench.ImportanceState,
		set *bench.ImportanceSettings){
		"seed": func(_ *bench.ImportanceState, set *bench.ImportanceSettings) { set.Seed++ },
		"older": func(s *bench.ImportanceState, _ *bench.ImportanceSettings) {
			s.Fingerprint = "0123"
		},
		"sums": func(s *bench.ImportanceState, _ *bench.ImportanceSettings) {
			s.Sums = s.Sums[1:]
		},
		"NaN": func(s *bench.ImportanceState, _ *bench.ImportanceSettings) {
			s.Sums[1] = math.NaN()
		},
		"draws": func(s *bench.ImportanceState, set *bench.ImportanceSettings) {
			set.Draws = s.Draws - 1
		},
	} {
		s := &bench.ImportanceState{Fingerprint: state.Fingerprint, Draws: state.Draws,
			Sums: append([]float64(nil), state.Sums...)}
		set := bench.ImportanceSettings{Draws: draws, Seed: 6, Threads: 1, Resume: s}
		change(s, &set)
		if _, err := bench.Importance(ctx, p, y, set); err == nil {
			t.Errorf("a state with another %s was accepted", name)
		}
	}
}

// TestImportanceAgreesWithQuadrature compares the two methods on the paper's
// first problem, whose fields are discontinuous in θ.
func TestImportanceAgreesWithQuadrature(t *testing.T) {
	p := newQuasistatic(t, 12, 10)
	y := pairOf(t, p, 2)
	exact, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.Importance(ctx, p, y,
		bench.ImportanceSettings{Draws: 20_000, Seed: 1, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	c := bench.Compare(normalized(&r.Posterior), normalized(&exact.Posterior))
	t.Logf("%+v, ESS %.1f, %d solves, %v", c, r.ESS, r.Solves, r.Elapsed)
	// The errors of neighboring pixels are correlated, so the RMS itself
	// scatters, by less than a factor of two.
	if !(c.Mean < 2*c.MeanErrorA && c.Std < 2*c.StdErrorA+c.MeanErrorA && c.Mean > c.MeanErrorA/4) {
		t.Errorf("%+v, doubt %v", c, r.Doubt)
	}
	if math.Abs(r.LogEvidence-exact.LogEvidence) > 5/math.Sqrt(r.ESS) {
		t.Errorf("log-evidence %v, quadrature %v", r.LogEvidence, exact.LogEvidence)
	}
}

// TestImportanceOfMany lets several measurements with different noise share
// their prior draws. Each result is bit for bit the result of a separate run.
func TestImportanceOfMany(t *testing.T) {
	p := newLinear()
	y := p.measure()
	shifted := make([]float64, len(y))
	for k, v := range y {
		shifted[k] = v + 0.3*p.law.Std
	}
	targets := []bench.NoisyMeasurement{{Y: y, Noise: p.law},
		{Y: shifted, Noise: priors.Gaussian{Std: 2 * p.law.Std}}, {Y: shifted, Noise: p.law}}
	s := bench.ImportanceSettings{Draws: 3*bench.ImportanceRound + 300, Seed: 5, Threads: 2}
	var state *bench.ImportanceState
	s.Save = func(i *bench.ImportanceState) error { state = i; return nil }
	all, err := bench.ImportanceOfMany(ctx, p, targets, s)
	if err != nil {
		t.Fatal(err)
	}
	for k, target := range targets {
		q := newLinear()
		q.law = target.Noise.(priors.Gaussian)
		one, err := bench.Importance(ctx, q, target.Y,
			bench.ImportanceSettings{Draws: s.Draws, Seed: s.Seed, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(one.Posterior, all[k].Posterior) ||
			one.LogEvidence != all[k].LogEvidence || one.Solves != all[k].Solves {
			t.Errorf("measurement %d: %v with the others, %v alone", k, all[k].Mean, one.Mean)
		}
	}
	s.Resume, s.Draws = state, state.Draws
	again, err := bench.ImportanceOfMany(ctx, p, targets, s)
	if err != nil || !reflect.DeepEqual(again[2].Posterior, all[2].Posterior) {
		t.Errorf("from the stored state: %v", err)
	}
	if _, err := bench.ImportanceOfMany(ctx, p, targets[:2], s); err == nil {
		t.Error("the state of three measurements is resumed with two")
	}
}
