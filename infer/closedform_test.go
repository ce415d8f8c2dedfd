package infer

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"csdm/env"
	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/lineargaussian"
	"csdm/problems/problemstest"
	"csdm/problems/quasistatic"
	"csdm/recipe"
)

// TestClosedForm checks that auto takes the closed form where there is one,
// that its file can be read, that neither seed nor limits are part of its
// identity, and that a problem without a closed form refuses the method.
//
// The prior and the noise of lineargaussian are normal and its forward model is
// linear, so that mean, standard deviation and ln p(y) follow from linear
// algebra. The result must be these numbers to the last bit: no method may come
// between. Without a seed in its identity a second call with another seed finds
// the first result.
func TestClosedForm(t *testing.T) {
	p, err := lineargaussian.New(problems.Options{Grid: 10})
	if err != nil {
		t.Fatal(err)
	}
	_, y := problemstest.Pair(t, p, 1, 2)
	auto := recipe.NewReference(recipe.MethodAuto)
	closed := recipe.NewReference(recipe.MethodClosedForm)
	r, err := ReferencePosterior(t.Context(), p, y, auto, Job{Seed: 1}, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	mean, std, evidence, err := p.Posterior(y)
	if err != nil {
		t.Fatal(err)
	}
	if r.Method != recipe.MethodClosedForm || !slices.Equal(r.Mean, mean) ||
		!slices.Equal(r.Std, std) || r.LogEvidence != evidence ||
		!(r.ErrorMean > 0 && r.ErrorMean < 1e-8) || r.Origin.Solves != 0 {
		t.Errorf("method %s, ln p(y) %v, error %v", r.Method, r.LogEvidence, r.ErrorMean)
	}
	path := filepath.Join(t.TempDir(), "reference.npz")
	if err := r.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSummary(path, "", "")
	if err != nil || s.IsReference(path) != nil || s.LogEvidence != evidence ||
		!math.IsNaN(s.ESS) {
		t.Errorf("read %+v, %v", s, err)
	}
	if recipe.MethodFor(p) != recipe.MethodClosedForm ||
		ReferenceIdentity(p, y, closed, 1) != ReferenceIdentity(p, y, closed, 2) {
		t.Error("the presets take another method, or the seed is part of the identity")
	}
	other, err := quasistatic.New(problems.Options{Grid: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReferencePosterior(t.Context(), other, y, closed, Job{Seed: 1},
		env.Quiet(1)); cli.Code(err) != cli.ExitUsage {
		t.Errorf("quasistatic in closed form: %v, want code 64", err)
	}
}
