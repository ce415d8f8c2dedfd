package specimen

import (
	"fmt"
	"slices"

	"csdm/fem"
	"csdm/mesh"
)

// newMesh returns the mesh of a definition. Its first points are the nodes of
// the grid.
func (d *Definition) newMesh() *mesh.Mesh {
	g := &d.Grid
	switch d.Physics.Mesh {
	case diagonal:
		return mesh.Triangles(g.Rows, g.Cols, g.Width, g.Height)
	case quads:
		return mesh.Quads(g.Rows, g.Cols, g.Width, g.Height)
	}
	return mesh.Crossed(g.Rows, g.Cols, g.Width, g.Height)
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
	static   *fem.StaticSolver
	channels []int // component of each channel of y

	moduli []float64 // at all points of the mesh
	u      [2][]float64
}

func (d *Definition) newSolver(analysis *fem.Static) *solver {
	points := analysis.Mesh().Points()
	s := &solver{grid: &d.Grid, static: analysis.NewSolver(), moduli: make([]float64, points),
		u: [2][]float64{make([]float64, points), make([]float64, points)}}
	for _, name := range d.Measurement.Components {
		s.channels = append(s.channels, slices.Index(components, name))
	}
	return s
}

// forward sets y to the measured components of the displacement for the moduli
// x on the nodes. The modulus in the middle of a cell is the mean of its
// corners.
func (s *solver) forward(y, x []float64) error {
	nodes := s.grid.Rows * s.grid.Cols
	if len(x) != nodes || len(y) != nodes*len(s.channels) {
		panic(fmt.Sprintf("specimen: %d values of x and %d of y for %d×%d nodes", len(x), len(y),
			s.grid.Rows, s.grid.Cols))
	}
	copy(s.moduli, x)
	cols := s.grid.Cols
	for k := range s.moduli[nodes:] {
		at := k/(cols-1)*cols + k%(cols-1)
		s.moduli[nodes+k] = (x[at] + x[at+1] + x[at+cols] + x[at+cols+1]) / 4
	}
	if err := s.static.SolveTo(s.u[0], s.u[1], s.moduli); err != nil {
		return err
	}
	for ch, c := range s.channels {
		copy(y[ch*nodes:(ch+1)*nodes], s.u[c][:nodes])
	}
	return nil
}
