package train

import (
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"csdm/internal/setting"
	"csdm/rng"
)

func TestValidateNamesTheSetting(t *testing.T) {
	good := toySettings()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name  string
		spoil func(*Settings)
	}{
		{"steps", func(s *Settings) { s.Steps = 0 }},
		{"batch", func(s *Settings) { s.Batch = -1 }},
		{"learning_rate", func(s *Settings) { s.LearningRate = nan }},
		{"learning_rate", func(s *Settings) { s.LearningRate = inf }},
		{"warm_up", func(s *Settings) { s.WarmUp = -1 }},
		{"decay", func(s *Settings) { s.Decay = 1.1 }},
		{"beta1", func(s *Settings) { s.Beta1 = 1 }},
		{"beta2", func(s *Settings) { s.Beta2 = nan }},
		{"epsilon", func(s *Settings) { s.Epsilon = 0 }},
		{"clip_norm", func(s *Settings) { s.ClipNorm = -1 }},
		{"ema", func(s *Settings) { s.EMA = 1 }},
		{"sigma_min", func(s *Settings) { s.SigmaMin = 0 }},
		{"sigma_max", func(s *Settings) { s.SigmaMax = s.SigmaMin }},
		{"sigma_max", func(s *Settings) { s.SigmaMax = inf }},
		{"sigma_levels", func(s *Settings) { s.SigmaLevels = 1 }},
		{"sigma_median", func(s *Settings) { s.SigmaMedian, s.SigmaLogStd = -1, 1 }},
		{"sigma_median", func(s *Settings) {
			s.SigmaMedian, s.SigmaLogStd, s.SigmaLevels = 1, 1, 5
		}},
		{"sigma_log_std", func(s *Settings) { s.SigmaMedian = 1 }},
		{"sigma_log_std", func(s *Settings) { s.SigmaLogStd = 1 }},
		{"sigma_log_std", func(s *Settings) { s.SigmaMedian, s.SigmaLogStd = 100*s.SigmaMax, 0.1 }},
		{"threads", func(s *Settings) { s.Threads = 0 }},
		{"log_every", func(s *Settings) { s.LogEvery = 0 }},
		{"held_out_every", func(s *Settings) { s.HeldOutEvery = -1 }},
		{"held_out_levels", func(s *Settings) { s.HeldOutLevels = 1 }},
		{"checkpoint_every", func(s *Settings) { s.CheckpointEvery = -1 }},
		{"checkpoint_minutes", func(s *Settings) { s.CheckpointMinutes = nan }},
		{"time_limit_minutes", func(s *Settings) { s.TimeLimitMinutes = -1 }},
	} {
		s := good
		c.spoil(&s)
		e, ok := errors.AsType[*setting.Error](s.Validate())
		if !ok || e.Name != c.name {
			t.Errorf("spoiled %s: %v", c.name, s.Validate())
		}
	}
}

// TestEverySettingIsDecisiveOrNeutral checks that the checkpoint covers every
// setting: each decisive one must change the result of method decisive, and no
// neutral one may.
func TestEverySettingIsDecisiveOrNeutral(t *testing.T) {
	for i, field := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		before := toySettings()
		after := before
		switch v := reflect.ValueOf(&after).Elem().Field(i); v.Kind() {
		case reflect.Int:
			v.SetInt(v.Int() + 1)
		case reflect.Uint64:
			v.SetUint(v.Uint() + 1)
		case reflect.Float64:
			v.SetFloat(math.Nextafter(v.Float(), 100))
		case reflect.String:
			v.SetString("x")
		default:
			t.Fatalf("setting %s is of kind %v", field.Name, v.Kind())
		}
		changed := !maps.Equal(before.decisive(), after.decisive())
		decides := field.Tag.Get("toml") != "-" && field.Tag.Get("is") != "neutral" &&
			field.Tag.Get("is") != "expert neutral"
		if want := field.Name == "Seed" || decides && field.Name != "Steps"; changed != want {
			t.Errorf("setting %q decisive: %v, want %v", field.Name, changed, want)
		}
	}
}

// TestCheckpointsOfEarlierVersions: a checkpoint that names a setting as an
// earlier version did is resumed from, one that has another value is not.
func TestCheckpointsOfEarlierVersions(t *testing.T) {
	s := toySettings()
	c := &Checkpoint{Settings: s.decisive(), Steps: s.Steps}
	c.Settings["clip"] = c.Settings["clip_norm"]
	delete(c.Settings, "clip_norm")
	if err := c.fits(&s, nil, 0); err != nil {
		t.Error(err)
	}
	c.Settings["clip"] = "7"
	if e, ok := errors.AsType[*MismatchError](c.fits(&s, nil, 0)); !ok || e.Name != "clip_norm" {
		t.Error(c.fits(&s, nil, 0))
	}
}

func TestRate(t *testing.T) {
	s := Settings{Steps: 100, LearningRate: 2, WarmUp: 10, Decay: 0.4}
	for _, c := range []struct {
		step int
		want float64
	}{{0, 0.2}, {4, 1}, {9, 2}, {10, 2}, {59, 2}, {60, 2}, {61, 2 * 39. / 40}, {80, 1},
		{99, 2. / 40}} {
		if got := s.Rate(c.step); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("rate of step %d is %v, want %v", c.step, got, c.want)
		}
	}
	constant := Settings{Steps: 100, LearningRate: 1e-4}
	if constant.Rate(0) != 1e-4 || constant.Rate(99) != 1e-4 {
		t.Error("without warm-up and decay the rate is not constant")
	}
}

