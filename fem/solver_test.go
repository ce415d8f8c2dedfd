package fem

import (
	"context"
	"errors"
	"math"
	"testing"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// TestQuadrature integrates every monomial up to the requested degree: ∫ξⁱηʲ is
// i!j!/(i+j+2)! on the triangle, and 4/((i+1)(j+1)) on the square where both
// are even.
func TestQuadrature(t *testing.T) {
	factorial := func(n int) float64 { return math.Gamma(float64(n + 1)) }
	for degree := range 6 {
		for i := range degree + 1 {
			for j := range degree + 1 {
				sum := func(r Rule) float64 {
					s := 0.0
					for q, w := range r.Weights {
						s += w * math.Pow(r.Points[q][0], float64(i)) * math.Pow(r.Points[q][1],
							float64(j))
					}
					return s
				}
				if i+j <= degree {
					if want := factorial(i) * factorial(j) / factorial(i+j+
						2); math.Abs(sum(P1{}.Rule(degree))-want) > 1e-15 {
						t.Errorf("triangle, degree %d: ∫ξ^%d η^%d = %v, want %v", degree, i, j,
							sum(P1{}.Rule(degree)), want)
					}
				}
				want := 0.0
				if i%2 == 0 && j%2 == 0 {
					want = 4 / float64((i+1)*(j+1))
				}
				if math.Abs(sum(Q4{}.Rule(degree))-want) > 4e-15 {
					t.Errorf("square, degree %d: ∫ξ^%d η^%d = %v, want %v", degree, i, j,
						sum(Q4{}.Rule(degree)), want)
				}
			}
		}
	}
}

// TestPatch solves on distorted meshes with an affine displacement on the
// boundary. Inside, the solution must equal it to 1e-12.
func TestPatch(t *testing.T) {
	affine := exact{value: func(u []float64, x, y float64) {
		u[0], u[1] = 0.1+2*x+0.3*y, -0.4-0.5*x+0.7*y
	}}
	stretch := exact{value: func(u []float64, x, y float64) { u[0], u[1] = 0.7*x, 0.2-1.3*y }}
	for name, c := range map[string]struct {
		m       *mesh.Mesh
		physics Elements
		field   exact
	}{
		"plane stress": {mesh.Triangles(9, 7, 1, 1), Elements{Triangle: PlaneStressP1{}},
			affine},
		"plane strain":           {mesh.Quads(7, 9, 1, 1), PlaneStrain(0.3), affine},
		"plane strain, ν = 0.49": {mesh.Quads(7, 9, 1, 1), PlaneStrain(0.49), affine},
		"triangles":              {mesh.Triangles(9, 9, 1, 1), PlaneStrain(0.3), affine},
		"axisymmetry":            {mesh.Quads(9, 9, 1, 1), Axisymmetric(0.45), stretch},
		"padded window": {mesh.Padded(6, 9, 0.1,
			mesh.Padding{Left: 0.3, Right: 0.5, Bottom: 0.4, Top: 0.4}, 1.4), PlaneStrain(0.49),
			affine},
	} {
		m := c.m
		if m.Grid.Rows*m.Grid.Cols == m.Points() {
			m = distort(m)
		}
		s := must[*Static](t)(NewStatic(m, c.physics, onBoundary(m, 2, c.field))).NewSolver()
		ux, uy := make([]float64, m.Points()), make([]float64, m.Points())
		if err := s.SolveCellsTo(ux, uy, unit(m.Cells())); err != nil {
			t.Fatal(err)
		}
		var u [2]float64
		for p := range ux {
			c.field.value(u[:], m.X[p], m.Y[p])
			if d := math.Hypot(ux[p]-u[0], uy[p]-u[1]); !(d < 1e-12) {
				t.Errorf("%s: point %d is off by %.3g", name, p, d)
				break
			}
		}
	}
}

// TestBettiReciprocity checks that the work of one system of forces in the
// displacement of another is mutual.
func TestBettiReciprocity(t *testing.T) {
	m := distort(mesh.Quads(12, 12, 1, 1))
	var bc Dirichlet
	bc.Fix(m.Side(mesh.Bottom), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	analysis := must[*Static](t)(NewStatic(m, PlaneStrain(0.49), bc))
	s := analysis.NewSolver()
	moduli := make([]float64, m.Cells())
	for c := range moduli {
		moduli[c] = 1 + float64(c*c%17)
	}
	forces := []func(b []float64, x, y float64){
		func(b []float64, x, y float64) { b[0], b[1] = 1, x*y },
		func(b []float64, x, y float64) { b[0], b[1] = math.Sin(5*y), -2 },
	}
	var u [2][2][]float64
	for k, force := range forces {
		s.SetLoad(force)
		u[k] = [2][]float64{make([]float64, m.Points()), make([]float64, m.Points())}
		if err := s.SolveCellsTo(u[k][0], u[k][1], moduli); err != nil {
			t.Fatal(err)
		}
	}
	work := func(force, displacement int) float64 {
		sum := 0.0
		for i, f := range analysis.l.bodyForce(forces[force]) {
			d := int(analysis.l.degrees[i])
			sum += f * u[displacement][d%2][d/2]
		}
		return sum
	}
	if a, b := work(0, 1), work(1, 0); math.Abs(a-b) > 1e-12*math.Abs(a) {
		t.Errorf("works %v and %v", a, b)
	}
}

// TestHomogeneousCompression checks a closed form of the quasistatic problem:
// with one modulus the block is stretched evenly, u_y = top·y and u_x =
// −½·top·x.
func TestHomogeneousCompression(t *testing.T) {
	m := mesh.Triangles(17, 23, 2.2, 1.6)
	s := must[*Static](t)(NewPlaneStress(m, Compression(m, 0, -0.016))).NewSolver()
	ux, uy, mu := make([]float64, m.Points()), make([]float64, m.Points()),
		make([]float64, m.Points())
	for p := range mu {
		mu[p] = 3.7
	}
	if err := s.SolveTo(ux, uy, mu); err != nil {
		t.Fatal(err)
	}
	for p := range ux {
		if math.Abs(uy[p]+0.01*m.Y[p]) > 1e-14 || math.Abs(ux[p]-0.005*m.X[p]) > 1e-14 {
			t.Fatalf("point %d moves by (%v, %v)", p, ux[p], uy[p])
		}
	}
}

func TestErrors(t *testing.T) {
	m := mesh.Triangles(5, 5, 1, 1)
	bc := Compression(m, 0, -0.01)
	s := must[*Static](t)(NewPlaneStress(m, bc)).NewSolver()
	ux, uy, mu := make([]float64, 25), make([]float64, 25), unit(25)
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		mu[7] = bad
		var e *ModulusError
		if err := s.SolveTo(ux, uy, mu); !errors.As(err, &e) || e.Index != 7 {
			t.Errorf("modulus %v: %v", bad, err)
		}
	}
	// A body that is free to slide is singular, and the error names the place.
	sliding := must[*Static](t)(NewPlaneStress(m, bc[:len(bc)-1])).NewSolver()
	var pivot *sparse.PivotError
	var singular *SingularError
	if err := sliding.SolveTo(ux, uy, unit(25)); !errors.As(err, &pivot) ||
		!errors.As(err, &singular) || singular.Component != 0 {
		t.Errorf("sliding block: %v", err)
	}
	// The same holds where the errors of many unknowns add up in the pivot that
	// should vanish.
	q := mesh.Quads(65, 65, 1, 1)
	held := Compression(q, 0, -0.01)
	wide := must[*Static](t)(NewStatic(q, PlaneStrain(0.4999), held[:len(held)-1])).NewSolver()
	if err := wide.SolveCellsTo(make([]float64, q.Points()), make([]float64, q.Points()),
		unit(q.Cells())); !errors.As(err, &singular) || singular.Component != 0 {
		t.Errorf("sliding block of %d points: %v", q.Points(), err)
	}
	for name, bc := range map[string]Dirichlet{
		"point": {{25, 0, 0}}, "component": {{0, 2, 0}}, "value": {{0, 0, math.NaN()}},
		"conflict": {{3, 0, 1}, {3, 0, 2}},
	} {
		var e *ConstraintError
		if _, err := NewPlaneStress(m, bc); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m.Triangles[4][0], m.Triangles[4][1] = m.Triangles[4][1], m.Triangles[4][0]
	var cell *mesh.CellError
	if _, err := NewPlaneStress(m, bc); !errors.As(err, &cell) || cell.Cell != 4 {
		t.Errorf("clockwise cell: %v", err)
	}
	if _, err := NewPlaneStress(mesh.Quads(3, 3, 1, 1), nil); err == nil {
		t.Error("plane stress accepted quadrilaterals")
	}
	for _, scheme := range []Newmark{{0.25, 0.5, 0}, {0.25, 0.4, 1}, {1. / 6, 0.5, 1}, {0, 0.5, 1},
		{0.25, math.NaN(), 1}} {
		if scheme.Validate() == nil {
			t.Errorf("%+v accepted", scheme)
		}
	}
	if _, err := NewHelmholtz(mesh.Quads(3, 3, 1, 1), Wave{Frequency: -1, Density: 1},
		nil); err == nil {
		t.Error("negative frequency accepted")
	}
}

func TestRepeatedSolvesAllocateNothing(t *testing.T) {
	m := mesh.Triangles(12, 12, 1, 1)
	s := must[*Static](t)(NewPlaneStress(m, Compression(m, 0, -0.01))).NewSolver()
	h := must[*Helmholtz](t)(NewHelmholtz(m, Wave{1, 0.1, 1}, drivenRight(m, 1))).NewSolver()
	q := mesh.Quads(9, 9, 1, 1)
	var bc Dirichlet
	bc.Fix(q.Side(mesh.Bottom), 0, 0)
	bc.Fix(q.Side(mesh.Bottom), 1, 0)
	d := must[*Dynamics](t)(NewDynamics(q, PlaneStrain(0.4), 1, func(b []float64, x, y float64) {
		b[0] = 1
	}, bc, Newmark{0.25, 0.5, 0.1})).NewSolver()
	to := must[*Interpolator](t)(NewInterpolator(m, []float64{0.3, 0.9}, []float64{0.7, 0.1}))
	a, b, mu, cells, two := make([]float64, 144), make([]float64, 144), unit(144), unit(q.Cells()),
		make([]float64, 2)
	steps := pulse(3)
	visit := func(int, []float64, []float64) error { return nil }
	ctx := context.Background()
	if n := testing.AllocsPerRun(3, func() {
		if s.SolveTo(a, b, mu) != nil || h.SolveTo(a, b, mu) != nil ||
			d.Run(ctx, cells, 5, steps, visit) != nil {
			t.Fatal("a solve failed")
		}
		to.To(two, a)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestFan checks a mesh whose 20,000 long, thin cells all share one point, and
// a mesh of extreme proportions: they need no more memory than other meshes of
// their size.
func TestFan(t *testing.T) {
	const n = 20_000
	fan := &mesh.Mesh{X: []float64{0}, Y: []float64{0}}
	var bc Dirichlet
	for k := range n {
		s, c := math.Sincos(2 * math.Pi * float64(k) / n)
		fan.X, fan.Y = append(fan.X, c), append(fan.Y, s)
		fan.Triangles = append(fan.Triangles, [3]int32{0, int32(k + 1), int32((k+1)%n + 1)})
		if k%2 == 0 {
			bc = append(bc, Fixed{k + 1, 0, 0.3 * c}, Fixed{k + 1, 1, 0.3 * s})
		}
	}
	analysis := must[*Static](t)(NewPlaneStress(fan, bc))
	ux, uy := make([]float64, n+1), make([]float64, n+1)
	if err := analysis.NewSolver().SolveCellsTo(ux, uy, unit(n)); err != nil {
		t.Fatal(err)
	}
	if got := math.Hypot(ux[0], uy[0]); got > 1e-12 {
		t.Errorf("the center of a stretched disc moves by %.3g", got)
	}
	if stats := analysis.Stats(); stats.FactorLen > 100*n {
		t.Errorf("%d numbers in the factor", stats.FactorLen)
	}
	for name, m := range map[string]*mesh.Mesh{"fan": fan,
		"ribbon": mesh.Triangles(2, 200, 1e12, 1e-12)} {
		f := newFinder(m)
		if got := len(f.cells) + len(f.start); got > 40*m.Cells() {
			t.Errorf("%s: %d numbers to find %d cells", name, got, m.Cells())
		}
		x, y := m.Center(17)
		if cell, _ := f.find(x, y); cell != 17 {
			t.Errorf("%s: the center of cell 17 is found in %d", name, cell)
		}
	}
}

// TestInterpolation checks that linear fields are reproduced exactly on
// triangles and on distorted quadrilaterals, and that places outside are
// errors.
func TestInterpolation(t *testing.T) {
	linear := func(x, y float64) float64 { return 0.3 + 2*x - 0.7*y }
	for name, m := range map[string]*mesh.Mesh{"triangles": distort(mesh.Triangles(9, 9, 1, 1)),
		"quadrilaterals": distort(mesh.Quads(9, 9, 1, 1))} {
		field := make([]float64, m.Points())
		for p := range field {
			field[p] = linear(m.X[p], m.Y[p])
		}
		g := mesh.Grid{Rows: 23, Cols: 31, X0: 0, Y0: 0, DX: 1. / 30, DY: 1. / 22}
		to := must[*Interpolator](t)(NewGridInterpolator(m, g))
		got := make([]float64, to.Len())
		to.To(got, field)
		for i, v := range got {
			x, y := float64(i%g.Cols)*g.DX, float64(i/g.Cols)*g.DY
			if math.Abs(v-linear(x, y)) > 1e-12 {
				t.Fatalf("%s: %v at (%v, %v), want %v", name, v, x, y, linear(x, y))
			}
		}
		var outside *OutsideError
		if _, err := NewInterpolator(m, []float64{0.5, 1.01}, []float64{0.5, 0.5}); !errors.As(err,
			&outside) || outside.X != 1.01 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := NewInterpolator(m, []float64{math.NaN()}, []float64{0.5}); !errors.As(err,
			&outside) {
			t.Errorf("%s: NaN: %v", name, err)
		}
	}
}

// TestAssembly compares the matrix with the sum of the cell matrices, added
// cell by cell, entry by entry, for meshes of triangles and of quadrilaterals,
// one component and two, and a mesh with fixed unknowns.
func TestAssembly(t *testing.T) {
	triangles, quads := mesh.Crossed(5, 4, 1, 0.7), mesh.Quads(4, 6, 1, 2)
	for name, c := range map[string]struct {
		m       *mesh.Mesh
		physics Elements
		bc      Dirichlet
	}{
		"plane stress": {triangles, Elements{Triangle: PlaneStressP1{}},
			Compression(triangles, 0, -0.01)},
		"axisymmetric": {quads, Axisymmetric(0.4), Compression(quads, 0, -0.01)},
		"one component": {triangles, Elements{Triangle: LaplaceP1{}},
			Dirichlet{{Point: 3, Component: 0, Value: 1}}},
	} {
		l := must[*layout](t)(newLayout(c.m, c.physics, c.bc))
		moduli := make([]float64, c.m.Cells())
		for i := range moduli {
			moduli[i] = 1 + float64(i*i%7)
		}
		want, size := make([]float64, l.sym.Entries()+1), make([]float64, l.sym.Entries())
		var cell []int32
		for c, class := range l.class {
			cell = l.unknowns(cell[:0], c)
			for i, u := range cell {
				for j, v := range cell[:i+1] {
					if u >= 0 && v >= 0 {
						term := moduli[c] * l.shapes[class].stiffness[packedAt(i, j)]
						want[l.sym.Slot(int(u), int(v))] += term
						size[l.sym.Slot(int(u), int(v))] += math.Abs(term)
					}
				}
			}
		}
		got := make([]float64, len(want))
		for i := range got {
			got[i] = math.NaN() // every entry is set
		}
		l.assemble(got, moduli)
		for e, s := range size { // the rounding of at most eight terms
			if w := want[e]; !(math.Abs(got[e]-w) <= 8*0x1p-52*s) {
				t.Fatalf("%s: entry %d is %v, and the sum over cells %v", name, e, got[e], w)
			}
		}
	}
}
