package run

import (
	"context"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/builtin"
)

func TestDefaultReference(t *testing.T) {
	for problem, want := range map[string]Reference{
		"quasistatic": {Method: MethodQuadrature},
		"phantom":     {Method: MethodAdaptive, Draws: AdaptiveSolves},
		"duallayer":   {Method: MethodNone},
		"opticnerve":  {Method: MethodNone},
	} {
		c, err := Resolve(problem, "tiny", problems.Options{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if c.Reference != want {
			t.Errorf("%s: %+v, want %+v", problem, c.Reference, want)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", problem, err)
		}
	}
}

// TestAdaptiveReference takes one that converges, and one of too few solves, which must say so in what is shown and in what is kept.
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
	for _, c := range []struct {
		solves    int
		converged bool
	}{{AdaptiveSolves, true}, {200, false}} {
		var notes []string
		env := Quiet(2)
		env.Note = func(line string) { notes = append(notes, line) }
		r, err := ReferencePosterior(context.Background(), p, y, Reference{Method: MethodAdaptive, Draws: c.solves}, Job{Seed: 1}, env)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(r.Note, notes)
		if got := !strings.Contains(r.Note, "not converged"); got != c.converged || (len(notes) == 1) != c.converged {
			t.Errorf("%d solves: %q, told %q", c.solves, r.Note, notes)
		}
		if r.Origin.Method != MethodAdaptive || r.Origin.Solves < 1 || r.Origin.Solves > c.solves || c.converged && (r.ESS < 1000 || !(r.ErrorMean < 0.05)) {
			t.Errorf("%d solves: %+v", c.solves, r.Origin)
		}
	}
	_, err = ReferencePosterior(context.Background(), p, y, Reference{Method: MethodAdaptive}, Job{}, Quiet(1))
	if cli.Code(err) != cli.ExitUsage {
		t.Errorf("no solves at all: %v", err)
	}
}
