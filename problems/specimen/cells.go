package specimen

import "math"

// cells is the mesh as the prior sees it. A field on the nodes of the grid
// blurs the rim of an inclusion over two cells of the grid, first by the
// transition between nodes and then by interpolation. A blurred disc acts like
// a smaller and stiffer one: a disc of diameter 10.6 mm and ratio 2.2 on nodes
// 1.3 mm apart was found as 10.3 mm and 2.27. So y comes from the moduli of the
// cells of the mesh, for which the prior is painted at their centers.
type cells struct {
	x, y []float64 // centers
	rim  float64   // width of a transition
}

// newCells returns the centers of the cells of the mesh. A transition is as
// wide as the disc of the area of a cell, which is nearly the share of a cell
// on one side of a straight rim.
//
// The area of a cell is A = width · height/cells, and a disc of this area has
// the diameter √(4A/π).
func newCells(d *Definition) *cells {
	m := d.newMesh()
	c := &cells{rim: math.Sqrt(4 * d.Grid.Width * d.Grid.Height / float64(m.Cells()) / math.Pi)}
	for k := range m.Cells() {
		x, y := m.Center(k)
		c.x, c.y = append(c.x, x-d.Physics.Inner), append(c.y, y)
	}
	return c
}

// at returns the place of value i of a field: a node, or the center of a cell.
//
// Nodes are row by row from the bottom, at equal distances that include the
// edges.
func (p *prior) at(i int) (x, y float64) {
	if p.cells != nil {
		return p.cells.x[i], p.cells.y[i]
	}
	return p.grid.X(i % p.grid.Cols), p.grid.Y(i / p.grid.Cols)
}

// onCells returns the prior painted on the cells of the mesh, or nil if its y
// is a function of the field on the nodes: for patterns other than inclusions,
// for waves, and for sharp rims, whose field is the paper's.
//
// The displacement of a random field or of layers on nodes is the problem's
// definition: no sharper object stands behind it.
func (p *prior) onCells(d *Definition) *prior {
	for _, q := range p.properties() {
		if c, ok := q.pattern.(*inclusions); !ok || c.sharp || d.Physics.Kind == helmholtz {
			return nil
		}
	}
	fine := *p
	fine.cells = newCells(d)
	return &fine
}

// forwardCells sets y to the measured components for moduli m of the cells of
// the mesh, and the values of a second field after them.
//
// A modulus is constant in its cell. The outputs are taken at the nodes, as in
// forward.
func (s *solver) forwardCells(y, m []float64) error {
	var err error
	if s.second != nil {
		err = s.static.SolveRatioCellsTo(s.u[0], s.u[1], part(m, 0, 2), part(m, 1, 2))
	} else {
		err = s.static.SolveCellsTo(s.u[0], s.u[1], m)
	}
	if err != nil {
		return err
	}
	s.outputs(y)
	return nil
}

// Subgrid reports whether cells are finer than the grid (problems.Subgrid).
func (p *Problem) Subgrid() bool { return p.fine != nil }
