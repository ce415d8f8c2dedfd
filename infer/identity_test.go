package infer

import (
	"testing"

	"csdm/internal/identity"
	"csdm/internal/identity/identitytest"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

// tiny returns the smallest embedded model and a measurement of its size.
func tiny(t *testing.T) (*nn.Model, []float64) {
	t.Helper()
	model, err := BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, model.Meta.Rows*model.Meta.Cols)
	y[3] = 0.5
	return model, y
}

// TestDrawsIdentity changes one field of the inputs at a time, by reflection,
// and checks that the identity changes, except for the listed fields. A setting
// that is added to a struct and forgotten in the identity would let a call
// resume from draws of other settings.
func TestDrawsIdentity(t *testing.T) {
	model, y := tiny(t)
	identitytest.Covers(t, recipe.Sampling(model, 4), func(s langevin.Settings) identity.Identity {
		return DrawsIdentity(model, y, s, 1)
	}, "Draws", "Seed", "Measurement", "First", "Skip", "Threads")
	type rest struct {
		Y    []float64
		Seed uint64
	}
	identitytest.Covers(t, rest{y[:5], 1}, func(r rest) identity.Identity {
		return DrawsIdentity(model, r.Y, langevin.Settings{}, r.Seed)
	})
	// All of the model counts, except the origin of its weights and the limits
	// that can be added to it.
	identitytest.Covers(t, model.Meta, func(m nn.Metadata) identity.Identity {
		other := *model
		other.Meta = m
		return DrawsIdentity(&other, y, langevin.Settings{}, 1)
	}, "Training", "Calibration", "Bands", "Typical.Outlier", "Typical.Edge")
	p := *model.Parameterization.(*nn.Preconditioned)
	p.YMean = p.YMean[:2]
	identitytest.Covers(t, p, func(p nn.Preconditioned) identity.Identity {
		other := *model
		other.Parameterization = &p
		return DrawsIdentity(&other, y, langevin.Settings{}, 1)
	})
	before := DrawsIdentity(model, y, langevin.Settings{}, 1)
	model.Net.Flat()[17] += 1e-6
	if DrawsIdentity(model, y, langevin.Settings{}, 1) == before {
		t.Error("a weight does not count")
	}
}

// TestReferenceIdentity does the same for references. The number of prior draws
// counts for importance sampling only, and the number of solves for the
// adaptive method only. Quadrature depends on neither, nor on the seed.
func TestReferenceIdentity(t *testing.T) {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, p.Spec().YLen())
	identitytest.Covers(t, recipe.NewReference(recipe.MethodImportance),
		func(r recipe.Reference) identity.Identity {
			return ReferenceIdentity(p, y, r, 1)
		}, "MaxSolves", "MaxError")
	identitytest.Covers(t, recipe.NewReference(recipe.MethodAdaptive),
		func(r recipe.Reference) identity.Identity {
			if r.Method != recipe.MethodAdaptive {
				r.Method = recipe.MethodAuto
			}
			return ReferenceIdentity(p, y, r, 1)
		}, "PriorDraws", "MaxError")
	exact := recipe.NewReference(recipe.MethodQuadrature)
	identitytest.Covers(t, exact, func(r recipe.Reference) identity.Identity {
		if r.Method != recipe.MethodQuadrature {
			r.Method = recipe.MethodAuto
		}
		return ReferenceIdentity(p, y, r, 1)
	}, "PriorDraws", "MaxSolves")
	if ReferenceIdentity(p, y, exact, 1) != ReferenceIdentity(p, y,
		recipe.Reference{Method: recipe.MethodQuadrature}, 2) {
		t.Error("the identity of quadrature depends on draws and seed")
	}
	identitytest.Covers(t, y[:6], func(y []float64) identity.Identity {
		return ReferenceIdentity(p, y, exact, 1)
	})
	for _, o := range []problems.Options{{Grid: 9, NoisePercent: 5}, {Grid: 8, NoisePercent: 6}} {
		other, err := builtin.Lookup("quasistatic", o)
		if err != nil {
			t.Fatal(err)
		}
		if ReferenceIdentity(other, y, exact, 1) == ReferenceIdentity(p, y, exact, 1) {
			t.Errorf("options %+v are not distinguished", o)
		}
	}
}

// TestSettingsAreEncodable checks that the identity covers each field of a
// sampler's settings.
func TestSettingsAreEncodable(t *testing.T) {
	s := langevin.Settings{Sampler: langevin.SamplerDPMSolverPP2M, Sigmas: langevin.Schedule{2, 1},
		Seed: 1, Threads: 2}
	identitytest.Covers(t, s, func(s langevin.Settings) identity.Identity {
		return identity.New("chain", 1).Add("settings", s, "Skip", "Threads").Identity()
	}, "Skip", "Threads")
}
