package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/env"
	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/builtin"
)

// TestClaim changes one setting of the errors of a specimen after another. A
// folder that was trained for the former ones refuses the others, by the name
// of the setting, and takes the former ones again. A built-in problem has none.
func TestClaim(t *testing.T) {
	const text = `
name = "lab"
grid = { rows = 8, cols = 8, width = 26.0, height = 34.0, unit = "mm" }
physics = {}
edges = { bottom = 0.39, top = 0.08 }
noise = { std = 0.003, correlation = 0.5 }
nuisance = { shift = 0.002, tilt = 0.001 }
prior = { x = [9, 15], y = [12, 20], radius = [5, 8], ratio = [2, 4], background = 1.0 }
`
	lab := func(text string) problems.Problem {
		path := filepath.Join(t.TempDir(), "lab.toml")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		p, err := builtin.Lookup(path, problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	f, err := Open(t.TempDir(), small(t), env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	own := errorsOf(lab(text))
	for range 2 {
		if err := f.claimAs("pairs", "data", own); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string][2]string{
		"std: 0.003 in the file, 0.004":   {"std = 0.003", "std = 0.004"},
		"shift: 0.002 in the file, 0.005": {"shift = 0.002", "shift = 0.005"},
		"tilt: 0.001 in the file, 0 in":   {", tilt = 0.001", ""},
		"length: 0.5 in the file, 0.7 in": {"correlation = 0.5", "correlation = 0.7"},
		"gain: 0 in the file, 0.1 in t":   {"tilt", "gain = 0.1, tilt"},
	} {
		err := f.claimAs("pairs", "data", errorsOf(lab(strings.Replace(text, change[0], change[1],
			1))))
		if cli.Code(err) != cli.ExitExists || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.claimAs("pairs", "data", own); err != nil {
		t.Error(err)
	}
	q, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8})
	if err != nil {
		t.Fatal(err)
	}
	if !errorsOf(q).IsZero() {
		t.Error("a built-in problem has errors of its own")
	}
}
