package specimen

import (
	"fmt"
	"math"
	"strings"

	"csdm/fem"
	"csdm/mesh"
)

// edge is one side of the rectangle with its condition.
//
// Side edges prescribe ux and horizontal ones uy: a number is the motion of the
// edge along its normal. Its tangential motion is free, as between lubricated
// plates.
type edge struct {
	name      string
	tag       int32 // of package mesh
	moves     int   // component that a number prescribes
	condition *any
}

// list returns the four edges. Their order decides at the corners, where two
// edges meet.
func (e *Edges) list() []edge {
	return []edge{
		{"bottom", mesh.Bottom, 1, &e.Bottom}, {"top", mesh.Top, 1, &e.Top},
		{"left", mesh.Left, 0, &e.Left}, {"right", mesh.Right, 0, &e.Right},
	}
}

// The unknowns of edges, in the order of the solver.
var (
	components = []string{"ux", "uy"}
	parts      = []string{"real", "imag"} // of a wave
)

// unknowns returns the names of the unknowns of an edge.
func (d *Definition) unknowns() []string {
	if d.Physics.Kind == helmholtz {
		return parts
	}
	return components
}

// of returns the values of an unknown; nil if it was not measured.
//
// The slice belongs to the side.
func (s *Side) of(unknown string) []float64 {
	switch unknown {
	case "ux":
		return s.Ux
	case "uy":
		return s.Uy
	case "real":
		return s.Real
	}
	return s.Imag
}

// checkEdges returns an error about the first edge whose condition is not
// valid. The axis of an axisymmetric specimen is no edge of the solid: u_r = 0
// follows there from symmetry and must not be stated again.
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
		if err := d.checkSide(&side, e.name); err != nil {
			return err
		}
	}
	if d.onAxis() && d.Edges.Left != any(free) {
		return bad("edges.left", d.Edges.Left, "\"free\": it is the axis (physics.inner moves it "+
			"away from there)")
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

// checkSide returns an error about the stored values of an edge.
func (d *Definition) checkSide(s *Side, name string) error {
	wave := d.Physics.Kind == helmholtz
	switch {
	case !wave && s.Ux == nil && s.Uy == nil:
		return fmt.Errorf("edges.measured.%s: is missing: it must hold uy, ux, or both (csdm "+
			"specimen writes them)", name)
	case wave && (s.Real == nil || s.Imag == nil):
		return fmt.Errorf("edges.measured.%s: must hold real and imag, the parts of the wave", name)
	case wave && (s.Ux != nil || s.Uy != nil), !wave && (s.Real != nil || s.Imag != nil):
		return fmt.Errorf("edges.measured.%s: the unknowns of physics.kind = %q are %s", name,
			d.Physics.Kind, strings.Join(d.unknowns(), " and "))
	}
	for _, unknown := range d.unknowns() {
		values, key := s.of(unknown), fmt.Sprintf("edges.measured.%s.%s", name, unknown)
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
//
// The equations are homogeneous, so that without a moving edge u = 0 for any
// modulus.
func (d *Definition) checkLoad() error {
	for _, e := range d.Edges.list() {
		if v, ok := number(*e.condition); ok && v != 0 || *e.condition == any(measured) {
			return nil
		}
	}
	return fmt.Errorf("edges: none of them moves, so that no displacement can be measured: give " +
		"an edge a displacement, or the word \"measured\"")
}

// onAxis reports whether the left edge is the axis of an axisymmetric specimen.
func (d *Definition) onAxis() bool {
	return d.Physics.Kind == axisymmetric && d.Physics.Inner == 0
}

// conditions returns the essential conditions for the edges of a mesh. Where
// two edges meet, the first edge of Edges.list counts. Points that are needed
// against a rigid motion are pinned, and nothing moves away from the axis.
//
// value gives the condition of an edge as a function of the place along it from
// 0 to 1. The problem and each mode of the edges' error pass different
// functions, with the same nodes in the same order.
func (d *Definition) conditions(m *mesh.Mesh, value prescription) fem.Dirichlet {
	var bc fem.Dirichlet
	known := map[[2]int]bool{}
	if d.onAxis() {
		for _, p := range m.Side(mesh.Left) {
			known[[2]int{int(p), 0}] = true
			bc = append(bc, fem.Fixed{Point: int(p), Component: 0})
		}
	}
	for _, e := range d.Edges.list() {
		for _, p := range m.Side(e.tag) {
			at := (m.X[p] - d.Physics.Inner) / d.Grid.Width
			if e.tag == mesh.Left || e.tag == mesh.Right {
				at = m.Y[p] / d.Grid.Height
			}
			for c := range equations[d.Physics.Kind].unknowns {
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

// prescribed is the prescription of the file.
//
// A number on an edge of a wave is its real amplitude, so that the imaginary
// part is 0. A side without values for an unknown leaves it free.
func (d *Definition) prescribed(e *edge, unknown int, at float64) (float64, bool) {
	if v, ok := number(*e.condition); ok {
		if d.Physics.Kind != helmholtz {
			return v, unknown == e.moves
		}
		if unknown == 1 { // an amplitude is real
			v = 0
		}
		return v, true
	}
	switch *e.condition {
	case fixed:
		return 0, true
	case measured:
		side := d.Edges.Measured[e.name]
		values := side.of(d.unknowns()[unknown])
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
// rotation. The only rigid motion in axisymmetry is along the axis. A wave has
// none.
//
// A rigid motion of the plane is u = (a − φy, b + φx), with translations a, b
// and a small rotation φ. In the coordinates (a, b, φ·size) a condition on ux
// at (x, y) is the row (1, 0, −y/size), and one on uy is (0, 1, x/size). A new
// condition restricts a motion that is still free if its row is independent of
// the rows before; Gram and Schmidt's method decides it.
func (d *Definition) pins(m *mesh.Mesh, bc fem.Dirichlet) (pins fem.Dirichlet) {
	if d.Physics.Kind == helmholtz {
		return nil
	}
	size := max(d.Grid.Width, d.Grid.Height)
	row := func(f fem.Fixed) [3]float64 {
		if d.Physics.Kind == axisymmetric {
			return [3]float64{0, float64(f.Component), 0}
		}
		if f.Component == 0 {
			return [3]float64{1, 0, -m.Y[f.Point] / size}
		}
		return [3]float64{0, 1, m.X[f.Point] / size}
	}
	var basis [][3]float64
	// restricts adds the row of a condition to the orthonormal basis, unless it
	// depends on the basis. It reports whether it was added.
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
