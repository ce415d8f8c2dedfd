package mesh

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// edgesOf returns the number of cells of each edge.
func edgesOf(m *Mesh) map[[2]int32]int {
	count := make(map[[2]int32]int)
	for c := range m.Cells() {
		corners := m.Corners(c)
		for i, p := range corners {
			q := corners[(i+1)%len(corners)]
			count[[2]int32{min(p, q), max(p, q)}]++
		}
	}
	return count
}

// conforming checks that the cells are a mesh of a rectangle: positive areas
// that add up to its area, every edge shared by two cells or on the boundary,
// Euler's formula for a disc (so there are no hanging nodes), and tagged edges
// that are exactly the boundary, on the right side.
func conforming(t *testing.T, m *Mesh, x0, y0, x1, y1 float64) {
	t.Helper()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	area := 0.0
	for c := range m.Cells() {
		area += m.Area(c)
	}
	if want := (x1 - x0) * (y1 - y0); math.Abs(area-want) > 1e-12*want {
		t.Errorf("area %v, want %v", area, want)
	}
	edges := edgesOf(m)
	boundary := 0
	for e, n := range edges {
		if n > 2 {
			t.Errorf("edge %v belongs to %d cells", e, n)
		}
		if n == 1 {
			boundary++
		}
	}
	if euler := m.Points() - len(edges) + m.Cells(); euler != 1 {
		t.Errorf("points − edges + cells = %d", euler)
	}
	if boundary != len(m.Edges) {
		t.Errorf("%d boundary edges, %d are tagged", boundary, len(m.Edges))
	}
	for _, e := range m.Edges {
		p, q := e.Points[0], e.Points[1]
		if edges[[2]int32{min(p, q), max(p, q)}] != 1 {
			t.Errorf("tagged edge %v is not on the boundary", e)
		}
		for _, p := range e.Points {
			if d := map[int32]float64{Bottom: m.Y[p] - y0, Right: m.X[p] - x1, Top: m.Y[p] - y1,
				Left: m.X[p] - x0}[e.Tag]; math.Abs(d) > 1e-12*(x1-x0) {
				t.Errorf("edge %v with tag %d is %v away from its side", e.Points, e.Tag, d)
			}
		}
	}
}

func TestStructured(t *testing.T) {
	for _, n := range [][2]int{{2, 2}, {5, 9}, {8, 3}} {
		for name, m := range map[string]*Mesh{"triangles": Triangles(n[0], n[1], 2.5, 1.5),
			"quads":   Quads(n[0], n[1], 2.5, 1.5),
			"crossed": Crossed(n[0], n[1], 2.5, 1.5)} {
			t.Run(name, func(t *testing.T) { conforming(t, m, 0, 0, 2.5, 1.5) })
			if got := m.Side(Bottom); len(got) != n[1] || got[0] != 0 {
				t.Errorf("%s: bottom is %v", name, got)
			}
			if got := m.Side(Left); len(got) != n[0] {
				t.Errorf("%s: left is %v", name, got)
			}
		}
	}
	m := Triangles(3, 4, 3, 2)
	// The diagonal is from the lower left to the upper right corner.
	if want := [][3]int32{{0, 1, 5}, {0, 5, 4}}; !slices.Equal(m.Triangles[:2], want) {
		t.Errorf("first triangles %v, want %v", m.Triangles[:2], want)
	}
	if x, y := m.Center(1); math.Abs(x-1./3) > 1e-15 || math.Abs(y-2./3) > 1e-15 {
		t.Errorf("center of the second triangle: (%v, %v)", x, y)
	}
}

// TestPadded checks conformity and shape: in an even padding no angle is below
// 20°, and cells grow from the size of the window's cells.
func TestPadded(t *testing.T) {
	for name, c := range map[string]struct {
		rows, cols int
		h          float64
		pad        Padding
		angle      float64
	}{
		"spheroid": {74, 74, 4, Padding{252, 252, 252, 252}, 22},
		"thin":     {20, 30, 0.5, Padding{0.3, 0.3, 0.3, 0.3}, 20},
		"one cell": {1, 1, 1, Padding{10, 10, 10, 10}, 20},
		"uneven":   {32, 16, 1, Padding{20, 35, 25, 40}, 12},
	} {
		m := Padded(c.rows, c.cols, c.h, c.pad, 1.4)
		w, h := c.pad.Left+c.pad.Right+float64(c.cols)*c.h, c.pad.Bottom+c.pad.Top+
			float64(c.rows)*c.h
		conforming(t, m, 0, 0, w, h)
		worst := 1.0
		for _, tri := range m.Triangles {
			worst = min(worst, m.quality(tri))
		}
		if angle := math.Asin(worst) * 180 / math.Pi; angle < c.angle {
			t.Errorf("%s: smallest angle %.1f°", name, angle)
		}
		if len(m.Quads) != c.rows*c.cols || m.Grid.Rows != c.rows+1 || m.X[0] != c.pad.Left ||
			m.Y[0] != c.pad.Bottom {
			t.Errorf("%s: the window has %d quads, from (%v, %v)", name, len(m.Quads), m.X[0],
				m.Y[0])
		}
		for i, tag := range m.Tags {
			if (tag == WindowCell) != (i >= len(m.Triangles)) {
				t.Fatalf("%s: cell %d has tag %d", name, i, tag)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	var cell *CellError
	for name, spoil := range map[string]func(m *Mesh){
		"corner":    func(m *Mesh) { m.Quads[2][1] = 99 },
		"negative":  func(m *Mesh) { m.Quads[2][1] = -1 },
		"clockwise": func(m *Mesh) { m.Quads[2][1], m.Quads[2][3] = m.Quads[2][3], m.Quads[2][1] },
		"crossed":   func(m *Mesh) { m.Quads[2][0], m.Quads[2][1] = m.Quads[2][1], m.Quads[2][0] },
		"flat": func(m *Mesh) {
			m.X[0], m.Y[0] = 0.5, 1
			m.Quads[2] = m.Quads[0]
			m.Quads[0] = m.Quads[1]
		},
	} {
		m := Quads(4, 4, 1, 1)
		spoil(m)
		if err := m.Validate(); !errors.As(err, &cell) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, spoil := range map[string]func(m *Mesh){
		"NaN":  func(m *Mesh) { m.Y[3] = math.NaN() },
		"size": func(m *Mesh) { m.X = m.X[:4] },
		"tags": func(m *Mesh) { m.Tags = []int32{1} },
		"edge": func(m *Mesh) { m.Edges[0].Points[0] = 77 },
	} {
		m := Quads(4, 4, 1, 1)
		spoil(m)
		if m.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
