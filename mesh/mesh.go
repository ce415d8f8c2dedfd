package mesh

import (
	"fmt"
	"math"
)

// Mesh is a plane mesh of triangles and quadrilaterals that share points. Cells
// are numbered triangles first, then quadrilaterals. Corners are ordered
// counterclockwise.
type Mesh struct {
	X, Y      []float64  // coordinates of the points
	Triangles [][3]int32 // corners of each triangle
	Quads     [][4]int32 // corners of each quadrilateral

	// Tags distinguishes regions: one number per cell, in cell order; nil if
	// nothing is tagged.
	Tags []int32
	// Edges are tagged boundary segments. A structured mesh tags its four sides
	// Bottom to Left.
	Edges []Edge
	// Names holds the names of tags, if the mesh came with any.
	Names map[Group]string
	// Grid is the layout of the first points where they form a lattice: all
	// points of a structured mesh, and the points of the window of a padded
	// one. It is nil for other meshes.
	Grid *Grid
}

// Edge is a segment between two points, on the boundary or on an interface.
type Edge struct {
	Points [2]int32
	Tag    int32
}

// Group identifies a physical group: a tag within the cells (Dim 2) or within
// the edges (Dim 1).
type Group struct {
	Dim int
	Tag int32
}

// Grid is a lattice of points: Rows×Cols points at x = X0 + col·DX, y = Y0 +
// row·DY, point row·Cols + col.
type Grid struct {
	Rows, Cols     int
	X0, Y0, DX, DY float64
}

// The tags of the sides of a structured mesh.
const (
	Bottom int32 = 1 + iota
	Right
	Top
	Left
)

// Points returns the number of points.
func (m *Mesh) Points() int { return len(m.X) }

// Cells returns the number of cells.
func (m *Mesh) Cells() int { return len(m.Triangles) + len(m.Quads) }

// Corners returns the corners of cell c: three or four points,
// counterclockwise. The caller must not change the slice.
func (m *Mesh) Corners(c int) []int32 {
	if c < len(m.Triangles) {
		return m.Triangles[c][:]
	}
	return m.Quads[c-len(m.Triangles)][:]
}

// Center returns the mean of the corners of cell c.
func (m *Mesh) Center(c int) (x, y float64) {
	corners := m.Corners(c)
	for _, p := range corners {
		x += m.X[p]
		y += m.Y[p]
	}
	n := float64(len(corners))
	return x / n, y / n
}

// Area returns the area of cell c by the shoelace formula. It is positive if
// the corners are counterclockwise.
func (m *Mesh) Area(c int) float64 {
	corners := m.Corners(c)
	o := corners[0] // relative to a corner, to avoid cancellation far from the origin
	area := 0.0
	for i := 1; i+1 < len(corners); i++ {
		p, q := corners[i], corners[i+1]
		area += (m.X[p]-m.X[o])*(m.Y[q]-m.Y[o]) - (m.X[q]-m.X[o])*(m.Y[p]-m.Y[o])
	}
	return area / 2
}

// CellError reports a cell on which no element can be defined.
type CellError struct {
	Cell   int
	Reason string
}

// Error names the cell.
func (e *CellError) Error() string { return fmt.Sprintf("mesh: cell %d: %s", e.Cell, e.Reason) }

// maxCoordinate keeps areas and their ratios in the range of float64.
const maxCoordinate = 1e150

// Validate returns an error about the first defect: a coordinate that is not
// finite or beyond ±1e150, a corner that is not a point, a triangle without
// area, a quadrilateral that is not strictly convex, or clockwise corners.
func (m *Mesh) Validate() error {
	if len(m.X) != len(m.Y) {
		return fmt.Errorf("mesh: %d x and %d y coordinates; the numbers must be equal", len(m.X),
			len(m.Y))
	}
	if len(m.Tags) != 0 && len(m.Tags) != m.Cells() {
		return fmt.Errorf("mesh: %d tags for %d cells; the numbers must be equal", len(m.Tags),
			m.Cells())
	}
	for p := range m.X {
		if !(math.Abs(m.X[p]) <= maxCoordinate && math.Abs(m.Y[p]) <= maxCoordinate) {
			return fmt.Errorf("mesh: point %d has the coordinates (%v, %v), which are not valid", p,
				m.X[p], m.Y[p])
		}
	}
	for _, e := range m.Edges {
		for _, p := range e.Points {
			if p < 0 || int(p) >= len(m.X) {
				return fmt.Errorf("mesh: an edge has the corner %d, but there are %d points", p,
					len(m.X))
			}
		}
	}
	for c := range m.Cells() {
		if err := m.validateCell(c); err != nil {
			return err
		}
	}
	return nil
}

// validateCell checks that every corner of cell c turns left.
func (m *Mesh) validateCell(c int) error {
	corners := m.Corners(c)
	n := len(corners)
	for _, p := range corners {
		if p < 0 || int(p) >= len(m.X) {
			return &CellError{c, fmt.Sprintf("it has the corner %d, but there are %d points", p,
				len(m.X))}
		}
	}
	for i := range n {
		o, p, q := corners[(i+n-1)%n], corners[i], corners[(i+1)%n]
		turn := (m.X[p]-m.X[o])*(m.Y[q]-m.Y[p]) - (m.X[q]-m.X[p])*(m.Y[p]-m.Y[o])
		if !(turn > 0) {
			return &CellError{c, fmt.Sprintf("it is not strictly convex and counterclockwise at "+
				"point %d", p)}
		}
	}
	return nil
}

// Side returns the points of the edges with the given tag, each once, in the
// order of their first appearance.
func (m *Mesh) Side(tag int32) []int32 {
	var points []int32
	seen := make(map[int32]bool)
	for _, e := range m.Edges {
		if e.Tag != tag {
			continue
		}
		for _, p := range e.Points {
			if !seen[p] {
				seen[p] = true
				points = append(points, p)
			}
		}
	}
	return points
}
