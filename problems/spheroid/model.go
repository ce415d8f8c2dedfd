package spheroid

import (
	"math"

	"csdm/fem"
	"csdm/mesh"
)

// growth is the ratio of sizes from one ring of triangles around the raster to
// the next.
const growth = 1.2

// mesh returns the mesh: a square element for each pixel, in the order of
// pixels, and triangles out to the edge of the domain.
func (r raster) mesh() *mesh.Mesh {
	n := r.side()
	pad := (Domain - float64(n)*r.pixel) / 2
	return mesh.Padded(n, n, r.pixel, mesh.Padding{Left: pad, Right: pad, Bottom: pad, Top: pad},
		growth)
}

// analyze prepares plane strain with the top moved by 1 µm.
func (r raster) analyze() (*fem.Static, error) {
	m := r.mesh()
	return fem.NewStatic(m, fem.PlaneStrain(PoissonRatio), fem.Compression(m, 0, 1))
}

// model is the forward model of one worker.
type model struct {
	raster
	solver *fem.StaticSolver
	moduli []float64 // of the cells, relative to the gel: triangles, all of gel, then pixels
	ux, uy []float64 // at the points of the mesh, the raster's corners first
}

func newModel(r raster, analysis *fem.Static) *model {
	m := analysis.Mesh()
	return &model{
		raster: r, solver: analysis.NewSolver(), moduli: make([]float64, m.Cells()),
		ux: make([]float64, m.Points()), uy: make([]float64, m.Points()),
	}
}

// phase sets y to the phase difference in the middle of each pixel for the
// field x of the raster, the top being moved by top µm.
func (m *model) phase(y, x []float64, top float64) error {
	triangles := len(m.moduli) - len(x)
	for c := range triangles {
		m.moduli[c] = 1
	}
	for c, v := range x {
		m.moduli[triangles+c] = math.Pow(10, v)
	}
	if err := m.solver.SolveCellsTo(m.ux, m.uy, m.moduli); err != nil {
		return err
	}
	n := m.side()
	for row := range n {
		below, above := m.uy[row*(n+1):][:n+1], m.uy[(row+1)*(n+1):][:n+1]
		for col := range n {
			u := (below[col] + below[col+1] + above[col] + above[col+1]) / 4
			y[row*n+col] = PhasePerLength * top * u
		}
	}
	return nil
}
