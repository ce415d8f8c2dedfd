package table5

import (
	"csdm/infer"
	"csdm/internal/identity"
	"csdm/internal/identity/identitytest"
	"testing"
)

// TestStudyIdentity changes each setting in turn: the identity must change, and
// must not for Models, Trainings and Overwrite. One weight that differs by 1,
// or a second model, must count too.
func TestStudyIdentity(t *testing.T) {
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	of := func(levels []*NoiseResult) func(Settings) identity.Identity {
		return func(s Settings) identity.Identity {
			s.Trainings = nil // finished run folders, which count by their models
			id, err := (&study{s: s, Result: &Result{Levels: levels}}).identity()
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
	}
	settings := Settings{Models: []string{"m"}, Phantoms: 1, Draws: 2, Sampling: []string{"a=b"},
		Seed: 3}
	one := of([]*NoiseResult{{model: model}})
	identitytest.Covers(t, settings, one, "Models", "Trainings", "Overwrite")
	other, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	other.Net.Flat()[0]++
	if one(settings) == of([]*NoiseResult{{model: other}})(settings) ||
		one(settings) == of([]*NoiseResult{{model: model}, {model: other}})(settings) {
		t.Error("the models do not count")
	}
}
