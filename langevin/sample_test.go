package langevin_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
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
// finite steps; they were measured with 200,000 draws and rounded up.
// Langevin's excess of variance, 1/(1 − α/2σ²), and predictor–corrector's lack
// of variance are of the order of a step in ln σ.
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
			Sigmas: geometric(t, 50, 0.01, 40)}, langevintest.Bias{}},
		{"dpmpp2m", langevin.Settings{Sampler: langevin.SamplerDPMSolverPP2M,
			Sigmas: geometric(t, 50, 0.01, 60)}, langevintest.Bias{}},
		{"dpmpp2m corrected", langevin.Settings{
			Sampler: langevin.SamplerDPMSolverPP2M, Sigmas: geometric(t, 50, 0.01, 60),
			Corrections: 3, CorrectAt: 0.03, CorrectKeep: 0.55,
		}, langevintest.Bias{}},
		{"pc", langevin.Settings{Sampler: langevin.SamplerPredictorCorrector,
			Sigmas: geometric(t, 50, 0.01, 100), StepsPerLevel: 1},
			langevintest.Bias{Covariance: 0.07, Weight: 0.01}},
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
		First: 3, Draws: 203, Threads: 3},
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
		{"canceled", func(draw int) error {
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
	corrected := func(s *langevin.Settings, n int, at, keep float64) {
		s.Sampler, s.Corrections = langevin.SamplerDPMSolverPP2M, n
		s.CorrectAt, s.CorrectKeep = at, keep
	}
	for want, break_ := range map[string]func(*langevin.Settings){
		"sampler = euler": func(s *langevin.Settings) { s.Sampler = "euler" },
		"levels = 0":      func(s *langevin.Settings) { s.Sigmas = nil },
		"sigma_min = 0": func(s *langevin.Settings) {
			s.Sigmas, s.Levels, s.SigmaMax = nil, 3, 2
		},
		"must exceed the last": func(s *langevin.Settings) {
			s.Sigmas, s.Levels, s.SigmaMax, s.SigmaMin = nil, 3, 2, 2
		},
		"no noise levels": func(s *langevin.Settings) { s.Sigmas = langevin.Schedule{} },
		"must descend": func(s *langevin.Settings) {
			s.Sigmas = langevin.Schedule{1, 2}
		},
		"positive and": func(s *langevin.Settings) {
			s.Sigmas = langevin.Schedule{1, 0}
		},
		"threads":                 func(s *langevin.Settings) { s.Threads = 0 },
		"negative":                func(s *langevin.Settings) { s.Draws = -1 },
		"neither may be negative": func(s *langevin.Settings) { s.First = -1 },
		"steps_per_level = -1": func(s *langevin.Settings) {
			s.Sampler, s.StepsPerLevel = langevin.SamplerPredictorCorrector, -1
		},
		"epsilon = -1": func(s *langevin.Settings) {
			s.Sampler, s.Epsilon = langevin.SamplerAnnealed, -1
		},
		"snr = -1": func(s *langevin.Settings) {
			s.Sampler, s.SNR = langevin.SamplerPredictorCorrector, -1
		},
		"eq18 or algorithm1": func(s *langevin.Settings) {
			s.Sampler, s.Form = langevin.SamplerAnnealed, "eq5"
		},
		"both must be":         func(s *langevin.Settings) { corrected(s, 2, 0, 0) },
		"the schedule reaches": func(s *langevin.Settings) { corrected(s, 2, 30, 0) },
		"less than 1":          func(s *langevin.Settings) { corrected(s, 2, 1, 1) },
	} {
		s := good
		break_(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}

// TestUnusedSettingsDoNotCount: a recipe keeps its settings when another
// sampler is requested, which draws as if they were not there.
func TestUnusedSettingsDoNotCount(t *testing.T) {
	g := langevintest.Tilted()
	draw := func(s langevin.Settings) (out []float64) {
		s.Levels, s.SigmaMax, s.SigmaMin, s.Draws, s.Threads = 6, 5, 0.1, 2, 1
		if _, err := langevin.Sample(context.Background(), g.Scorer, 4, s,
			func(_ int, x []float64) error { out = append(out, x...); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, sampler := range langevin.Samplers() {
		s := langevin.Settings{Sampler: sampler}
		plain := draw(s)
		for name, set := range map[string]func(){
			"annealed": func() { s.Epsilon, s.Form = 1e-3, langevin.FormAlgorithm1 },
			"dpmpp2m":  func() { s.Corrections, s.CorrectAt, s.CorrectKeep = 2, 1, 0.5 },
			"pc":       func() { s.SNR = 0.3 },
		} {
			if s = (langevin.Settings{Sampler: sampler}); name == "pc" && sampler == "pc" {
				s.StepsPerLevel, plain = 1, nil
			}
			before := draw(s)
			set()
			if same := slices.Equal(before, draw(s)); same == (name == string(sampler)) {
				t.Errorf("%s with a setting of %s: same draws: %v", sampler, name, same)
			}
		}
		if plain != nil && !slices.Equal(plain, draw(langevin.Settings{Sampler: sampler})) {
			t.Errorf("%s: draws are not repeated", sampler)
		}
	}
}

// TestSettingsJSON checks that the sampling of a model file reads back the
// same, without the settings of a call, and that a name that is not known is
// refused.
func TestSettingsJSON(t *testing.T) {
	s := langevin.Default()
	s.SigmaMax, s.SigmaMin, s.Corrections, s.CorrectAt, s.CorrectKeep = 8, 0.02, 5, 0.3, 0.55
	s.Seed, s.First, s.Threads = 7, 2, 3
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read langevin.Settings
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	s.Seed, s.First, s.Threads = 0, 0, 0
	if !reflect.DeepEqual(read, s) {
		t.Errorf("%s reads back as %+v, was %+v", data, read, s)
	}
	if err := json.Unmarshal([]byte(`{"sampler": "heun"}`), &read); err != nil ||
		read.Sampler != langevin.SamplerHeun || read.Levels != 12 || read.Corrections != 0 {
		t.Errorf("%+v, %v", read, err)
	}
	for _, bad := range []string{`{"correct_often": 1}`, `{"levels": "many"}`, `[]`} {
		if json.Unmarshal([]byte(bad), &read) == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
	const want = "dpmpp2m, 12 levels from around the mean, 5 corrections at 0.3 that keep 0.55"
	if text := s.String(); text != want {
		t.Error(text)
	}
}
