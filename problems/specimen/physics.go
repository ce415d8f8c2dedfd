package specimen

import (
	"fmt"
	"slices"

	"csdm/fem"
	"csdm/mesh"
)

// newMesh returns the mesh of a definition. Its first points are a lattice that
// contains the nodes of the grid.
func (d *Definition) newMesh() *mesh.Mesh {
	g := &d.Grid
	rows, cols := (g.Rows-1)*d.Physics.Refine+1, (g.Cols-1)*d.Physics.Refine+1
	switch d.Physics.Mesh {
	case diagonal:
		return mesh.Triangles(rows, cols, g.Width, g.Height)
	case quads:
		return mesh.Quads(rows, cols, g.Width, g.Height)
	}
	return mesh.Crossed(rows, cols, g.Width, g.Height)
}

// analyze prepares the forward model with essential conditions.
func (d *Definition) analyze(m *mesh.Mesh, bc fem.Dirichlet) (*fem.Static, error) {
	if d.Physics.Kind == planeStrain {
		return fem.NewStatic(m, fem.PlaneStrain(d.Physics.Nu), bc)
	}
	return fem.NewPlaneStress(m, bc)
}

// solver is the forward model of one worker.
type solver struct {
	grid     *Grid
	refine   int
	static   *fem.StaticSolver
	channels []int // component of each channel of y

	moduli []float64 // at all points of the mesh
	u      [2][]float64
}

func (d *Definition) newSolver(analysis *fem.Static) *solver {
	points := analysis.Mesh().Points()
	s := &solver{grid: &d.Grid, refine: d.Physics.Refine, static: analysis.NewSolver(),
		moduli: make([]float64, points),
		u:      [2][]float64{make([]float64, points), make([]float64, points)}}
	for _, name := range d.Measurement.Components {
		s.channels = append(s.channels, slices.Index(components, name))
	}
	return s
}

// forward sets y to the measured components of the displacement for the moduli
// x on the nodes.
func (s *solver) forward(y, x []float64) error {
	nodes := s.grid.Rows * s.grid.Cols
	if len(x) != nodes || len(y) != nodes*len(s.channels) {
		panic(fmt.Sprintf("specimen: %d values of x and %d of y for %d×%d nodes", len(x), len(y),
			s.grid.Rows, s.grid.Cols))
	}
	s.spread(x)
	if err := s.static.SolveTo(s.u[0], s.u[1], s.moduli); err != nil {
		return err
	}
	cols := (s.grid.Cols-1)*s.refine + 1
	for ch, c := range s.channels {
		for k := range nodes {
			row, col := k/s.grid.Cols*s.refine, k%s.grid.Cols*s.refine
			y[ch*nodes+k] = s.u[c][row*cols+col]
		}
	}
	return nil
}

// spread sets the moduli at the points of the mesh: bilinear in each cell of
// the grid on the lattice, and the mean of its corners in the middle of a cell
// of the lattice.
func (s *solver) spread(x []float64) {
	g, k := s.grid, s.refine
	rows, cols := (g.Rows-1)*k+1, (g.Cols-1)*k+1
	for r := range rows {
		low, up := r/k, float64(r%k)/float64(k)
		high := min(low+1, g.Rows-1)
		for c := range cols {
			left, across := c/k, float64(c%k)/float64(k)
			right := min(left+1, g.Cols-1)
			a := x[low*g.Cols+left] + across*(x[low*g.Cols+right]-x[low*g.Cols+left])
			b := x[high*g.Cols+left] + across*(x[high*g.Cols+right]-x[high*g.Cols+left])
			s.moduli[r*cols+c] = a + up*(b-a)
		}
	}
	for i := range s.moduli[rows*cols:] {
		at := i/(cols-1)*cols + i%(cols-1)
		s.moduli[rows*cols+i] = (s.moduli[at] + s.moduli[at+1] + s.moduli[at+cols] +
			s.moduli[at+cols+1]) / 4
	}
}
