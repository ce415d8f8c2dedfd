package opticnerve_test

import (
	"math"
	"slices"
	"testing"

	"csdm/problems"
)

// TestVariables checks that a pair is the simulation of its variables, that
// SimulateWhole differs from it by the mask alone, and that Quantiles is the
// inverse of Probabilities.
func TestVariables(t *testing.T) {
	p, g := open(t, 32)
	n, d := p.Spec().XLen(), len(p.Variables())
	x, y, field := make([]float64, n), make([]float64, 2*n), make([]float64, n)
	simulatedX, simulated, whole := make([]float64, n), make([]float64, 2*n), make([]float64, 2*n)
	theta, u, back := make([]float64, d), make([]float64, d), make([]float64, d)
	shown, pixels := make([]bool, n), make([]int, n)
	for k := range pixels {
		pixels[k] = k
	}
	var _ problems.Local = p
	few, at := []int{0, 7, n / 2, n - 1}, make([]float64, 4)
	for i := range uint64(3) {
		p.Latent(theta, 9, i)
		p.Field(field, theta)
		for _, err := range []error{g.Pair(x, y, 9, i), g.Simulate(simulatedX, simulated, theta),
			g.SimulateWhole(simulatedX, whole, theta)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		p.FieldAt(at, few, theta)
		for i, k := range few {
			if at[i] != field[k] {
				t.Fatalf("FieldAt has %v at node %d, Field %v", at[i], k, field[k])
			}
		}
		if !slices.Equal(x, field) || !slices.Equal(x, simulatedX) || !slices.Equal(y, simulated) {
			t.Fatalf("pair %d is not the simulation of its variables", i)
		}
		g.Shown(shown, pixels, theta)
		for k := range whole {
			if !shown[k%n] {
				whole[k] = 0
			}
		}
		if !slices.Equal(whole, y) {
			t.Fatalf("pair %d is not the masked wave", i)
		}
		p.Probabilities(u, theta)
		p.Quantiles(back, u)
		for k, v := range theta {
			if u[k] < 0 || u[k] > 1 || math.Abs(back[k]-v) > 1e-9*(1+math.Abs(v)) {
				t.Errorf("pair %d, %s: %v has probability %v, whose quantile is %v", i,
					p.Variables()[k].Name, v, u[k], back[k])
			}
		}
		if !p.Possible(theta) {
			t.Errorf("pair %d is not possible", i)
		}
	}
}
