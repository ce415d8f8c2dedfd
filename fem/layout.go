package fem

import (
	"fmt"
	"math"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// layout holds everything that depends only on mesh, elements and essential
// conditions: the numbering of the unknowns, the symbolic factorization, unit
// element matrices, and the places of their entries. Solvers share it
// read-only.
type layout struct {
	// points and cells
	mesh *mesh.Mesh
	// of the solution at a point
	components int

	unknown []int32   // by point·components + component; −1 where fixed
	fixed   []float64 // value by point·components + component; 0 where free
	degrees []int32   // point·components + component of each unknown
	// order, fill and storage of the matrix
	sym *sparse.Symbolic

	// Cells in mesh order. Congruent cells share their matrices and belong to
	// one class.
	class []int32
	// unit matrices, one set for each class
	shapes []cellMatrices
	gather gather
	lifts  []lift
}

// cellMatrices holds the packed lower triangles, row by row, of the unit
// matrices of a class of congruent cells.
type cellMatrices struct {
	// shape functions and weak form
	element Element
	corners []float64 // corners of one cell of the class
	// for a modulus and a density of one
	stiffness, mass []float64
}

// lift holds the stiffness and mass times the fixed values that cell Cell, for
// unit modulus and density, subtracts from the right-hand side of an unknown.
type lift struct {
	// cell that contributes, and unknown that receives
	cell, unknown int32
	// contribution for a modulus and a density of one
	stiffness, mass float64
}

// newLayout numbers the unknowns, orders them and analyzes the matrix. It
// returns errors for invalid meshes and conditions.
func newLayout(m *mesh.Mesh, physics Elements, bc Dirichlet) (*layout, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	l := &layout{mesh: m}
	for _, e := range []struct {
		element Element
		cells   int
		name    string
	}{{physics.Triangle, len(m.Triangles), "triangles"},
		{physics.Quad, len(m.Quads), "quadrilaterals"}} {
		if e.cells == 0 {
			continue
		}
		if e.element == nil {
			return nil, fmt.Errorf("fem: the mesh has %s, for which this problem has no element",
				e.name)
		}
		l.components = e.element.Components()
	}
	if l.components == 0 {
		return nil, fmt.Errorf("fem: the mesh has no cells")
	}
	if m.Points() > math.MaxInt32/l.components {
		return nil, fmt.Errorf("fem: the mesh has %d points, which is more than is supported",
			m.Points())
	}
	if err := l.number(bc); err != nil {
		return nil, err
	}
	if err := l.analyze(); err != nil {
		return nil, err
	}
	l.unitMatrices(physics)
	l.place()
	l.gather = newGather(l)
	return l, nil
}

// with returns the layout of other elements on the same mesh, with the same
// unknowns, for a gather together with l.
func (l *layout) with(physics Elements) *layout {
	other := *l
	other.shapes, other.lifts, other.gather = nil, nil, gather{}
	other.unitMatrices(physics)
	other.place()
	return &other
}

// number assigns an unknown to every degree of freedom that is not fixed and
// belongs to a point with a cell.
func (l *layout) number(bc Dirichlet) error {
	n := l.mesh.Points() * l.components
	l.unknown, l.fixed = make([]int32, n), make([]float64, n)
	const free, fixed, unused = 0, -1, -2
	for i := range l.unknown {
		l.unknown[i] = unused
	}
	for c := range l.mesh.Cells() {
		for _, p := range l.mesh.Corners(c) {
			for i := range l.components {
				l.unknown[int(p)*l.components+i] = free
			}
		}
	}
	for _, f := range bc {
		if f.Point < 0 || f.Point >= l.mesh.Points() || f.Component < 0 ||
			f.Component >= l.components {
			return &ConstraintError{f, fmt.Sprintf("there are %d points and %d components",
				l.mesh.Points(), l.components)}
		}
		if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
			return &ConstraintError{f, "not a finite value"}
		}
		i := f.Point*l.components + f.Component
		if l.unknown[i] == fixed && l.fixed[i] != f.Value {
			return &ConstraintError{f, fmt.Sprintf("fixed to %v before", l.fixed[i])}
		}
		l.unknown[i], l.fixed[i] = fixed, f.Value
	}
	for i, state := range l.unknown {
		if state != free {
			l.unknown[i] = -1
			continue
		}
		l.unknown[i] = int32(len(l.degrees))
		l.degrees = append(l.degrees, int32(i))
	}
	if len(l.degrees) == 0 {
		return fmt.Errorf("fem: all degrees of freedom are fixed; at least one must be free")
	}
	return nil
}

// unknowns appends the unknowns of cell c in the order of the element matrix,
// with −1 where fixed.
func (l *layout) unknowns(dst []int32, c int) []int32 {
	for _, p := range l.mesh.Corners(c) {
		for i := range l.components {
			dst = append(dst, l.unknown[int(p)*l.components+i])
		}
	}
	return dst
}

// analyze orders the unknowns and makes the symbolic factorization.
func (l *layout) analyze() error {
	start := []int{0}
	var members []int32
	for c := range l.mesh.Cells() {
		members = l.unknowns(members, c)
		start = append(start, len(members))
	}
	n := len(l.degrees)
	p := sparse.NewPattern(n, start, members)
	x, y := make([]float64, n), make([]float64, n)
	for u, i := range l.degrees {
		x[u], y[u] = l.mesh.X[int(i)/l.components], l.mesh.Y[int(i)/l.components]
	}
	orders := [][]int32{sparse.NestedDissection(p, x, y)}
	if l.mesh.Grid == nil {
		// Straight cuts suit lattices; for an imported mesh, minimum degree may
		// be better.
		orders = append(orders, sparse.MinimumDegree(p))
	}
	var err error
	if l.sym, err = sparse.Analyze(p, orders...); err != nil {
		return fmt.Errorf("fem: %w", err)
	}
	return nil
}

