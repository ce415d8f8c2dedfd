package explain

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"csdm/problems"
	"csdm/problems/builtin"
)

// gradedStandIn is a disc in a background whose stiffness varies, between
// plates, with white noise. The model of gradedModel also allows a smooth error
// of the size of the disc's signal.
const (
	gradedStandIn = `
name = "stand-in"
grid = { rows = 16, cols = 16, width = 26, height = 34, unit = "mm" }
physics = {}
edges = { bottom = 0.392, top = 0.084 }
noise = { std = 0.0012 }
[prior]
x = [5.2, 20.8]
y = [5.2, 28.8]
radius = [2.1, 7.8]
ratio = [1, 6]
background = 4
gradient = 0.4
`
	gradedModel = gradedStandIn + `
[discrepancy]
std = [0.0005, 0.0105]
length = [2.6, 10.4]
`
)

// gradedProblem returns the problem of a file.
func gradedProblem(t *testing.T, text string) problems.Smooth {
	t.Helper()
	path := filepath.Join(t.TempDir(), "specimen.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	p, err := builtin.Lookup(path, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.(problems.Smooth)
}

// TestModesUnderSmoothErrors finds a disc although a smooth error could explain
// most of its signal. The disc lies as in graded28, and the first mode must be
// at its place.
//
// A single descent would explain the disc's signal by the smooth error.
func TestModesUnderSmoothErrors(t *testing.T) {
	source, model := gradedProblem(t, gradedStandIn), gradedProblem(t, gradedModel)
	truth := []float64{12.8, 18.3, 5.3, 2.2, 0.5, 0.17, 0.5, 0.5, 0.8}
	g, err := source.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, source.Spec().XLen()), make([]float64, source.Spec().YLen())
	if err := g.(problems.Simulator).Simulate(x, y, truth); err != nil {
		t.Fatal(err)
	}
	problems.Measure(source.Measurement(), y, y, 1, 0)
	modes, solves, err := Modes(t.Context(), model, y, Search{Seed: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d modes after %d solves, the first at %.3f", len(modes), solves, modes[0].Theta)
	for k, within := range []float64{0.5, 0.5, 0.6, 0.4} {
		if v := modes[0].Theta[k]; math.Abs(v-truth[k]) > within {
			t.Errorf("variable %d is %v; want %v within %v", k, v, truth[k], within)
		}
	}
}
