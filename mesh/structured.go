package mesh

import (
	"fmt"
	"math"
)

// Triangles returns a structured mesh of rows×cols points on a rectangle of the
// given width and height, whose lower left corner is the origin. Each of its
// (rows−1)(cols−1) rectangles is cut into two triangles by the diagonal from
// its lower left to its upper right corner: first the triangle below the
// diagonal, then the one above. The four sides are tagged Bottom, Right, Top
// and Left. Triangles panics on fewer than two rows or columns and on sizes
// that are not positive.
func Triangles(rows, cols int, width, height float64) *Mesh {
	m := lattice(rows, cols, width, height)
	m.Triangles = make([][3]int32, 0, 2*(rows-1)*(cols-1))
	for r := range rows - 1 {
		for c := range cols - 1 {
			a := int32(r*cols + c)
			b, d := a+1, a+int32(cols)
			e := d + 1
			m.Triangles = append(m.Triangles, [3]int32{a, b, e}, [3]int32{a, e, d})
		}
	}
	return m
}

// Crossed returns a structured mesh as Triangles does, with each rectangle cut
// by both diagonals into four triangles. So the mesh prefers no direction. The
// middles of the rectangles are additional points, numbered like the
// rectangles, behind the rows×cols points of the lattice.
func Crossed(rows, cols int, width, height float64) *Mesh {
	m := lattice(rows, cols, width, height)
	m.Triangles = make([][3]int32, 0, 4*(rows-1)*(cols-1))
	for r := range rows - 1 {
		for c := range cols - 1 {
			a := int32(r*cols + c)
			b, d := a+1, a+int32(cols)
			e, middle := d+1, int32(len(m.X))
			m.X = append(m.X, (m.X[a]+m.X[b])/2)
			m.Y = append(m.Y, (m.Y[a]+m.Y[d])/2)
			m.Triangles = append(m.Triangles, [3]int32{a, b, middle}, [3]int32{b, e, middle},
				[3]int32{e, d, middle}, [3]int32{d, a, middle})
		}
	}
	return m
}

// Quads returns a structured mesh of rows×cols points and (rows−1)(cols−1)
// rectangles, cell r·(cols−1) + c in row r and column c. Everything else is as
// for Triangles.
func Quads(rows, cols int, width, height float64) *Mesh {
	m := lattice(rows, cols, width, height)
	m.Quads = make([][4]int32, 0, (rows-1)*(cols-1))
	for r := range rows - 1 {
		for c := range cols - 1 {
			a := int32(r*cols + c)
			d := a + int32(cols)
			m.Quads = append(m.Quads, [4]int32{a, a + 1, d + 1, d})
		}
	}
	return m
}

// lattice returns the points and tagged sides of a structured mesh, without
// cells.
func lattice(rows, cols int, width, height float64) *Mesh {
	if rows < 2 || cols < 2 || !(width > 0) || !(height > 0) || math.IsInf(width+height, 0) {
		panic(fmt.Sprintf("mesh: %d×%d points on %v×%v are not valid", rows, cols, width, height))
	}
	g := &Grid{Rows: rows, Cols: cols, DX: width / float64(cols-1), DY: height / float64(rows-1)}
	m := &Mesh{X: make([]float64, rows*cols), Y: make([]float64, rows*cols), Grid: g}
	for p := range m.X {
		// The last column is at width exactly, which col·DX may not be.
		m.X[p] = width * float64(p%cols) / float64(cols-1)
		m.Y[p] = height * float64(p/cols) / float64(rows-1)
	}
	point := func(r, c int) int32 { return int32(r*cols + c) }
	for c := range cols - 1 {
		m.Edges = append(m.Edges, Edge{[2]int32{point(0, c), point(0, c+1)}, Bottom})
	}
	for r := range rows - 1 {
		m.Edges = append(m.Edges, Edge{[2]int32{point(r, cols-1), point(r+1, cols-1)}, Right})
	}
	for c := cols - 1; c > 0; c-- {
		m.Edges = append(m.Edges, Edge{[2]int32{point(rows-1, c), point(rows-1, c-1)}, Top})
	}
	for r := rows - 1; r > 0; r-- {
		m.Edges = append(m.Edges, Edge{[2]int32{point(r, 0), point(r-1, 0)}, Left})
	}
	return m
}

// Translate moves all points by (dx, dy).
func (m *Mesh) Translate(dx, dy float64) {
	for p := range m.X {
		m.X[p] += dx
		m.Y[p] += dy
	}
	if m.Grid != nil {
		m.Grid.X0 += dx
		m.Grid.Y0 += dy
	}
}
