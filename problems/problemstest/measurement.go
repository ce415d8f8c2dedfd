package problemstest

import (
	"testing"

	"csdm/problems"
)

// Pair returns the field of pair i of a seed and a noisy measurement of it, in
// physical units.
func Pair(t *testing.T, p problems.Problem, seed, i uint64) (x, y []float64) {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y = make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, seed, i); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, seed, i)
	return x, y
}
