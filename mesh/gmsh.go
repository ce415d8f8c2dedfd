package mesh

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// A GmshError says what is wrong with a Gmsh file, and in which line.
type GmshError struct {
	Line   int
	Reason string
}

func (e *GmshError) Error() string {
	return fmt.Sprintf("mesh: Gmsh file, line %d: %s", e.Line, e.Reason)
}

// ReadGmsh reads a plane mesh of linear triangles, quadrilaterals and edges from a Gmsh file (.msh), version 2.2 or 4.1, in ASCII.
// Physical groups become tags, 0 where there is none, and their names become Names. Points that no cell uses are left out; cells that
// go clockwise are turned around. The mesh must lie in a plane of constant z.
//
// What is wrong with the content comes back as a *GmshError, or from Mesh.Validate; other errors are those of r. Memory is in
// proportion to what is read, whatever counts the file claims.
func ReadGmsh(r io.Reader) (*Mesh, error) {
	g := &gmsh{
		lines: bufio.NewScanner(r), index: make(map[int64]int32), mesh: &Mesh{Names: make(map[Group]string)},
		physical: make(map[[2]int64]int32),
	}
	g.lines.Buffer(make([]byte, 0, 64<<10), 1<<20)
	if err := g.read(); err != nil {
		if scan := g.lines.Err(); scan != nil && scan != bufio.ErrTooLong {
			return nil, scan
		}
		return nil, err
	}
	return g.finish()
}

// gmsh is a file that is being read.
type gmsh struct {
	lines *bufio.Scanner
	line  int
	words []string

	version  string
	index    map[int64]int32    // node tag → point
	z        []float64          // of each point
	physical map[[2]int64]int32 // dimension and tag of an entity → first physical group
	mesh     *Mesh
	tagTri   []int32
	tagQuad  []int32
}

func (g *gmsh) fail(format string, args ...any) error {
	return &GmshError{g.line, fmt.Sprintf(format, args...)}
}

// next splits the next line that is not empty.
func (g *gmsh) next() error {
	for g.lines.Scan() {
		g.line++
		if g.words = strings.Fields(g.lines.Text()); len(g.words) > 0 {
			return nil
		}
	}
	if g.lines.Err() != nil {
		return g.fail("%v", g.lines.Err())
	}
	return g.fail("the file ends too early")
}

// ints parses the words from on as integers, at least n of them.
func (g *gmsh) ints(from, n int) ([]int64, error) {
	if len(g.words) < from+n {
		return nil, g.fail("%d numbers, want %d", len(g.words), from+n)
	}
	out := make([]int64, 0, len(g.words)-from)
	for _, w := range g.words[from:] {
		v, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return nil, g.fail("%q is not an integer", w)
		}
		out = append(out, v)
	}
	return out, nil
}

// row reads the next line as at least n integers.
func (g *gmsh) row(n int) ([]int64, error) {
	if err := g.next(); err != nil {
		return nil, err
	}
	return g.ints(0, n)
}

