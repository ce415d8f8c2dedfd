package mesh

import (
	"math"
	"slices"
	"strconv"
)

// addNode adds a node whose coordinates are the words from index from on.
func (g *gmsh) addNode(tag int64, from int) error {
	if len(g.words) < from+3 {
		return g.fail("a node needs three coordinates")
	}
	var at [3]float64
	for i := range at {
		v, err := strconv.ParseFloat(g.words[from+i], 64)
		if err != nil || !(math.Abs(v) <= maxCoordinate) {
			return g.fail("%q is not a coordinate", g.words[from+i])
		}
		at[i] = v
	}
	if _, twice := g.index[tag]; twice {
		return g.fail("node %d appears twice", tag)
	}
	if len(g.z) == math.MaxInt32 {
		return g.fail("too many nodes")
	}
	g.index[tag] = int32(len(g.z))
	g.mesh.X, g.mesh.Y, g.z = append(g.mesh.X, at[0]), append(g.mesh.Y, at[1]), append(g.z, at[2])
	return nil
}

// addElement adds an element of a Gmsh type with a physical group.
func (g *gmsh) addElement(kind int64, group int32, nodes []int64) error {
	const line, triangle, quad, point = 1, 2, 3, 15
	want := map[int64]int{line: 2, triangle: 3, quad: 4, point: 1}[kind]
	if want == 0 {
		return g.fail("element type %d is not supported; use linear triangles and quadrilaterals",
			kind)
	}
	if len(nodes) != want {
		return g.fail("%d nodes for an element of type %d", len(nodes), kind)
	}
	var p [4]int32
	for i, tag := range nodes {
		at, ok := g.index[tag]
		if !ok {
			return g.fail("there is no node %d", tag)
		}
		p[i] = at
	}
	switch kind {
	case line:
		g.mesh.Edges = append(g.mesh.Edges, Edge{[2]int32{p[0], p[1]}, group})
	case triangle:
		g.mesh.Triangles, g.tagTri = append(g.mesh.Triangles, [3]int32{p[0], p[1], p[2]}),
			append(g.tagTri, group)
	case quad:
		g.mesh.Quads, g.tagQuad = append(g.mesh.Quads, p), append(g.tagQuad, group)
	}
	return nil
}

// finish drops repeated cells and points without cells, turns clockwise cells
// around, and validates the mesh.
func (g *gmsh) finish() (*Mesh, error) {
	m := g.mesh
	if m.Cells() == 0 {
		return nil, g.fail("the file has no triangles and no quadrilaterals")
	}
	m.Triangles, g.tagTri = dropRepeated(m.Triangles, g.tagTri, func(t [3]int32) [3]int32 {
		slices.Sort(t[:])
		return t
	})
	m.Quads, g.tagQuad = dropRepeated(m.Quads, g.tagQuad, func(q [4]int32) [4]int32 {
		slices.Sort(q[:])
		return q
	})
	m.Tags = append(g.tagTri, g.tagQuad...)
	for i := range m.Triangles {
		if t := &m.Triangles[i]; m.Area(i) < 0 {
			t[1], t[2] = t[2], t[1]
		}
	}
	for i := range m.Quads {
		if q := &m.Quads[i]; m.Area(len(m.Triangles)+i) < 0 {
			q[1], q[3] = q[3], q[1]
		}
	}
	if err := g.dropUnused(); err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}

// dropRepeated keeps the first of the cells with the same corners, in whatever
// order. Version 2.2 writes a cell once for each of its physical groups, and a
// cell that is counted twice would be twice as stiff.
func dropRepeated[C comparable](cells []C, tags []int32, sorted func(C) C) ([]C, []int32) {
	seen := make(map[C]bool, len(cells))
	kept := 0
	for i, c := range cells {
		if key := sorted(c); !seen[key] {
			seen[key] = true
			cells[kept], tags[kept] = c, tags[i]
			kept++
		}
	}
	return cells[:kept], tags[:kept]
}

// dropUnused renumbers the points that have cells, and drops the other points
// together with their edges. The remaining points must lie in a plane.
func (g *gmsh) dropUnused() error {
	m := g.mesh
	const unused = -1
	number := make([]int32, len(m.X))
	for p := range number {
		number[p] = unused
	}
	for c := range m.Cells() {
		for _, p := range m.Corners(c) {
			number[p] = 0
		}
	}
	x, y := m.X, m.Y
	m.X, m.Y = nil, nil
	level, size := 0.0, 0.0
	for p := range number {
		if number[p] != unused {
			level, size = g.z[p], max(size, math.Abs(x[p]), math.Abs(y[p]))
		}
	}
	for p := range number {
		if number[p] == unused {
			continue
		}
		if !(math.Abs(g.z[p]-level) <= 1e-9*size) {
			return g.fail("the mesh is not plane: z is %v and %v", level, g.z[p])
		}
		number[p] = int32(len(m.X))
		m.X, m.Y = append(m.X, x[p]), append(m.Y, y[p])
	}
	for c := range m.Cells() {
		corners := m.Corners(c)
		for i, p := range corners {
			corners[i] = number[p]
		}
	}
	edges := m.Edges[:0]
	for _, e := range m.Edges {
		e.Points = [2]int32{number[e.Points[0]], number[e.Points[1]]}
		if e.Points[0] != unused && e.Points[1] != unused {
			edges = append(edges, e)
		}
	}
	m.Edges = edges
	return nil
}
