package fem_test

import (
	"math"
	"testing"

	"csdm/fem"
	"csdm/mesh"
	"csdm/rng"
)

// TestAdjoint compares the derivative with central differences, for random
// moduli and weights.
func TestAdjoint(t *testing.T) {
	m := mesh.Triangles(5, 4, 1.3, 0.9)
	static, err := fem.NewPlaneStress(m, fem.Compression(m, 0, -0.01))
	if err != nil {
		t.Fatal(err)
	}
	n, s := m.Points(), rng.New(1, rng.Test, 0, 0)
	moduli, gx, gy := make([]float64, n), make([]float64, n), make([]float64, n)
	for p := range n {
		moduli[p], gx[p], gy[p] = 1+s.Float64(), s.Normal(), s.Normal()
	}
	solver, other := static.NewSolver(), static.NewSolver()
	ux, uy := make([]float64, n), make([]float64, n)
	functional := func(solver *fem.StaticSolver) (sum float64) {
		if err := solver.SolveTo(ux, uy, moduli); err != nil {
			t.Fatal(err)
		}
		for p := range n {
			sum += gx[p]*ux[p] + gy[p]*uy[p]
		}
		return sum
	}
	functional(solver)
	got, scale := make([]float64, n), 0.0
	solver.AdjointTo(got, ux, uy, gx, gy)
	for _, v := range got {
		scale = max(scale, math.Abs(v))
	}
	for p := range n {
		const h = 1e-4
		at := moduli[p]
		moduli[p] = at + h
		up := functional(other)
		moduli[p] = at - h
		want := (up - functional(other)) / (2 * h)
		moduli[p] = at
		if math.Abs(got[p]-want) > 1e-6*scale { // h² and rounding over h
			t.Errorf("point %d: %v, differences give %v", p, got[p], want)
		}
	}
	if allocated := testing.AllocsPerRun(3, func() {
		solver.AdjointTo(got, ux, uy, gx, gy)
	}); allocated > 1 { // the list of lengths
		t.Errorf("%v allocations", allocated)
	}
}
