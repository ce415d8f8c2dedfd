// Package femtest is the conformance suite of elements. It checks the
// properties that every element must have, whatever its physics. An element is
// complete when Run passes for it.
package femtest

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/fem"
)

// FieldFunc is a displacement or a scalar field: it sets u to the components at
// (x, y).
type FieldFunc func(u []float64, x, y float64)

// Case is an element with the fields that it must reproduce.
type Case struct {
	Element fem.Element
	// Rigid lists all fields without energy. Their number is the nullity of the
	// stiffness matrix.
	Rigid []FieldFunc
	// Patch lists fields that are affine and in equilibrium without body
	// forces.
	Patch []FieldFunc
	// Energy is σ(u):ε(u) of each patch field, whose strains are constant.
	Energy []float64
	// Volume returns the volume per area at x: 1 in the plane, r in
	// axisymmetry.
	Volume func(x float64) float64
}

// Scalar returns the case of a scalar element in the plane.
func Scalar(e fem.Element) Case {
	return Case{e,
		[]FieldFunc{func(u []float64, x, y float64) { u[0] = 1 }},
		[]FieldFunc{func(u []float64, x, y float64) { u[0] = 0.3 + 2*x - 0.7*y }},
		[]float64{2*2 + 0.7*0.7},
		func(float64) float64 { return 1 }}
}

// Plane returns the case of an elastic element in the plane. energy returns σ:ε
// for the strains ε_xx, ε_yy and γ_xy. The patch fields have no symmetry, so
// that a transposed gradient or exchanged components are detected.
func Plane(e fem.Element, energy func(xx, yy, xy float64) float64) Case {
	return Case{e,
		[]FieldFunc{
			func(u []float64, x, y float64) { u[0], u[1] = 1, 0 },
			func(u []float64, x, y float64) { u[0], u[1] = 0, 1 },
			func(u []float64, x, y float64) { u[0], u[1] = -y, x },
		},
		[]FieldFunc{
			func(u []float64, x, y float64) { u[0], u[1] = 0.1+2*x+0.3*y, -0.4-0.5*x+0.7*y },
			func(u []float64, x, y float64) { u[0], u[1] = 3*y, 0.2 },
		},
		[]float64{energy(2, 0.7, 0.3-0.5), energy(0, 0, 3)},
		func(float64) float64 { return 1 }}
}

// Axial returns the case of an elastic element in axisymmetry. energy returns
// σ:ε for the strains ε_rr, ε_zz and ε_θθ. An affine shear γ_rz is not in
// equilibrium there.
func Axial(e fem.Element, energy func(rr, zz, hoop float64) float64) Case {
	return Case{e,
		[]FieldFunc{func(u []float64, r, z float64) { u[0], u[1] = 0, 1 }},
		[]FieldFunc{func(u []float64, r, z float64) { u[0], u[1] = 0.7*r, 0.2-1.3*z }},
		[]float64{energy(0.7, -1.3, 0.7)},
		func(r float64) float64 { return r }}
}

// Run checks the element: shape functions, volume, mass and load, symmetry,
// nullity and energy of the stiffness, and the patch test.
func Run(t *testing.T, c Case) {
	t.Run("shape", func(t *testing.T) { shape(t, c.Element.Shape()) })
	t.Run("mass and load", func(t *testing.T) { massAndLoad(t, c) })
	t.Run("stiffness", func(t *testing.T) { stiffness(t, c) })
	t.Run("patch", func(t *testing.T) { patch(t, c) })
}

// tolerance is for quantities of order one that result from about ten
// operations.
const tolerance = 1e-13

// cell returns the corners of a cell without any symmetry, away from the axis.
func cell(s fem.ShapeFunctions) []float64 {
	if s.Nodes() == 3 {
		return []float64{0.5, 0.1, 1.7, 0.4, 0.8, 1.3}
	}
	return []float64{0.5, 0.1, 1.7, 0.4, 1.4, 1.6, 0.3, 1.2}
}

// inside lists reference points within both reference cells.
var inside = [][2]float64{{0.2, 0.3}, {0.6, 0.1}, {0.05, 0.9}, {1. / 3, 1. / 3}}