// read goes through the sections.
func (g *gmsh) read() error {
	for {
		if err := g.next(); err != nil {
			if g.version != "" && g.lines.Err() == nil {
				return nil // end of file between sections
			}
			return err
		}
		section := g.words[0]
		if g.version == "" && section != "$MeshFormat" && section != "$Comments" {
			return g.fail("the file does not begin with $MeshFormat")
		}
		var err error
		switch section {
		case "$MeshFormat":
			err = g.format()
		case "$PhysicalNames":
			err = g.names()
		case "$Entities":
			err = g.entities()
		case "$Nodes":
			err = map[string]func() error{"2.2": g.nodes22, "4.1": g.nodes41}[g.version]()
		case "$Elements":
			err = map[string]func() error{"2.2": g.elements22, "4.1": g.elements41}[g.version]()
		default:
			if !strings.HasPrefix(section, "$") || strings.HasPrefix(section, "$End") {
				return g.fail("%q is no section", section)
			}
			err = g.skip(section)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		if err := g.next(); err != nil {
			return err
		}
		if want := "$End" + section[1:]; g.words[0] != want {
			return g.fail("%s ends with %q", section, g.words[0])
		}
	}
}

// skip reads to the end of a section that has nothing for a mesh.
func (g *gmsh) skip(section string) error {
	for {
		if err := g.next(); err != nil {
			return err
		}
		if g.words[0] == "$End"+section[1:] {
			return nil
		}
	}
}

func (g *gmsh) format() error {
	if err := g.next(); err != nil {
		return err
	}
	if len(g.words) < 2 || g.words[0] != "2.2" && g.words[0] != "4.1" {
		return g.fail("version %q is not supported; save as 4.1 or 2.2", g.words[0])
	}
	if g.words[1] != "0" {
		return g.fail("the file is binary; save as ASCII")
	}
	if g.version != "" {
		return g.fail("a second $MeshFormat")
	}
	g.version = g.words[0]
	return nil
}

func (g *gmsh) names() error {
	head, err := g.row(1)
	if err != nil {
		return err
	}
	for range head[0] {
		if err := g.next(); err != nil {
			return err
		}
		text := strings.TrimSpace(g.lines.Text())
		from, to := strings.Index(text, `"`), strings.LastIndex(text, `"`)
		if from < 0 || to == from {
			return g.fail("a physical name wants quotes")
		}
		name := text[from+1 : to]
		g.words = strings.Fields(text[:from])
		v, err := g.ints(0, 2)
		if err != nil {
			return err
		}
		tag, err := g.tag(v[1])
		if err != nil {
			return err
		}
		if v[0] == 1 || v[0] == 2 {
			g.mesh.Names[Group{int(v[0]), tag}] = name
		}
	}
	return nil
}

// tag checks that a tag fits.
func (g *gmsh) tag(v int64) (int32, error) {
	if v < 0 || v > math.MaxInt32 {
		return 0, g.fail("tag %d is out of range", v)
	}
	return int32(v), nil
}

// entities reads the physical groups of curves and surfaces (version 4.1).
func (g *gmsh) entities() error {
	head, err := g.row(4)
	if err != nil {
		return err
	}
	for dim := range 4 {
		groupsAt := 7 // tag, two corners of a box, then the number of groups
		if dim == 0 {
			groupsAt = 4
		}
		for range head[dim] {
			if err := g.next(); err != nil {
				return err
			}
			if len(g.words) <= groupsAt {
				return g.fail("an entity is cut short")
			}
			tag, err1 := strconv.ParseInt(g.words[0], 10, 64)
			n, err2 := strconv.Atoi(g.words[groupsAt])
			if err1 != nil || err2 != nil || n < 0 || n > len(g.words)-groupsAt-1 {
				return g.fail("an entity has a wrong tag or number of groups")
			}
			if n == 0 {
				continue
			}
			group, err := strconv.ParseInt(g.words[groupsAt+1], 10, 64)
			if err != nil {
				return g.fail("%q is not an integer", g.words[groupsAt+1])
			}
			if group < 0 {
				group = -group // a curve taken in its reverse direction
			}
			physical, err := g.tag(group)
			if err != nil {
				return err
			}
			g.physical[[2]int64{int64(dim), tag}] = physical
		}
	}
	return nil
}

// addNode adds a node whose coordinates are the words from on.
func (g *gmsh) addNode(tag int64, from int) error {
	if len(g.words) < from+3 {
		return g.fail("a node wants three coordinates")
	}
	var at [3]float64
	for i := range at {
		v, err := strconv.ParseFloat(g.words[from+i], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return g.fail("%q is no coordinate", g.words[from+i])
		}
		at[i] = v
	}
	if _, twice := g.index[tag]; twice {
		return g.fail("node %d appears twice", tag)
	}
	g.index[tag] = int32(len(g.z))
	g.mesh.X, g.mesh.Y, g.z = append(g.mesh.X, at[0]), append(g.mesh.Y, at[1]), append(g.z, at[2])
	return nil
}

func (g *gmsh) nodes22() error {
	head, err := g.row(1)
	if err != nil {
		return err
	}
	for range head[0] {
		if err := g.next(); err != nil {
			return err
		}
		tag, err := strconv.ParseInt(g.words[0], 10, 64)
		if err != nil {
			return g.fail("%q is not an integer", g.words[0])
		}
		if err := g.addNode(tag, 1); err != nil {
			return err
		}
	}
	return nil
}

func (g *gmsh) nodes41() error {
	head, err := g.row(2)
	if err != nil {
		return err
	}
	for range head[0] {
		block, err := g.row(4)
		if err != nil {
			return err
		}
		var tags []int64
		for range block[3] {
			v, err := g.row(1)
			if err != nil {
				return err
			}
			tags = append(tags, v[0])
		}
		for _, tag := range tags {
			if err := g.next(); err != nil {
				return err
			}
			if err := g.addNode(tag, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// addElement adds an element of a Gmsh type with a physical group.
func (g *gmsh) addElement(kind int64, group int32, nodes []int64) error {
	const line, triangle, quad, point = 1, 2, 3, 15
	want := map[int64]int{line: 2, triangle: 3, quad: 4, point: 1}[kind]
	if want == 0 {
		return g.fail("element type %d is not supported: only linear triangles and quadrilaterals are", kind)
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
		g.mesh.Triangles, g.tagTri = append(g.mesh.Triangles, [3]int32{p[0], p[1], p[2]}), append(g.tagTri, group)
	case quad:
		g.mesh.Quads, g.tagQuad = append(g.mesh.Quads, p), append(g.tagQuad, group)
	}
	return nil
}

func (g *gmsh) elements22() error {
	head, err := g.row(1)
	if err != nil {
		return err
	}
	for range head[0] {
		v, err := g.row(3)
		if err != nil {
			return err
		}
		tags := v[2]
		if tags < 0 || tags > int64(len(v)-3) {
			return g.fail("an element claims %d tags", tags)
		}
		var group int32
		if tags > 0 {
			if group, err = g.tag(v[3]); err != nil {
				return err
			}
		}
		if err := g.addElement(v[1], group, v[3+tags:]); err != nil {
			return err
		}
	}
	return nil
}

func (g *gmsh) elements41() error {
	head, err := g.row(2)
	if err != nil {
		return err
	}
	for range head[0] {
		block, err := g.row(4)
		if err != nil {
			return err
		}
		group := g.physical[[2]int64{block[0], block[1]}]
		kind := block[2]
		for range block[3] {
			v, err := g.row(2)
			if err != nil {
				return err
			}
			if err := g.addElement(kind, group, v[1:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish drops points without cells, turns clockwise cells around, and validates.
func (g *gmsh) finish() (*Mesh, error) {
	m := g.mesh
	if m.Cells() == 0 {
		return nil, g.fail("no triangles and no quadrilaterals")
	}
	m.Tags = append(g.tagTri, g.tagQuad...)
	for i := range m.Triangles {
		if m.Area(i) < 0 {
			t := &m.Triangles[i]
			t[1], t[2] = t[2], t[1]
		}
	}
	for i := range m.Quads {
		if m.Area(len(m.Triangles)+i) < 0 {
			q := &m.Quads[i]
			q[1], q[3] = q[3], q[1]
		}
	}
	used := make([]int32, len(m.X))
	for c := range m.Cells() {
		for _, p := range m.Corners(c) {
			used[p] = 1
		}
	}
	kept := int32(0)
	x, y, z := m.X, m.Y, g.z
	m.X, m.Y = nil, nil
	level := 0.0
	for p := range used {
		if used[p] == 0 {
			used[p] = -1
			continue
		}
		if kept == 0 {
			level = z[p]
		}
		if z[p] != level {
			return nil, g.fail("the mesh is not plane: z is %v and %v", level, z[p])
		}
		used[p] = kept
		kept++
		m.X, m.Y = append(m.X, x[p]), append(m.Y, y[p])
	}
	for c := range m.Cells() {
		for i, p := range m.Corners(c) {
			m.Corners(c)[i] = used[p]
		}
	}
	edges := m.Edges[:0]
	for _, e := range m.Edges {
		e.Points = [2]int32{used[e.Points[0]], used[e.Points[1]]}
		if e.Points[0] >= 0 && e.Points[1] >= 0 {
			edges = append(edges, e)
		}
	}
	m.Edges = edges
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}
