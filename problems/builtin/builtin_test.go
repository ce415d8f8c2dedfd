package builtin_test

import (
	"errors"
	"math"
	"testing"

	"csdm/problems"
	"csdm/problems/builtin"
)

func TestLookup(t *testing.T) {
	for _, e := range builtin.List() {
		p, err := builtin.Lookup(e.Name, problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Spec().Name != e.Name {
			t.Errorf("%s is called %s", e.Name, p.Spec().Name)
		}
		for _, name := range []string{"tiny", "small", "paper"} {
			preset, err := builtin.Preset(e.Name, name)
			if err != nil {
				t.Fatal(err)
			}
			if q, err := builtin.Lookup(e.Name, preset.Options); err != nil || name != "tiny" &&
				q.Spec().Rows != p.Spec().Rows {
				t.Errorf("%s %s: %v", e.Name, name, err)
			}
		}
	}
	for _, err := range []error{second(builtin.Lookup("quasi", problems.Options{})),
		second(builtin.Preset("phantom", "huge")), second(builtin.Preset("x", "tiny"))} {
		if u, ok := errors.AsType[*builtin.UnknownError](err); !ok || len(u.Known) < 2 {
			t.Error(err)
		}
	}
	if _, ok := errors.AsType[*problems.OptionError](second(builtin.Lookup("quasistatic",
		problems.Options{Grid: 3}))); !ok {
		t.Error("a grid of 3 is accepted")
	}
}

func second[T any](_ T, err error) error { return err }

// TestTable2 compares the paper's hyperparameters with Tables 1 and 2.
func TestTable2(t *testing.T) {
	for name, want := range map[string]struct {
		sigma         float64
		levels        int
		batch, steps  int
		pairs         int
		learning, ema float64
	}{
		"quasistatic": {20, 128, 128, 100_000, 10_000, 1e-4, 0.999},
		"opticnerve":  {50, 256, 64, 300_000, 12_000, 1e-4, 0.999},
		"phantom":     {50, 256, 128, 400_000, 10_000, 1e-4, 0.999},
		"duallayer":   {50, 256, 128, 300_000, 3_000, 1e-4, 0.999},
		"spheroid":    {120, 680, 32, 300_000, 30_000, 1e-4, 0.999}, // 24,000 and 6,000 held out
	} {
		p, err := builtin.Preset(name, "paper")
		if err != nil {
			t.Fatal(err)
		}
		s, tr := p.Schedule, p.Training
		if s.SigmaMax != want.sigma || s.SigmaMin != 0.01 || s.Levels != want.levels ||
			s.StepsPerLevel != 5 || s.Epsilon != 5.7e-6 ||
			tr.Batch != want.batch || tr.Steps != want.steps || tr.LearningRate != want.learning ||
			tr.EMA != want.ema || p.Pairs != want.pairs {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestOwnSchedules checks the schedules of our own presets against Eq. 17 (= ½)
// and Eq. 18 (with its squares; as close to 1 as the step size allows).
func TestOwnSchedules(t *testing.T) {
	phi := func(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }
	for _, e := range builtin.List() {
		for _, name := range []string{"tiny", "small"} {
			p, err := builtin.Preset(e.Name, name)
			if err != nil {
				t.Fatal(err)
			}
			s := p.Schedule
			d := float64(p.Options.Grid * p.Options.Grid)
			gamma := math.Pow(s.SigmaMax/s.SigmaMin, 1/float64(s.Levels-1))
			eq17 := phi(math.Sqrt(2*d)*(gamma-1)+3*gamma) - phi(math.Sqrt(2*d)*(gamma-1)-3*gamma)
			if math.Abs(eq17-0.5) > 0.05 {
				t.Errorf("%s %s: Eq. 17 gives %v", e.Name, name, eq17)
			}
			eq18 := func(epsilon float64) float64 {
				r := 1 - epsilon/(s.SigmaMin*s.SigmaMin)
				c := 2 / (1 + r)
				return math.Pow(r, 2*float64(s.StepsPerLevel))*(gamma*gamma-c) + c
			}
			best := math.Inf(1)
			for epsilon := 1e-6; epsilon < 5e-5; epsilon *= 1.01 {
				best = min(best, eq18(epsilon))
			}
			if got := eq18(s.Epsilon); got > best+0.002 {
				t.Errorf("%s %s: Eq. 18 gives %v, where %v can be had", e.Name, name, got, best)
			}
		}
	}
}