// unitMatrices integrates the element matrices, once for each class of
// congruent cells. Cells count as congruent if their corners agree to 2⁻⁴⁰ of
// their size after a translation (only along the axis if the element depends on
// the radius).
func (l *layout) unitMatrices(physics Elements) {
	type key [9]int64
	classes := make(map[key]int32)
	l.class = make([]int32, l.mesh.Cells())
	var k, m [64]float64
	for c := range l.class {
		element := physics.Triangle
		if c >= len(l.mesh.Triangles) {
			element = physics.Quad
		}
		corners := l.mesh.Corners(c)
		xy := make([]float64, 0, 8)
		for _, p := range corners {
			xy = append(xy, l.mesh.X[p], l.mesh.Y[p])
		}
		size := 0.0
		x0, y0 := xy[0], xy[1]
		if _, ok := element.(radial); ok {
			x0 = 0
		}
		for a := range corners {
			size = max(size, math.Abs(xy[2*a]-x0), math.Abs(xy[2*a+1]-y0))
		}
		_, exponent := math.Frexp(size)
		id := key{int64(len(corners)) | int64(exponent)<<8}
		for a := range corners {
			id[1+2*a] = int64(math.Round(math.Ldexp(xy[2*a]-x0, 40-exponent)))
			id[2+2*a] = int64(math.Round(math.Ldexp(xy[2*a+1]-y0, 40-exponent)))
		}
		class, seen := classes[id]
		if !seen {
			class = int32(len(l.shapes))
			classes[id] = class
			element.Stiffness(k[:], xy)
			element.Mass(m[:], xy)
			order := len(corners) * l.components
			l.shapes = append(l.shapes, cellMatrices{element, xy, packLower(k[:], order),
				packLower(m[:], order)})
		}
		l.class[c] = class
	}
}

// packLower returns the lower triangle of the row-major matrix a, row by row.
func packLower(a []float64, order int) []float64 {
	packed := make([]float64, 0, order*(order+1)/2)
	for i := range order {
		packed = append(packed, a[i*order:i*order+i+1]...)
	}
	return packed
}

// packedAt returns the place of entry (i, j) in a matrix of packLower.
func packedAt(i, j int) int { return max(i, j)*(max(i, j)+1)/2 + min(i, j) }

// place finds the contributions of the fixed values to the right-hand side.
func (l *layout) place() {
	var cell []int32
	for c := range l.mesh.Cells() {
		cell = l.unknowns(cell[:0], c)
		shape := &l.shapes[l.class[c]]
		corners := l.mesh.Corners(c)
		value := func(i int) float64 {
			return l.fixed[int(corners[i/l.components])*l.components+i%l.components]
		}
		for i, u := range cell {
			if u < 0 {
				continue
			}
			var k, m float64
			for j, v := range cell {
				if v < 0 {
					at := packedAt(i, j)
					k += shape.stiffness[at] * value(j)
					m += shape.mass[at] * value(j)
				}
			}
			if k != 0 || m != 0 {
				l.lifts = append(l.lifts, lift{int32(c), u, k, m})
			}
		}
	}
}

// spread sets the moduli of the cells to the means of the moduli at their
// corners. For P1 elements this is exact for a modulus that is linear between
// the points; for Q4 the error is of second order.
func (l *layout) spread(cells, points []float64) {
	m := l.mesh
	for c, t := range m.Triangles {
		cells[c] = (points[t[0]] + points[t[1]] + points[t[2]]) / 3
	}
	cells = cells[len(m.Triangles):]
	for c, q := range m.Quads {
		cells[c] = (points[q[0]] + points[q[1]] + points[q[2]] + points[q[3]]) / 4
	}
}

// assemble sets values to Σ_cells modulus·K⁰. values has one element more than
// the matrix has entries.
func (l *layout) assemble(values, moduli []float64) {
	l.gather.sumTo(values, moduli, l.gather.stiffness)
}

// assembleMass sets values to Σ_cells density·M⁰; nil densities are 1. values
// has one element more than the matrix has entries.
func (l *layout) assembleMass(values, densities []float64) {
	if densities == nil {
		densities = make([]float64, l.mesh.Cells())
		for c := range densities {
			densities[c] = 1
		}
	}
	l.gather.sumTo(values, densities, l.gather.mass)
}

// lift subtracts the contributions of the stiffness times the fixed values from
// the right-hand side.
func (l *layout) lift(rhs, moduli []float64) {
	for _, f := range l.lifts {
		rhs[f.unknown] -= moduli[f.cell] * f.stiffness
	}
}

// bodyForce returns ∫ N_a b for every unknown.
func (l *layout) bodyForce(body func(b []float64, x, y float64)) []float64 {
	force := make([]float64, len(l.degrees))
	var f, xy [8]float64
	var cell []int32
	for c, class := range l.class {
		for a, p := range l.mesh.Corners(c) {
			xy[2*a], xy[2*a+1] = l.mesh.X[p], l.mesh.Y[p]
		}
		l.shapes[class].element.Load(f[:], xy[:], body)
		cell = l.unknowns(cell[:0], c)
		for i, u := range cell {
			if u >= 0 {
				force[u] += f[i]
			}
		}
	}
	return force
}
