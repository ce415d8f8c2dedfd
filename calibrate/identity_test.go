package calibrate

import (
	"csdm/env"
	"csdm/infer"
	"csdm/internal/identity"
	"csdm/internal/identity/identitytest"
	"csdm/measured"
	"csdm/recipe"
	"testing"
)

func TestCheckIdentity(t *testing.T) {
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	settings := Settings{Measurements: 4, Sampling: recipe.Sampling(model, 7), Seed: 1,
		Spoil: "shift"}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := newChecker(model, problem, settings, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	settings.At = []float64{1, 2}
	of := func(get func(*checker) identity.Identity) func(Settings) identity.Identity {
		return func(s Settings) identity.Identity {
			other := *c
			other.settings = s
			return get(&other)
		}
	}
	identitytest.Covers(t, settings, of((*checker).recordsIdentity), "Measurements", "Spoil",
		"First", "Sampling.Seed",
		"Sampling.Measurement", "Sampling.First", "Sampling.Skip", "Sampling.Threads")
	identitytest.Covers(t, settings, of((*checker).resultIdentity), "Sampling.Seed",
		"First", // with a dataset only
		"Sampling.Measurement", "Sampling.First", "Sampling.Skip", "Sampling.Threads")
}
