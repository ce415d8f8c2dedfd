package infer

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/env"
	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

// TestPartialHasOneOwner starts a second call while the first works on its
// partial file. The error of the second call names the other process, and it
// writes nothing, for each method. After the first call the second succeeds and
// leaves no lock.
//
// A second call that only read the file would be harmless; a second writer
// would not. The lock file must not stay behind, since a folder of results
// should hold results only.
func TestPartialHasOneOwner(t *testing.T) {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8, NoisePercent: 10})
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
	partial := filepath.Join(t.TempDir(), "out.npz.partial")
	reference := func(r recipe.Reference) error {
		_, err := ReferencePosterior(context.Background(), p, y, r, Job{Seed: 1, Partial: partial},
			env.Quiet(1))
		return err
	}
	methods := []recipe.Reference{recipe.NewReference(recipe.MethodQuadrature),
		{Method: recipe.MethodAdaptive, PriorDraws: 2, MaxSolves: 4000},
		{Method: recipe.MethodImportance, PriorDraws: 20_000, MaxSolves: 2}}
	release, err := HoldPartial(partial, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range methods {
		err := reference(r)
		if cli.Code(err) != cli.ExitExists ||
			!strings.Contains(err.Error(), "another csdm process") {
			t.Errorf("%s beside another call: %v", r.Method, err)
		}
		if _, err := os.Stat(partial); err == nil {
			t.Errorf("%s wrote the file of another call", r.Method)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	for _, r := range methods {
		if err := reference(r); err != nil {
			t.Errorf("%s after the other call: %v", r.Method, err)
		}
		if _, err := os.Stat(partial + ".lock"); err == nil {
			t.Errorf("%s leaves its lock", r.Method)
		}
		if err := RemoveReferencePartial(partial); err != nil {
			t.Fatal(err)
		}
	}
}
