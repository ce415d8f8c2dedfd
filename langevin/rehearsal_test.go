package langevin_test

import (
	"context"
	"math"
	"testing"

	"csdm/langevin"
)

// TestRehearseAgreesWithClosedForms compares Rehearse with closed forms.
// Annealed Langevin has one; an ODE sampler with many levels loses spread only
// in its last denoising step, to 1/√(1 + (σ_L/s)²).
func TestRehearseAgreesWithClosedForms(t *testing.T) {
	sigmas := geometric(t, 8, 0.02, 60)
	deviations := []float64{0.05, 0.2, 0.4}
	epsilon := langevin.ProposeEpsilon(0.02, sigmas[0]/sigmas[1], 5, langevin.FormEq18)
	for _, c := range []struct {
		settings langevin.Settings
		want     func(s float64) float64
	}{
		{langevin.Settings{Sampler: langevin.SamplerAnnealed, Sigmas: sigmas, StepsPerLevel: 5,
			Epsilon: epsilon},
			func(s float64) float64 {
				return langevin.AnnealedStd(sigmas, 5, epsilon, langevin.FormEq18, s)
			}},
		{langevin.Settings{Sampler: langevin.SamplerHeun, Sigmas: geometric(t, 50, 0.02, 200)},
			func(s float64) float64 { return 1 / math.Hypot(1, 0.02/s) }},
		{langevin.Settings{Sampler: langevin.SamplerDPMSolverPP2M,
			Sigmas: geometric(t, 50, 0.02, 200)},
			func(s float64) float64 { return 1 / math.Hypot(1, 0.02/s) }},
	} {
		ratios, err := langevin.Rehearse(context.Background(), c.settings, deviations)
		if err != nil {
			t.Fatal(err)
		}
		for k, s := range deviations {
			if want := c.want(s); math.Abs(ratios[k]-want) > 0.08 {
				t.Errorf("%s, deviation %v: ratio %.3f, want %.3f", c.settings.Sampler, s,
					ratios[k], want)
			}
		}
	}
}

// TestRehearseSeesTooFewSteps checks that Rehearse detects too few steps: two
// levels of Heun's method diverge, and two levels of DPM-Solver++ leave hardly
// any spread.
func TestRehearseSeesTooFewSteps(t *testing.T) {
	for _, c := range []struct {
		sampler langevin.Sampler
		steps   int
		lo, hi  float64
	}{
		{langevin.SamplerHeun, 2, 10, 100}, {langevin.SamplerHeun, 12, 0.93, 1.07},
		{langevin.SamplerDPMSolverPP2M, 2, 0, 0.4}, {langevin.SamplerDPMSolverPP2M, 12, 0.93, 1.07},
	} {
		s := langevin.Settings{Sampler: c.sampler, Sigmas: geometric(t, 8, 0.02, c.steps), Draws: 7,
			Seed: 5}
		ratios, err := langevin.Rehearse(context.Background(), s, []float64{0.1, 0.3})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range ratios {
			if !(r >= c.lo && r <= c.hi) {
				t.Errorf("%s, %d levels: ratio %.3f, want %v to %v", c.sampler, c.steps, r, c.lo,
					c.hi)
			}
		}
	}
}