// shape checks that each function is one at its own corner and zero at the
// others, that the functions sum to one and reproduce x, and that Slopes
// returns their derivatives.
func shape(t *testing.T, s fem.ShapeFunctions) {
	nodes := s.Nodes()
	n, lo, hi, dn := make([]float64, nodes), make([]float64, nodes), make([]float64, nodes),
		make([]float64, 2*nodes)
	for a := range nodes {
		s.Values(n, first(s.Corner(a)), second(s.Corner(a)))
		for b, v := range n {
			if want := map[bool]float64{true: 1}[a == b]; v != want {
				t.Errorf("function %d is %v at corner %d", b, v, a)
			}
		}
	}
	for _, p := range inside {
		s.Values(n, p[0], p[1])
		s.Slopes(dn, p[0], p[1])
		sum, sx, sy, x := 0.0, 0.0, 0.0, 0.0
		for a, v := range n {
			sum, sx, sy, x = sum+v, sx+dn[2*a], sy+dn[2*a+1], x+v*first(s.Corner(a))
		}
		if math.Abs(sum-1) > tolerance || math.Abs(sx) > tolerance || math.Abs(sy) > tolerance ||
			math.Abs(x-p[0]) > tolerance {
			t.Errorf("at %v: sum %v, of slopes %v and %v, ξ %v", p, sum, sx, sy, x)
		}
		for axis := range 2 {
			const h = 1e-3 // exact for bilinear functions up to rounding
			d := [2]float64{}
			d[axis] = h
			s.Values(lo, p[0]-d[0], p[1]-d[1])
			s.Values(hi, p[0]+d[0], p[1]+d[1])
			for a := range nodes {
				if want := (hi[a] - lo[a]) / (2 * h); math.Abs(dn[2*a+axis]-want) > 1e-12 {
					t.Errorf("slope %d of function %d at %v is %v, want %v", axis, a, p,
						dn[2*a+axis], want)
				}
			}
		}
	}
}

func first(a, _ float64) float64  { return a }
func second(_, b float64) float64 { return b }

// integral integrates f over the cell by dividing it into triangles, and those
// into many smaller ones: a slow independent method.
func integral(xy []float64, f func(x, y float64) float64) float64 {
	const n = 64
	sum := 0.0
	for corner := 2; corner < len(xy)/2; corner++ {
		ax, ay, bx, by, cx, cy := xy[0], xy[1], xy[2*corner-2], xy[2*corner-1], xy[2*corner],
			xy[2*corner+1]
		area := ((bx-ax)*(cy-ay) - (cx-ax)*(by-ay)) / 2
		at := func(i, j float64) float64 {
			return f(ax+(bx-ax)*i/n+(cx-ax)*j/n, ay+(by-ay)*i/n+(cy-ay)*j/n)
		}
		// The midpoints of the edges of each small triangle are exact for
		// quadratic functions.
		for i := range n {
			for j := range n - i {
				x, y := float64(i), float64(j)
				sum += area / (n * n) * (at(x+0.5, y) + at(x, y+0.5) + at(x+0.5, y+0.5)) / 3
				if i+j < n-1 {
					sum += area / (n * n) * (at(x+0.5, y+1) + at(x+1, y+0.5) + at(x+0.5, y+0.5)) / 3
				}
			}
		}
	}
	return sum
}

// massAndLoad checks that the mass matrix is symmetric and positive definite,
// does not mix components, and gives a linear field its kinetic energy. The
// load of a force that is a nodal field must be the mass matrix times that
// field.
func massAndLoad(t *testing.T, c Case) {
	e := c.Element
	xy, order, comps := cell(e.Shape()), e.Shape().Nodes()*e.Components(), e.Components()
	m, f := make([]float64, order*order), make([]float64, order)
	e.Mass(m, xy)
	symmetric(t, m, order)
	sym := mat.NewSymDense(order, append([]float64(nil), m...))
	var eig mat.EigenSym
	if !eig.Factorize(sym, false) || eig.Values(nil)[0] <= 0 {
		t.Error("the mass matrix is not positive definite")
	}
	linear := func(x, y float64) float64 { return 0.4 + x - 2*y }
	for i := range comps {
		u := make([]float64, order)
		for a := range e.Shape().Nodes() {
			u[a*comps+i] = linear(xy[2*a], xy[2*a+1])
		}
		got := quadratic(m, u, order)
		want := integral(xy, func(x, y float64) float64 {
			return linear(x, y) * linear(x, y) * c.Volume(x)
		})
		if math.Abs(got-want) > 1e-5*want { // error of integral for volumes that vary
			t.Errorf("component %d: ∫ρu² = %v, want %v", i, got, want)
		}
		e.Load(f, xy, func(b []float64, x, y float64) { b[i] = linear(x, y) })
		for r := range order {
			want := 0.0
			for s := range order {
				want += m[r*order+s] * u[s]
			}
			if math.Abs(f[r]-want) > tolerance*10 {
				t.Errorf("load %d of component %d is %v, the mass matrix gives %v", r, i, f[r],
					want)
			}
		}
	}
}

