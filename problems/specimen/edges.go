package specimen

import (
	"fmt"
	"math"

	"csdm/fem"
	"csdm/mesh"
)

// edge is one side of the rectangle with its condition.
type edge struct {
	name      string
	tag       int32 // of package mesh
	moves     int   // component that a number prescribes
	condition *any
}

func (e *Edges) list() []edge {
	return []edge{
		{"bottom", mesh.Bottom, 1, &e.Bottom}, {"top", mesh.Top, 1, &e.Top},
		{"left", mesh.Left, 0, &e.Left}, {"right", mesh.Right, 0, &e.Right},
	}
}

// of returns the values of a component; nil if it was not measured.
func (s *Side) of(component int) []float64 {
	if component == 0 {
		return s.Ux
	}
	return s.Uy
}

func (d *Definition) checkEdges() error {
	measuredEdges := 0
	for _, e := range d.Edges.list() {
		_, isNumber := number(*e.condition)
		word, isWord := (*e.condition).(string)
		if !isNumber && !(isWord && (word == free || word == fixed || word == measured)) {
			return bad("edges."+e.name, fmt.Sprintf("%v", *e.condition), fmt.Sprintf(
				"%q, %q, %q, or a displacement in grid.unit", free, fixed, measured))
		}
		side, stored := d.Edges.Measured[e.name]
		if word != measured {
			if stored {
				return fmt.Errorf("edges.measured.%s is stored, but edges.%s is %v: make it %q, "+
					"or remove the values", e.name, e.name, *e.condition, measured)
			}
			continue
		}
		measuredEdges++
		if err := side.check(e.name); err != nil {
			return err
		}
	}
	for name := range d.Edges.Measured {
		if name != "bottom" && name != "top" && name != "left" && name != "right" {
			return fmt.Errorf("edges.measured.%s: the edges are bottom, top, left and right", name)
		}
	}
	if d.Edges.Jitter > 0 && measuredEdges == 0 {
		return bad("edges.jitter", d.Edges.Jitter, "left out where no edge is measured")
	}
	return d.checkLoad()
}

// check returns an error about the stored values of an edge.
func (s *Side) check(name string) error {
	if s.Ux == nil && s.Uy == nil {
		return fmt.Errorf("edges.measured.%s: is missing: it must hold uy, ux, or both (csdm "+
			"specimen writes them)", name)
	}
	for c, values := range [][]float64{s.Ux, s.Uy} {
		key := fmt.Sprintf("edges.measured.%s.%s", name, components[c])
		if values != nil && (len(values) < 2 || len(values) > mostPoints) {
			return bad(key, fmt.Sprintf("%d values", len(values)),
				fmt.Sprintf("2 to %d values", mostPoints))
		}
		for k, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return bad(fmt.Sprintf("%s[%d]", key, k), v, "finite")
			}
		}
	}
	return nil
}

// checkLoad returns an error if no edge moves, so that every measurement is 0.
func (d *Definition) checkLoad() error {
	for _, e := range d.Edges.list() {
		if v, ok := number(*e.condition); ok && v != 0 || *e.condition == any(measured) {
			return nil
		}
	}
	return fmt.Errorf("edges: none of them moves, so that no displacement can be measured: give " +
		"an edge a displacement, or the word \"measured\"")
}

// conditions returns the essential conditions for the edges of a mesh. value
// returns the displacement of a component of an edge at a fraction of its
// length, and whether it is prescribed. Where two edges meet, the first edge of
// Edges.list counts. Points that are needed against a rigid motion are pinned.
func (d *Definition) conditions(m *mesh.Mesh,
	value func(e *edge, component int, at float64) (float64, bool)) fem.Dirichlet {
	var bc fem.Dirichlet
	known := map[[2]int]bool{}
	for _, e := range d.Edges.list() {
		for _, p := range m.Side(e.tag) {
			at := m.X[p] / d.Grid.Width
			if e.tag == mesh.Left || e.tag == mesh.Right {
				at = m.Y[p] / d.Grid.Height
			}
			for c := range components {
				v, ok := value(&e, c, at)
				if !ok || known[[2]int{int(p), c}] {
					continue
				}
				known[[2]int{int(p), c}] = true
				bc = append(bc, fem.Fixed{Point: int(p), Component: c, Value: v})
			}
		}
	}
	return append(bc, d.pins(m, bc)...)
}

// prescribed returns the displacement that the file gives a component of an
// edge.
func (d *Definition) prescribed(e *edge, component int, at float64) (float64, bool) {
	if v, ok := number(*e.condition); ok {
		return v, component == e.moves
	}
	switch *e.condition {
	case fixed:
		return 0, true
	case measured:
		side := d.Edges.Measured[e.name]
		values := side.of(component)
		if values == nil {
			return 0, false
		}
		return interpolate(values, at), true
	}
	return 0, false
}

// interpolate returns the value at a fraction of the way through values, which
// have equal distances.
func interpolate(values []float64, at float64) float64 {
	place := at * float64(len(values)-1)
	k := min(int(place), len(values)-2)
	f := place - float64(k)
	if f == 0 {
		return values[k]
	}
	return values[k] + f*(values[k+1]-values[k])
}

// pins returns the conditions that are missing against rigid motions: ux and uy
// at the lower left corner, and uy at the lower right one, as far as needed.
// Each given condition restricts a combination of the two translations and the
// rotation.
func (d *Definition) pins(m *mesh.Mesh, bc fem.Dirichlet) (pins fem.Dirichlet) {
	size := max(d.Grid.Width, d.Grid.Height)
	row := func(f fem.Fixed) [3]float64 {
		if f.Component == 0 {
			return [3]float64{1, 0, -m.Y[f.Point] / size}
		}
		return [3]float64{0, 1, m.X[f.Point] / size}
	}
	var basis [][3]float64
	restricts := func(f fem.Fixed) bool {
		v := row(f)
		for _, b := range basis {
			along := v[0]*b[0] + v[1]*b[1] + v[2]*b[2]
			for k := range v {
				v[k] -= along * b[k]
			}
		}
		length := math.Sqrt(v[0]*v[0] + v[1]*v[1] + v[2]*v[2])
		if length < 1e-6 {
			return false
		}
		for k := range v {
			v[k] /= length
		}
		basis = append(basis, v)
		return true
	}
	for _, f := range bc {
		restricts(f)
	}
	for _, f := range []fem.Fixed{{Point: 0, Component: 0}, {Point: 0, Component: 1},
		{Point: (d.Grid.Cols - 1) * d.Physics.Refine, Component: 1}} {
		if restricts(f) {
			pins = append(pins, f)
		}
	}
	return pins
}
