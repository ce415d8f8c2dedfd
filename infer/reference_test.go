package infer

import (
	"context"
	"math"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

// TestAdaptiveReference computes a reference that converges. With too few
// solves or cells it returns an error with advice.
//
// The prior of phantom has four variables, so that auto must choose the
// adaptive method. Errors must carry the code of their cause: 65 for a
// posterior that was not found, 64 for a call without solves.
func TestAdaptiveReference(t *testing.T) {
	p, err := builtin.Lookup("phantom", problems.Options{Grid: 8, NoisePercent: 10})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, 1, 0); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, 1, 0)
	for _, method := range []string{recipe.MethodAdaptive, recipe.MethodAuto} {
		r, err := ReferencePosterior(context.Background(), p, y,
			recipe.NewReference(method), Job{Seed: 1}, env.Quiet(2))
		if err != nil {
			t.Fatal(err)
		}
		if r.Method != recipe.MethodAdaptive || r.Origin.Method != recipe.MethodAdaptive ||
			r.Origin.Solves < 1 ||
			r.ESS < 1000 || !(r.ErrorMean < 0.05) || !(r.KHat < bench.MaxKHat) ||
			math.IsNaN(r.LogEvidence) || len(r.EndMass) != 4 {
			t.Errorf("%s: %s %+v %+v", method, r.Method, r.Origin, r.Diagnostics)
		}
	}
	_, err = ReferencePosterior(context.Background(), p, y,
		recipe.Reference{Method: recipe.MethodAdaptive, PriorDraws: 2, MaxSolves: 200},
		Job{Seed: 1}, env.Quiet(2))
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(),
		"more than 200 forward solves") {
		t.Errorf("200 solves: %v", err)
	}
	for _, r := range []recipe.Reference{{Method: recipe.MethodImportance, PriorDraws: 300,
		MaxSolves: 2}} {
		if _, err = ReferencePosterior(context.Background(), narrow{p.(problems.Parametric)}, y, r,
			Job{Seed: 1}, env.Quiet(2)); cli.Code(err) != cli.ExitData ||
			!strings.Contains(err.Error(), "adaptive") {
			t.Errorf("%s: %v", r.Method, err)
		}
	}
	_, err = ReferencePosterior(context.Background(), p, y,
		recipe.Reference{Method: recipe.MethodAdaptive},
		Job{}, env.Quiet(1))
	if cli.Code(err) != cli.ExitUsage {
		t.Errorf("no solves at all: %v", err)
	}
}

// narrow is a problem with measurements so precise that neither prior draws nor
// a grid find its posterior.
type narrow struct{ problems.Parametric }

func (narrow) Measurement() priors.Measurement { return priors.Gaussian{Std: 1e-5} }

// TestReferenceMethodsAgree compares the evidence and the mass at the ends of
// the prior between all methods.
//
// The three methods evaluate p(y) = ∫ p(y | θ) p(θ) dθ at different points, so
// that agreement within 0.2 in ln p(y) excludes a wrong constant of the
// likelihood, a wrong volume of the prior, or a wrong proposal density in any
// one of them.
func TestReferenceMethodsAgree(t *testing.T) {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, 1, 0); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, 1, 0)
	r, err := ReferencePosterior(context.Background(), p, y, recipe.NewReference(recipe.MethodAuto),
		Job{Seed: 1}, env.Quiet(2))
	if err != nil || r.Method != recipe.MethodQuadrature || r.ESS < bench.MinESS {
		t.Fatal(err, r)
	}
	a, err := ReferencePosterior(context.Background(), p, y,
		recipe.Reference{Method: recipe.MethodAdaptive, PriorDraws: 2, MaxSolves: 20_000},
		Job{Seed: 1}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	i, err := ReferencePosterior(context.Background(), p, y,
		recipe.Reference{Method: recipe.MethodImportance, PriorDraws: 30_000, MaxSolves: 2},
		Job{Seed: 1}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ln p(y) %.3f by quadrature, %.3f adaptive, %.3f importance", r.LogEvidence,
		a.LogEvidence, i.LogEvidence)
	if math.Abs(a.LogEvidence-r.LogEvidence) > 0.2 || math.Abs(i.LogEvidence-r.LogEvidence) > 0.2 {
		t.Errorf("ln p(y) is %v, %v and %v", r.LogEvidence, a.LogEvidence, i.LogEvidence)
	}
	for k := range r.EndMass {
		for side := range 2 {
			if d := math.Abs(a.EndMass[k][side] - r.EndMass[k][side]); d > 0.1 || math.IsNaN(d) {
				t.Errorf("mass at end %d of variable %d: %v and %v", side, k, r.EndMass[k][side],
					a.EndMass[k][side])
			}
		}
	}
}
