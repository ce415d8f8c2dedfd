package fem

import (
	"fmt"
	"math"

	"csdm/mesh"
)

// Interpolator evaluates nodal fields of one mesh at a fixed set of places,
// with the shape functions of the cell that contains each place. It is
// read-only.
type Interpolator struct {
	points  []int32   // four per place
	weights []float64 // four per place; zero for the fourth corner of triangles
}

// OutsideError reports a place that lies in no cell.
type OutsideError struct{ X, Y float64 }

// Error names the point.
func (e *OutsideError) Error() string {
	return fmt.Sprintf("fem: the point (%v, %v) lies outside of the mesh", e.X, e.Y)
}

// NewInterpolator prepares interpolation at the places (x[i], y[i]). A place on
// a common edge may be assigned to either cell. A place outside of a cell by
// less than 1e-9 of its size counts as inside; any other place outside gives an
// *OutsideError.
func NewInterpolator(m *mesh.Mesh, x, y []float64) (*Interpolator, error) {
	if len(x) != len(y) {
		panic(fmt.Sprintf("fem: %d x and %d y coordinates; the numbers must be equal", len(x),
			len(y)))
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	f := newFinder(m)
	t := &Interpolator{points: make([]int32, 4*len(x)), weights: make([]float64, 4*len(x))}
	for i := range x {
		cell, weights := f.find(x[i], y[i])
		if cell < 0 {
			return nil, &OutsideError{x[i], y[i]}
		}
		copy(t.weights[4*i:], weights[:])
		copy(t.points[4*i:4*i+4], m.Corners(cell))
	}
	return t, nil
}

// NewGridInterpolator prepares interpolation at the points of a grid. The
// result is a row-major array with row 0 at the bottom.
func NewGridInterpolator(m *mesh.Mesh, g mesh.Grid) (*Interpolator, error) {
	x, y := make([]float64, g.Rows*g.Cols), make([]float64, g.Rows*g.Cols)
	for p := range x {
		x[p], y[p] = g.X0+float64(p%g.Cols)*g.DX, g.Y0+float64(p/g.Cols)*g.DY
	}
	return NewInterpolator(m, x, y)
}

// Len returns the number of places.
func (t *Interpolator) Len() int { return len(t.points) / 4 }

// To sets dst to the values at all places of a field that is given at the
// points of the mesh. It panics if dst has the wrong length.
func (t *Interpolator) To(dst, field []float64) {
	if len(dst) != t.Len() {
		panic(fmt.Sprintf("fem: %d values for %d places", len(dst), t.Len()))
	}
	for i := range dst {
		p, w := t.points[4*i:][:4], t.weights[4*i:][:4]
		dst[i] = w[0]*field[p[0]] + w[1]*field[p[1]] + w[2]*field[p[2]] + w[3]*field[p[3]]
	}
}

// finder sorts cells into square bins, so that the search for the cell of a
// place looks at only a few.
type finder struct {
	// mesh that is searched
	m *mesh.Mesh
	// lower left corner of the bins
	x0, y0 float64
	// side of a bin
	size float64
	// number of bins along y and along x
	rows, cols int
	// cells[start[b]:start[b+1]] are the cells that meet bin b
	start []int
	// cells by bin; a cell is in every bin that its bounding box meets
	cells []int32
}

// newFinder sorts the cells, in two passes: it counts them, then places them.
func newFinder(m *mesh.Mesh) *finder {
	f := &finder{m: m, x0: math.Inf(1), y0: math.Inf(1)}
	x1, y1 := math.Inf(-1), math.Inf(-1)
	for p := range m.X {
		f.x0, x1 = min(f.x0, m.X[p]), max(x1, m.X[p])
		f.y0, y1 = min(f.y0, m.Y[p]), max(y1, m.Y[p])
	}
	// There is about one bin per cell, but no more bins along an axis than
	// cells. Bins are larger where long cells would lie in many of them. So the
	// memory is proportional to the mesh, whatever its shape.
	const most = 32
	w, h, n := x1-f.x0, y1-f.y0, float64(m.Cells())
	for f.size = max(math.Sqrt(w*h/n), w/n, h/n); ; f.size *= 2 {
		f.cols, f.rows = 1+int(w/f.size), 1+int(h/f.size)
		entries := 0
		for c := range m.Cells() {
			r0, c0, r1, c1 := f.bins(c)
			entries += (r1 - r0 + 1) * (c1 - c0 + 1)
		}
		if entries <= most*m.Cells() {
			break
		}
	}
	f.start = make([]int, f.rows*f.cols+1)
	each := func(do func(bin, cell int)) {
		for c := range m.Cells() {
			r0, c0, r1, c1 := f.bins(c)
			for r := r0; r <= r1; r++ {
				for col := c0; col <= c1; col++ {
					do(r*f.cols+col, c)
				}
			}
		}
	}
	each(func(bin, _ int) { f.start[bin+1]++ })
	for b := range f.rows * f.cols {
		f.start[b+1] += f.start[b]
	}
	f.cells = make([]int32, f.start[len(f.start)-1])
	next := make([]int, f.rows*f.cols)
	each(func(bin, cell int) {
		f.cells[f.start[bin]+next[bin]] = int32(cell)
		next[bin]++
	})
	return f
}

// bins returns the first and the last row and column of the bins in which cell
// c may lie.
func (f *finder) bins(c int) (r0, c0, r1, c1 int) {
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range f.m.Corners(c) {
		x0, x1 = min(x0, f.m.X[p]), max(x1, f.m.X[p])
		y0, y1 = min(y0, f.m.Y[p]), max(y1, f.m.Y[p])
	}
	slack := 1e-6 * f.size
	r0, c0 = f.bin(x0-slack, y0-slack)
	r1, c1 = f.bin(x1+slack, y1+slack)
	return r0, c0, r1, c1
}

// bin returns row and column of the bin of (x, y), or of the nearest bin for
// places outside.
func (f *finder) bin(x, y float64) (row, col int) {
	row = int(min(max((y-f.y0)/f.size, 0), float64(f.rows-1)))
	col = int(min(max((x-f.x0)/f.size, 0), float64(f.cols-1)))
	return row, col
}

// find returns the first cell that contains (x, y), and the values of its shape
// functions there, or −1 if there is none.
func (f *finder) find(x, y float64) (cell int, weights [4]float64) {
	const slack = 1e-9
	if math.IsNaN(x) || math.IsNaN(y) {
		return -1, weights
	}
	row, col := f.bin(x, y)
	b := row*f.cols + col
	for _, c := range f.cells[f.start[b]:f.start[b+1]] {
		xi, eta, ok := f.inverse(int(c), x, y)
		if !ok {
			continue
		}
		if int(c) < len(f.m.Triangles) {
			if xi >= -slack && eta >= -slack && xi+eta <= 1+slack {
				P1{}.Values(weights[:3], xi, eta)
				return int(c), weights
			}
		} else if math.Abs(xi) <= 1+slack && math.Abs(eta) <= 1+slack {
			Q4{}.Values(weights[:], xi, eta)
			return int(c), weights
		}
	}
	return -1, weights
}

// inverse maps (x, y) to the reference coordinates of a cell, by Newton's
// method, which needs one step on affine cells.
func (f *finder) inverse(cell int, x, y float64) (xi, eta float64, ok bool) {
	var s ShapeFunctions = Q4{}
	if cell < len(f.m.Triangles) {
		s = P1{}
	}
	var n [4]float64
	var dn [8]float64
	corners := f.m.Corners(cell)
	for range 20 {
		s.Values(n[:], xi, eta)
		s.Slopes(dn[:], xi, eta)
		rx, ry := x, y
		var xXi, xEta, yXi, yEta float64
		for a, p := range corners {
			rx -= n[a] * f.m.X[p]
			ry -= n[a] * f.m.Y[p]
			xXi += dn[2*a] * f.m.X[p]
			xEta += dn[2*a+1] * f.m.X[p]
			yXi += dn[2*a] * f.m.Y[p]
			yEta += dn[2*a+1] * f.m.Y[p]
		}
		det := xXi*yEta - xEta*yXi
		if !(det > 0) {
			return 0, 0, false // Newton left the cell: the place is outside
		}
		dXi, dEta := (rx*yEta-ry*xEta)/det, (ry*xXi-rx*yXi)/det
		xi, eta = xi+dXi, eta+dEta
		if math.Abs(dXi)+math.Abs(dEta) < 1e-13 {
			return xi, eta, true
		}
	}
	return xi, eta, true
}
