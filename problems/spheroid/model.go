package spheroid

import (
	"math"

	"csdm/fem"
	"csdm/mesh"
)

// growth is the ratio of sizes between consecutive rings of triangles around
// the raster.
const growth = 1.2

// mesh returns the mesh: one square element per pixel, in the order of the
// pixels, and triangles out to the edge of the domain.
func (r raster) mesh() *mesh.Mesh {
	n := r.side()
	pad := (Domain - float64(n)*r.pixel) / 2
	return mesh.Padded(n, n, r.pixel, mesh.Padding{Left: pad, Right: pad, Bottom: pad, Top: pad},
		growth)
}

// analyze prepares plane strain with a displacement of the top of 1 µm.
func (r raster) analyze() (*fem.Static, error) {
	m := r.mesh()
	return fem.NewStatic(m, fem.PlaneStrain(PoissonRatio), fem.Compression(m, 0, 1))
}

// model is the forward model of one worker.
type model struct {
	raster
	solver *fem.StaticSolver
	// Moduli of the cells relative to the gel: first the triangles, which are
	// gel, then the pixels.
	moduli []float64
	ux, uy []float64 // displacements at the points of the mesh; the raster's corners come first
}

func newModel(r raster, analysis *fem.Static) *model {
	m := analysis.Mesh()
	return &model{
		raster: r, solver: analysis.NewSolver(), moduli: make([]float64, m.Cells()),
		ux: make([]float64, m.Points()), uy: make([]float64, m.Points()),
	}
}

// phase sets y to the phase difference in the middle of each pixel, for the
// field x of the raster and a displacement of the top of top µm.
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