// TestExtends checks that a plan may get more steps as long as the decay of
// neither plan has begun.
func TestExtends(t *testing.T) {
	s := Settings{Steps: 200, LearningRate: 1, WarmUp: 10, Decay: 0.4}
	for _, c := range []struct {
		former, done int
		want         bool
	}{{100, 60, true}, {100, 61, true}, {100, 62, false}, {200, 150, true}, {400, 121, true},
		{400, 122, false}, {400, 201, false}} {
		if got := s.extends(c.former, c.done); got != c.want {
			t.Errorf("%d of %d steps done, now %d: extends is %v", c.done, c.former, s.Steps, got)
		}
	}
}

func TestEMADecay(t *testing.T) {
	s := Settings{EMA: 0.999}
	for n, want := range map[int]float64{1: 2. / 11, 10: 11. / 20, 8000: 8001. / 8010,
		10_000: 0.999} {
		if got := s.EMADecay(n); got != want {
			t.Errorf("decay after %d steps is %v, want %v", n, got, want)
		}
	}
	if (&Settings{}).EMADecay(3) != 0 {
		t.Error("without averaging the past has weight")
	}
}

// TestNoiseLevels checks the log-uniform distribution by its first two moments
// in ln σ, the geometric levels by a χ² test, and the truncated log-normal
// distribution by the probabilities of intervals.
func TestNoiseLevels(t *testing.T) {
	const n = 20_000
	s := Settings{SigmaMin: 0.01, SigmaMax: 50}
	width := math.Log(s.SigmaMax / s.SigmaMin)
	stream := rng.New(1, rng.Sigma, 0, 0)
	var m1, m2 float64
	for range n {
		sigma := s.drawSigma(stream)
		if sigma < s.SigmaMin*(1-1e-15) || sigma >= s.SigmaMax {
			t.Fatalf("noise level %v", sigma)
		}
		u := math.Log(sigma/s.SigmaMin) / width
		m1 += u / n
		m2 += u * u / n
	}
	if math.Abs(m1-0.5) > 5*math.Sqrt(1./12/n) || math.Abs(m2-1./3) > 5*math.Sqrt((1./5-1./9)/n) {
		t.Errorf("moments of the place in the range: %v, %v, want 1/2, 1/3", m1, m2)
	}

	s.SigmaLevels = 5
	var count [5]float64
	for range n {
		sigma := s.drawSigma(stream)
		l := math.Log(s.SigmaMax/sigma) / width * 4
		k := int(math.Round(l))
		if math.Abs(l-float64(k)) > 1e-13 {
			t.Fatalf("%v is not one of the levels", sigma)
		}
		count[k]++
	}
	chi2 := 0.0
	for _, c := range count {
		chi2 += (c - n/5) * (c - n/5) / (n / 5)
	}
	if chi2 > 23.5 { // the 99.99 % quantile at 4 degrees of freedom
		t.Errorf("levels drawn %v times: χ² = %v", count, chi2)
	}

	s = Settings{SigmaMin: 0.05, SigmaMax: 4, SigmaMedian: 0.8, SigmaLogStd: 1.2}
	ends := []float64{s.SigmaMin, 0.2, 0.6, 1, 2, s.SigmaMax}
	below := func(sigma float64) float64 { // of the distribution without truncation
		return math.Erfc(-math.Log(sigma/s.SigmaMedian)/(s.SigmaLogStd*math.Sqrt2)) / 2
	}
	within := make([]float64, len(ends)-1)
	for range n {
		sigma := s.drawSigma(stream)
		if sigma < s.SigmaMin || sigma > s.SigmaMax {
			t.Fatalf("noise level %v", sigma)
		}
		k, _ := slices.BinarySearch(ends[1:len(ends)-1], sigma)
		within[k]++
	}
	chi2 = 0
	for k, c := range within {
		want := n * (below(ends[k+1]) - below(ends[k])) / (below(s.SigmaMax) - below(s.SigmaMin))
		chi2 += (c - want) * (c - want) / want
	}
	if chi2 > 23.5 {
		t.Errorf("intervals of the log-normal distribution drawn %v times: χ² = %v", within, chi2)
	}
}

// TestLevels checks that Level is the inverse of LevelShare for both
// distributions of the noise level, and that it meets the ends of the range
// and the median.
func TestLevels(t *testing.T) {
	s := Default()
	s.SigmaMin, s.SigmaMax = 0.01, 100
	for _, median := range []float64{0, 1} {
		if s.SigmaMedian = median; median > 0 {
			s.SigmaLogStd = 1.5
		}
		for _, share := range []float64{0, 0.1, 0.5, 0.9, 1} {
			if got := s.LevelShare(s.Level(share)); math.Abs(got-share) > 1e-9 {
				t.Errorf("median %v: share %v of the level of share %v", median, got, share)
			}
		}
		for share, want := range map[float64]float64{0: 0.01, 0.5: 1, 1: 100} {
			if got := s.Level(share); math.Abs(got/want-1) > 1e-6 {
				t.Errorf("median %v: level %v of share %v, want %v", median, got, share, want)
			}
		}
	}
	s.SigmaMedian, s.SigmaLogStd = 0.4, 1.3
	// Φ(ln(0.2/0.4)/1.3) − Φ(ln(0.01/0.4)/1.3), over the mass of the range
	z := func(sigma float64) float64 {
		return (1 + math.Erf(math.Log(sigma/0.4)/1.3/math.Sqrt2)) / 2
	}
	want := (z(0.2) - z(0.01)) / (z(100) - z(0.01))
	if got := s.LevelShare(0.2); math.Abs(got-want) > 1e-12 {
		t.Errorf("share of levels below 0.2: %v, want %v", got, want)
	}
}
