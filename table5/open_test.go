package table5

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
)

// TestOpenRefuses checks the errors of models that do not fit a study: phantoms
// of the training, a sampler without a fixed cost, a second model of a level or
// of another grid.
func TestOpenRefuses(t *testing.T) {
	const small, large = "builtin:quasistatic-28-n5", "builtin:quasistatic-56-n5"
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	trained := model.Meta.Training.Seed
	for _, c := range []struct {
		name   string
		change func(*Settings)
		then   []string
		text   string
	}{
		{"seed of the training", func(s *Settings) {
			s.Seed = trained
		}, []string{small}, "trained on"},
		{"sampler", func(s *Settings) { s.Sampling = []string{"sampling.sampler=annealed"} },
			[]string{small}, "sampler"},
		{"setting", func(s *Settings) { s.Sampling = []string{"sampling.wheels=4"} },
			[]string{small}, "wheels"},
		{"level twice", func(*Settings) {}, []string{small, small}, "one model per noise level"},
		{"another grid", func(*Settings) {}, []string{small, large}, "28×28"},
	} {
		s := &study{dir: t.TempDir(), env: env.Quiet(1), Result: &Result{},
			s: Settings{Phantoms: 1, Draws: 4, Seed: trained + 1}}
		c.change(&s.s)
		var err error
		for _, name := range c.then {
			if err = s.open(name); err != nil {
				break
			}
		}
		if cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: code %d, %v; want %q", c.name, cli.Code(err), err, c.text)
		}
	}
}

// TestPhantoms checks that a phantom is the same field at every noise level, in
// the range of normalized fields, and another field for another index.
//
// Noise of its own at each level is required too: equal measurements would mean
// that the noise level is ignored.
func TestPhantoms(t *testing.T) {
	s := &study{dir: t.TempDir(), env: env.Quiet(1), Result: &Result{},
		s: Settings{Phantoms: 2, Draws: 4, Seed: 56}}
	for _, name := range []string{"builtin:quasistatic-56-n5", "builtin:quasistatic-56-n10"} {
		if err := s.open(name); err != nil {
			t.Fatal(err)
		}
	}
	var fields [2][2]Case
	for l := range fields {
		for k := range fields[l] {
			c, err := s.phantom(s.Levels[l], k)
			if err != nil {
				t.Fatal(err)
			}
			fields[l][k] = c
			if least, most := slices.Min(c.field), slices.Max(c.field); least < -1e-6 ||
				most > 1+1e-6 {
				t.Errorf("field from %v to %v", least, most)
			}
		}
	}
	for k := range 2 {
		a, b := fields[0][k], fields[1][k]
		if !slices.Equal(a.field, b.field) || !slices.Equal(a.Variables, b.Variables) {
			t.Errorf("phantom %d differs between noise levels", k+1)
		}
		if slices.Equal(a.measurement, b.measurement) {
			t.Errorf("phantom %d has the same measurement at 5 and 10 %%", k+1)
		}
	}
	if slices.Equal(fields[0][0].Variables, fields[0][1].Variables) {
		t.Error("two phantoms are one")
	}
}

// TestHistoryRefuses checks folders that cannot show a training.
func TestHistoryRefuses(t *testing.T) {
	if _, err := History(filepath.Join(t.TempDir(), "none"), "quasistatic", 28, 5); cli.Code(
		err) != cli.ExitNoInput {
		t.Errorf("no folder: code %d, %v", cli.Code(err), err)
	}
}
