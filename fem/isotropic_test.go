package fem

import (
	"errors"
	"math"
	"slices"
	"testing"

	"csdm/mesh"
)

// TestRatioIsConstant checks that a constant Poisson's ratio gives the bits of
// NewStatic where it is the reference, and otherwise the same solution up to
// rounding, nearly incompressible too.
func TestRatioIsConstant(t *testing.T) {
	for _, c := range []struct {
		name     string
		m        *mesh.Mesh
		elements func(nu float64) Elements
	}{
		{"plane strain", distort(mesh.Quads(9, 11, 1, 1)), PlaneStrain},
		{"axisymmetric", distort(mesh.Quads(9, 11, 1, 1)), Axisymmetric},
		{"triangles", mesh.Crossed(9, 11, 1, 1), Axisymmetric},
	} {
		var bc Dirichlet
		for component := range 2 {
			bc.Fix(c.m.Side(mesh.Bottom), component, 0)
			bc.Fix(c.m.Side(mesh.Top), component, 0.1)
		}
		n := c.m.Points()
		moduli, ux, uy := make([]float64, n), make([]float64, n), make([]float64, n)
		wantX, wantY := make([]float64, n), make([]float64, n)
		for p := range moduli {
			moduli[p] = 1 + c.m.X[p] + 2*c.m.Y[p]
		}
		s := must[*Static](t)(NewIsotropic(c.m, c.elements, 0.25, bc)).NewSolver()
		for _, nu := range []float64{0.25, 0, -0.3, 0.49} {
			want := must[*Static](t)(NewStatic(c.m, c.elements(nu), bc)).NewSolver()
			if err := want.SolveTo(wantX, wantY, moduli); err != nil {
				t.Fatal(err)
			}
			if err := s.SolveRatioTo(ux, uy, moduli, slices.Repeat([]float64{nu}, n)); err != nil {
				t.Fatal(err)
			}
			off := max(distance(ux, wantX), distance(uy, wantY))
			if off > 1e-11 || nu == 0.25 && off != 0 {
				t.Errorf("%s: at ν = %v a difference of %v", c.name, nu, off)
			}
		}
	}
}

// TestRatioVaries compares with a closed form. A column is confined at its
// sides, u_x = 0, so that u_y depends on y alone and M u_y' is constant, with
// the modulus M = λ + 2μ = E(1−ν)/((1+ν)(1−2ν)) of confined compression. With
// one layer of cells per ratio the solution at the nodes is exact.
func TestRatioVaries(t *testing.T) {
	const layers = 8
	m := mesh.Quads(layers+1, 3, 1, 2)
	var bc Dirichlet
	for _, side := range []int32{mesh.Left, mesh.Right, mesh.Bottom, mesh.Top} {
		bc.Fix(m.Side(side), 0, 0)
	}
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	bc.Fix(m.Side(mesh.Top), 1, -0.1)
	s := must[*Static](t)(NewIsotropic(m, PlaneStrain, 0.3, bc)).NewSolver()
	moduli, ratios := make([]float64, m.Cells()), make([]float64, m.Cells())
	var compliance [layers]float64 // of each layer
	for c := range moduli {
		_, y := m.Center(c)
		k := int(y / 2 * layers)
		e, nu := 1+float64(k%3), 0.05+0.05*float64(k)
		moduli[c], ratios[c] = e, nu
		compliance[k] = (1 + nu) * (1 - 2*nu) / (e * (1 - nu))
	}
	ux, uy := make([]float64, m.Points()), make([]float64, m.Points())
	if err := s.SolveRatioCellsTo(ux, uy, moduli, ratios); err != nil {
		t.Fatal(err)
	}
	var below [layers + 1]float64
	for k, v := range compliance {
		below[k+1] = below[k] + v
	}
	for p := range uy {
		k := int(math.Round(m.Y[p] / 2 * layers))
		want := -0.1 * below[k] / below[layers]
		if math.Abs(uy[p]-want) > 1e-14 || math.Abs(ux[p]) > 1e-14 {
			t.Fatalf("point %d moves by (%v, %v), want (0, %v)", p, ux[p], uy[p], want)
		}
	}
	ratios[3] = 0.5
	var bad *RatioError
	if err := s.SolveRatioCellsTo(ux, uy, moduli, ratios); !errors.As(err, &bad) || bad.Index != 3 {
		t.Errorf("a ratio of ½: %v", err)
	}
}

// TestDensity checks a density that varies: the constant 1 gives the bits of
// SolveTo, and a wave does not depend on the common scale of modulus and
// density.
func TestDensity(t *testing.T) {
	m := mesh.Crossed(14, 12, 2, 1)
	wave := Wave{Frequency: 0.8, Alpha: 0.1, Density: 0.7}
	s := must[*Helmholtz](t)(NewHelmholtz(m, wave, drivenRight(m, 0.3))).NewSolver()
	n := m.Points()
	mu, density := make([]float64, n), make([]float64, n)
	for p := range mu {
		mu[p], density[p] = 1+m.X[p]+2*m.Y[p], 1+0.5*math.Sin(5*m.X[p])
	}
	solve := func(mu, density []float64) []float64 {
		u := make([]float64, 2*n)
		var err error
		if density == nil {
			err = s.SolveTo(u[:n], u[n:], mu)
		} else {
			err = s.SolveDensityTo(u[:n], u[n:], mu, density)
		}
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	varied := solve(mu, density)
	if want := solve(mu, nil); !slices.Equal(solve(mu, unit(n)), want) {
		t.Error("a constant density gives other bits")
	} else if off := distance(varied, want); off < 1e-3 {
		t.Errorf("a density that varies changes the wave by %v only", off)
	}
	scaled := [2][]float64{slices.Clone(mu), slices.Clone(density)}
	for p := range mu {
		scaled[0][p] *= 3
		scaled[1][p] *= 3
	}
	if off := distance(solve(scaled[0], scaled[1]), varied); off > 1e-12 {
		t.Errorf("modulus and density three times as large change the wave by %v", off)
	}
	density[5] = 0
	var bad *ModulusError
	if err := s.SolveDensityTo(mu, scaled[0], scaled[1], density); !errors.As(err, &bad) {
		t.Errorf("a density of 0: %v", err)
	}
}
