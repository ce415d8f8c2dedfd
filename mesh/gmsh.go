package mesh

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// GmshError reports a fault of a Gmsh file and its line.
type GmshError struct {
	Line   int
	Reason string
}

// Error names the line of the file.
func (e *GmshError) Error() string {
	return fmt.Sprintf("mesh: Gmsh file, line %d: %s", e.Line, e.Reason)
}

// ReadGmsh reads a plane mesh of linear triangles, quadrilaterals and edges
// from a Gmsh file (.msh), version 2 to 2.2 or 4.1, in ASCII. Physical groups
// become tags: 0 where there is none, and the first where there are several.
// Their names become Names. Points that no cell uses are left out, and
// clockwise cells are turned around. The mesh must lie in a plane of constant
// z, within 1e-9 of its size, because geometry kernels leave rounding errors.
//
// A fault of the content is a *GmshError, or an error of Mesh.Validate; other
// errors are errors of r. The memory is proportional to the data read, whatever
// counts the file claims.
func ReadGmsh(r io.Reader) (*Mesh, error) {
	g := &gmsh{
		lines: bufio.NewScanner(r), index: make(map[int64]int32),
		mesh:     &Mesh{Names: make(map[Group]string)},
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

// gmsh holds the state of reading a file.
type gmsh struct {
	lines *bufio.Scanner
	line  int
	words []string

	version  string
	index    map[int64]int32    // node tag → point
	z        []float64          // z of each point
	physical map[[2]int64]int32 // dimension and tag of an entity → first physical group
	mesh     *Mesh
	tagTri   []int32
	tagQuad  []int32
}

func (g *gmsh) fail(format string, args ...any) error {
	return &GmshError{g.line, fmt.Sprintf(format, args...)}
}

// next splits the next nonempty line into words.
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

// ints parses the words from index from on as integers, at least n of them.
func (g *gmsh) ints(from, n int) ([]int64, error) {
	if len(g.words) < from+n {
		return nil, g.fail("the line has %d numbers; %d are needed", len(g.words), from+n)
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

// read reads all sections.
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
		case "$PartitionedEntities": // its cells refer to entities that are not in $Entities
			err = g.fail("the mesh is partitioned; save it in one piece")
		case "$Nodes":
			err = map[string]func() error{"2.2": g.nodes22, "4.1": g.nodes41}[g.version]()
		case "$Elements":
			err = map[string]func() error{"2.2": g.elements22, "4.1": g.elements41}[g.version]()
		default:
			if !strings.HasPrefix(section, "$") || strings.HasPrefix(section, "$End") {
				return g.fail("%q is not a section", section)
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

// skip reads to the end of a section without data for a mesh.
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
	version := g.words[0]
	switch version {
	case "2", "2.0", "2.1": // the sections of these versions are the same
		version = "2.2"
	case "2.2", "4.1":
	default:
		return g.fail("version %q is not supported; save as 4.1 or 2.2", version)
	}
	if len(g.words) < 2 {
		return g.fail("$MeshFormat does not state whether the file is binary")
	}
	if g.words[1] != "0" {
		return g.fail("the file is binary; save as ASCII")
	}
	if g.version != "" {
		return g.fail("a second $MeshFormat")
	}
	g.version = version
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
			return g.fail("a physical name must be in quotes")
		}
		name := text[from+1 : to]
		g.words = strings.Fields(text[:from])
		v, err := g.ints(0, 1)
		if err != nil {
			return err
		}
		tag, err := g.tag(v[len(v)-1])
		if err != nil {
			return err
		}
		for dim := 1; dim <= 2; dim++ {
			if len(v) == 1 || v[0] == int64(dim) { // before version 2.2 a name has no dimension
				g.mesh.Names[Group{dim, tag}] = name
			}
		}
	}
	return nil
}

// tag checks that a tag is in range.
func (g *gmsh) tag(v int64) (int32, error) {
	if v < 0 || v > math.MaxInt32 {
		return 0, g.fail("tag %d is out of range", v)
	}
	return int32(v), nil
}