// stiffness checks symmetry, that exactly the rigid fields have no energy, and
// the energy of fields of constant strain, which depends on the material.
func stiffness(t *testing.T, c Case) {
	e := c.Element
	xy, order, comps := cell(e.Shape()), e.Shape().Nodes()*e.Components(), e.Components()
	k := make([]float64, order*order)
	for i := range k {
		k[i] = math.NaN() // to be set, not added to
	}
	e.Stiffness(k, xy)
	symmetric(t, k, order)
	scale := 0.0
	for _, v := range k {
		scale = max(scale, math.Abs(v))
	}
	for n, field := range c.Rigid {
		u := nodal(field, xy, comps)
		for r := range order {
			sum := 0.0
			for s := range order {
				sum += k[r*order+s] * u[s]
			}
			if math.Abs(sum) > 100*tolerance*scale {
				t.Errorf("rigid field %d causes the force %v of component %d", n, sum, r)
			}
		}
	}
	for n, field := range c.Patch {
		want := c.Energy[n] * integral(xy, func(x, _ float64) float64 { return c.Volume(x) })
		if got := quadratic(k, nodal(field, xy, comps),
			order); math.Abs(got-want) > 100*tolerance*want {
			t.Errorf("energy of patch field %d is %v, want %v", n, got, want)
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(order, k), false) {
		t.Fatal("no eigenvalues")
	}
	values := eig.Values(nil)
	null := 0
	for _, v := range values {
		if v < -1e-12*scale {
			t.Errorf("eigenvalue %v", v)
		}
		if v < 1e-9*scale {
			null++
		}
	}
	if null != len(c.Rigid) {
		t.Errorf("%d modes without energy, %d are rigid: eigenvalues %v", null, len(c.Rigid),
			values)
	}
}

// patch solves on a patch of distorted cells with the values of an affine field
// on its edge. Inside, the solution must be the field up to rounding.
func patch(t *testing.T, c Case) {
	const n = 4 // points per side
	e := c.Element
	comps, nodes := e.Components(), e.Shape().Nodes()
	x, y := make([]float64, n*n), make([]float64, n*n)
	for p := range x {
		x[p], y[p] = float64(p%n)+0.5, float64(p/n)
		if i, j := p%n, p/n; i > 0 && j > 0 && i < n-1 && j < n-1 {
			x[p] += 0.25 * math.Sin(float64(7*p))
			y[p] += 0.25 * math.Cos(float64(5*p))
		}
	}
	var cells [][]int
	for j := range n - 1 {
		for i := range n - 1 {
			a := j*n + i
			if nodes == 3 {
				cells = append(cells, []int{a, a + 1, a + n + 1}, []int{a, a + n + 1, a + n})
			} else {
				cells = append(cells, []int{a, a + 1, a + n + 1, a + n})
			}
		}
	}
	order := nodes * comps
	k := make([]float64, order*order)
	var free []int
	for p := range x {
		if i, j := p%n, p/n; i > 0 && j > 0 && i < n-1 && j < n-1 {
			for q := range comps {
				free = append(free, p*comps+q)
			}
		}
	}
	global := mat.NewDense(n*n*comps, n*n*comps, nil)
	for _, corners := range cells {
		var xy []float64
		for _, p := range corners {
			xy = append(xy, x[p], y[p])
		}
		e.Stiffness(k, xy)
		for r := range order {
			for s := range order {
				gr, gs := corners[r/comps]*comps+r%comps, corners[s/comps]*comps+s%comps
				global.Set(gr, gs, global.At(gr, gs)+k[r*order+s])
			}
		}
	}
	for number, field := range c.Patch {
		u := make([]float64, n*n*comps)
		for p := range x {
			field(u[p*comps:(p+1)*comps], x[p], y[p])
		}
		a, b := mat.NewDense(len(free), len(free), nil), mat.NewVecDense(len(free), nil)
		isFree := make(map[int]bool)
		for _, g := range free {
			isFree[g] = true
		}
		for r, gr := range free {
			for s, gs := range free {
				a.Set(r, s, global.At(gr, gs))
			}
			sum := 0.0
			for g := range u {
				if !isFree[g] {
					sum -= global.At(gr, g) * u[g]
				}
			}
			b.SetVec(r, sum)
		}
		var got mat.VecDense
		if err := got.SolveVec(a, b); err != nil {
			t.Fatal(err)
		}
		for r, g := range free {
			if d := math.Abs(got.AtVec(r) - u[g]); !(d < 1e-12*(1+math.Abs(u[g]))) {
				t.Errorf("patch field %d, %s: an error of %.3g", number,
					fmt.Sprint("component ", g%comps, " at point ", g/comps), d)
			}
		}
	}
}

func symmetric(t *testing.T, a []float64, order int) {
	t.Helper()
	scale := 0.0
	for _, v := range a {
		scale = max(scale, math.Abs(v))
	}
	for r := range order {
		for s := range r {
			if d := math.Abs(a[r*order+s] - a[s*order+r]); !(d <= tolerance*scale) {
				t.Errorf("entries (%d, %d) and (%d, %d) differ by %v", r, s, s, r, d)
			}
		}
	}
}

func quadratic(a, u []float64, order int) float64 {
	sum := 0.0
	for r := range order {
		for s := range order {
			sum += u[r] * a[r*order+s] * u[s]
		}
	}
	return sum
}

func nodal(f FieldFunc, xy []float64, comps int) []float64 {
	u := make([]float64, len(xy)/2*comps)
	for a := range len(xy) / 2 {
		f(u[a*comps:(a+1)*comps], xy[2*a], xy[2*a+1])
	}
	return u
}
