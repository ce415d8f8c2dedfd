package mesh

import (
	"fmt"
	"math"
)

// Padding holds the distances from each side of a window to the same side of
// the domain. All are positive.
type Padding struct{ Left, Right, Bottom, Top float64 }

// The tags of the cells of a padded mesh.
const (
	WindowCell  int32 = 1
	PaddingCell int32 = 2
)

// Padded returns a mesh of a window in the middle of a padding. The window has
// rows×cols square cells of edge h, quadrilaterals as in Quads. The padding has
// triangles that grow by about the factor growth (1.2 to 2) from ring to ring
// until they are as large as the padding is wide. The mesh is conforming: it
// has no hanging nodes.
//
// The domain has its lower left corner at the origin. The points of the window
// come first, row by row; Grid holds their layout. Cells are tagged WindowCell
// or PaddingCell, and the outer sides Bottom, Right, Top and Left. Padded
// panics on sizes that are not positive.
func Padded(rows, cols int, h float64, pad Padding, growth float64) *Mesh {
	if rows < 1 || cols < 1 || !(h > 0) || !(min(pad.Left, pad.Right, pad.Bottom, pad.Top) > 0) ||
		!(growth >= 1.2 && growth <= 2) {
		panic(fmt.Sprintf("mesh: a window of %d×%d cells of %v, padding %v and growth %v is "+
			"not valid", rows, cols, h, pad, growth))
	}
	m := Quads(rows+1, cols+1, float64(cols)*h, float64(rows)*h)
	m.Edges = nil
	m.Translate(pad.Left, pad.Bottom)

	// Ring k is the outline of the window moved outwards by the fraction s of
	// the padding, cut into edges of about the size h·growthᵏ. The fractions
	// increase in proportion to the size, and end at one.
	widest := max(pad.Left, pad.Right, pad.Bottom, pad.Top)
	var sizes []float64
	total := 0.0
	for size := h * growth; total < widest || len(sizes) == 0; size *= growth {
		sizes = append(sizes, size)
		total += size
	}
	inner := m.windowOutline()
	s := 0.0
	for k, size := range sizes {
		s += size / total
		if k == len(sizes)-1 {
			s = 1
		}
		outer := m.outline(rectangle{
			pad.Left * (1 - s), pad.Bottom * (1 - s),
			pad.Left + float64(cols)*h + s*pad.Right, pad.Bottom + float64(rows)*h + s*pad.Top,
		}, size*widest/total)
		for side := range 4 {
			m.zip(inner[side], outer[side])
		}
		inner = outer
	}
	for side, tag := range []int32{Bottom, Right, Top, Left} {
		for i := range len(inner[side]) - 1 {
			m.Edges = append(m.Edges, Edge{[2]int32{inner[side][i], inner[side][i+1]}, tag})
		}
	}
	m.Tags = make([]int32, m.Cells())
	for c := range m.Tags {
		m.Tags[c] = PaddingCell
		if c >= len(m.Triangles) {
			m.Tags[c] = WindowCell
		}
	}
	return m
}

type rectangle struct{ x0, y0, x1, y1 float64 }

// windowOutline returns the points of the four sides of the window,
// counterclockwise from the lower left corner. Neighboring sides share their
// corner.
func (m *Mesh) windowOutline() (sides [4][]int32) {
	rows, cols := m.Grid.Rows, m.Grid.Cols
	for c := range cols {
		sides[0] = append(sides[0], int32(c))
		sides[2] = append(sides[2], int32(rows*cols-1-c))
	}
	for r := range rows {
		sides[1] = append(sides[1], int32(r*cols+cols-1))
		sides[3] = append(sides[3], int32((rows-1-r)*cols))
	}
	return sides
}

// outline adds points on the sides of a rectangle, with a spacing of about
// size, and returns them as windowOutline does.
func (m *Mesh) outline(r rectangle, size float64) (sides [4][]int32) {
	corners := [5][2]float64{{r.x0, r.y0}, {r.x1, r.y0}, {r.x1, r.y1}, {r.x0, r.y1}, {r.x0, r.y0}}
	firstPoint := int32(m.Points())
	for side := range sides {
		a, b := corners[side], corners[side+1]
		n := max(1, int(math.Round(math.Hypot(b[0]-a[0], b[1]-a[1])/size)))
		for i := range n {
			t := float64(i) / float64(n)
			sides[side] = append(sides[side], int32(m.Points()))
			m.X, m.Y = append(m.X, a[0]+t*(b[0]-a[0])), append(m.Y, a[1]+t*(b[1]-a[1]))
		}
	}
	for side := range 3 {
		sides[side] = append(sides[side], sides[side+1][0])
	}
	sides[3] = append(sides[3], firstPoint)
	return sides
}

// zip fills the strip between two rows of points with triangles, proceeding
// along both rows. Each triangle takes the next edge of one of the rows: the
// one that gives the larger smallest angle.
func (m *Mesh) zip(inner, outer []int32) {
	i, o := 0, 0
	for i+1 < len(inner) || o+1 < len(outer) {
		// Both rows are counterclockwise around the window, so the outer one is
		// on the right.
		var byInner, byOuter [3]int32
		inward, outward := -1.0, -1.0
		if i+1 < len(inner) {
			byInner = [3]int32{outer[o], inner[i+1], inner[i]}
			inward = m.quality(byInner)
		}
		if o+1 < len(outer) {
			byOuter = [3]int32{outer[o], outer[o+1], inner[i]}
			outward = m.quality(byOuter)
		}
		if inward >= outward {
			m.Triangles = append(m.Triangles, byInner)
			i++
		} else {
			m.Triangles = append(m.Triangles, byOuter)
			o++
		}
	}
}

// quality returns the sine of the smallest angle of a triangle: twice the area
// divided by the product of the two longer edges. It is negative for a
// clockwise triangle.
func (m *Mesh) quality(t [3]int32) float64 {
	edge := func(a, b int32) float64 { return math.Hypot(m.X[a]-m.X[b], m.Y[a]-m.Y[b]) }
	a, b, c := edge(t[0], t[1]), edge(t[1], t[2]), edge(t[2], t[0])
	area2 := (m.X[t[1]]-m.X[t[0]])*(m.Y[t[2]]-m.Y[t[0]]) -
		(m.X[t[2]]-m.X[t[0]])*(m.Y[t[1]]-m.Y[t[0]])
	return area2 * min(a, b, c) / (a * b * c)
}
