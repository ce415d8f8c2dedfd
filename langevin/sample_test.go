package langevin_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"csdm/langevin"
	"csdm/langevin/langevintest"
)

func geometric(t testing.TB, sigma1, sigmaL float64, levels int) langevin.Schedule {
	t.Helper()
	s, err := langevin.Geometric(sigma1, sigmaL, levels)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSamplersConform runs the suite on every sampler. The biases come from
// finite steps; they were measured with 200,000 draws and rounded up. The bias
// of the ODE samplers comes from a start without the mean and is 1/σ₁ for the
// suite's Gaussian. Langevin's excess of variance, 1/(1 − α/2σ²), and
// predictor–corrector's lack of variance are of the order of a step in ln σ.
func TestSamplersConform(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings langevin.Settings
		bias     langevintest.Bias
	}{
		{"annealed", langevin.Settings{Sampler: langevin.SamplerAnnealed,
			Sigmas: geometric(t, 20, 0.01, 64), StepsPerLevel: 20},
			langevintest.Bias{Mean: 0.01, Covariance: 0.1, Weight: 0.03}},
		{"heun", langevin.Settings{Sampler: langevin.SamplerHeun,
			Sigmas: geometric(t, 50, 0.01, 40)}, langevintest.Bias{Mean: 0.02}},
		{"dpmpp2m", langevin.Settings{Sampler: langevin.SamplerDPMSolverPP2M,
			Sigmas: geometric(t, 50, 0.01, 60)}, langevintest.Bias{Mean: 0.02}},
		{"dpmpp2m corrected", langevin.Settings{
			Sampler: langevin.SamplerDPMSolverPP2M, Sigmas: geometric(t, 50, 0.01, 60),
			Corrections: langevin.Corrections{At: 0.03, Steps: 3, Keep: 0.55},
		}, langevintest.Bias{Mean: 0.02}},
		{"pc", langevin.Settings{Sampler: langevin.SamplerPredictorCorrector,
			Sigmas: geometric(t, 50, 0.01, 100), StepsPerLevel: 1},
			langevintest.Bias{Mean: 0.02, Covariance: 0.07, Weight: 0.01}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.settings.Seed = 11
			langevintest.Run(t, c.settings, c.bias)
		})
	}
}

// slowScorer imitates a core that is slowed down by other work.
type slowScorer struct{ langevin.Scorer }

func (s slowScorer) Score(dst, x []float64, sigma float64) error {
	time.Sleep(time.Millisecond)
	return s.Scorer.Score(dst, x, sigma)
}

func TestDrawsArriveInOrder(t *testing.T) {
	g := langevintest.Tilted()
	workers := 0
	var order []int
	cost, err := langevin.Sample(context.Background(), func() langevin.Scorer {
		if workers++; workers == 2 {
			return slowScorer{g.Scorer()}
		}
		return g.Scorer()
	}, 4, langevin.Settings{Sampler: langevin.SamplerHeun, Sigmas: geometric(t, 20, 0.01, 4),
		First: 3, Draws: 200, Threads: 3},
		func(draw int, _ []float64) error { order = append(order, draw); return nil })
	if err != nil || cost.Draws != 200 || workers != 3 {
		t.Fatal(cost, err, workers)
	}
	for k, draw := range order {
		if draw != 3+k {
			t.Fatalf("draw %d came as number %d", draw, k)
		}
	}
}

func TestSampleStops(t *testing.T) {
	g := langevintest.Tilted()
	s := langevin.Settings{Sampler: langevin.SamplerHeun, Sigmas: geometric(t, 20, 0.01, 4),
		Draws: 1000, Threads: 3}
	full := errors.New("disk full")
	ctx, cancel := context.WithCancel(context.Background())
	for _, c := range []struct {
		name string
		at   func(draw int) error
		want error
	}{
		{"sink error", func(draw int) error {
			if draw == 20 {
				return full
			}
			return nil
		}, full},
		{"cancelled", func(draw int) error {
			if draw == 20 {
				cancel()
			}
			return nil
		}, context.Canceled},
	} {
		var order []int
		cost, err := langevin.Sample(ctx, g.Scorer, 4, s, func(draw int, _ []float64) error {
			order = append(order, draw)
			return c.at(draw)
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error %v", c.name, err)
		}
		if len(order) < 21 || len(order) > 21+4*3+3 || cost.Draws < 20 {
			t.Errorf("%s: %d draws came out, %d counted", c.name, len(order), cost.Draws)
		}
		if !slices.IsSorted(order) || order[len(order)-1] != len(order)-1 {
			t.Errorf("%s: draws came as %v", c.name, order)
		}
	}
}

func TestSettingsAreRejected(t *testing.T) {
	sigmas := geometric(t, 20, 0.01, 8)
	good := langevin.Settings{Sampler: langevin.SamplerHeun, Sigmas: sigmas, Threads: 1}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, break_ := range map[string]func(*langevin.Settings){
		"unknown sampler": func(s *langevin.Settings) { s.Sampler = "euler" },
		"no noise levels": func(s *langevin.Settings) { s.Sigmas = nil },
		"must descend":    func(s *langevin.Settings) { s.Sigmas = langevin.Schedule{1, 2} },
		"positive and":    func(s *langevin.Settings) { s.Sigmas = langevin.Schedule{1, 0} },
		"threads":         func(s *langevin.Settings) { s.Threads = 0 },
		"negative":        func(s *langevin.Settings) { s.Draws = -1 },
		"steps per level": func(s *langevin.Settings) { s.StepsPerLevel = 5 },
		"epsilon":         func(s *langevin.Settings) { s.Epsilon = 1e-6 },
		"form":            func(s *langevin.Settings) { s.Form = langevin.FormEq18 },
		"noise ratio":     func(s *langevin.Settings) { s.SNR = 0.16 },
		"neither": func(s *langevin.Settings) {
			s.Sampler, s.StepsPerLevel, s.Form = langevin.SamplerAnnealed, 5, "eq5"
		},
		"do not go with": func(s *langevin.Settings) {
			s.Corrections = langevin.Corrections{At: 1, Steps: 2}
		},
		"both must be": func(s *langevin.Settings) {
			s.Sampler, s.Corrections.Steps = langevin.SamplerDPMSolverPP2M, 2
		},
		"the schedule reaches": func(s *langevin.Settings) {
			s.Sampler, s.Corrections = langevin.SamplerDPMSolverPP2M,
				langevin.Corrections{At: 30, Steps: 2}
		},
		"less than 1": func(s *langevin.Settings) {
			s.Sampler, s.Corrections = langevin.SamplerDPMSolverPP2M,
				langevin.Corrections{At: 1, Steps: 2, Keep: 1}
		},
		"at least 1 step": func(s *langevin.Settings) { s.Sampler = langevin.SamplerAnnealed },
	} {
		s := good
		break_(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}
