package duallayer

import (
	"context"
	"math"

	"csdm/fem"
	"csdm/mesh"
	"csdm/priors"
)

// settings are the settings of the finite elements.
type settings struct {
	Cells         int // cells of the mesh, along the radius and along the height
	StepsPerFrame int // time steps in a FrameInterval
	PoissonRatio  float64
}

// wave holds the data that all specimens share: the analysis of the mesh, and
// how frames are read from it. It is read-only.
type wave struct {
	settings
	mesh     *mesh.Mesh
	analysis *fem.Dynamics
	to       *fem.Interpolator
}

// newWave prepares the simulation of frames on the points of a grid.
func newWave(s settings, points mesh.Grid) (*wave, error) {
	m := mesh.Quads(s.Cells+1, s.Cells+1, Radius, Height)
	var bc fem.Dirichlet
	bc.Fix(m.Side(mesh.Left), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	scheme := fem.Newmark{Beta: 0.25, Gamma: 0.5, Step: FrameInterval / float64(s.StepsPerFrame)}
	analysis, err := fem.NewDynamics(m, fem.Axisymmetric(s.PoissonRatio), Density, push, bc, scheme)
	if err != nil {
		return nil, err
	}
	to, err := fem.NewGridInterpolator(m, points)
	if err != nil {
		return nil, err
	}
	return &wave{settings: s, mesh: m, analysis: analysis, to: to}, nil
}

// push sets b to the body force at (r, z), Eq. 24.
func push(b []float64, r, z float64) {
	dz := z - ForceCenter
	b[0], b[1] = 0, Force*math.Exp(-r*r/(2*ForceRadius*ForceRadius)-dz*dz/(2*ForceDepth*ForceDepth))
}

// pulseFrames is the length of the pulse in units of FrameInterval.
const pulseFrames = 2

// amplitude returns the factor of the body force at a step. With ½ at the end
// of the pulse, the trapezoidal rule of Newmark's average acceleration gives
// the impulse exactly.
func (w *wave) amplitude(step int) float64 {
	switch end := pulseFrames * w.StepsPerFrame; {
	case step < end:
		return 1
	case step == end:
		return 0.5
	}
	return 0
}

// newSolver returns a solver for one goroutine.
func (w *wave) newSolver() *waveSolver {
	return &waveSolver{w: w, solver: w.analysis.NewSolver(),
		moduli: make([]float64, w.mesh.Cells())}
}

type waveSolver struct {
	w      *wave
	solver *fem.DynamicsSolver
	moduli []float64
}

// frames sets y to u_z of the specimen, in mm, on the points at the times of
// the frames, without blur.
func (s *waveSolver) frames(y []float64, specimen priors.Layers) error {
	s.setModuli(specimen)
	return s.run(y)
}

// setModuli sets the modulus of each cell. In a cell that the interface cuts,
// the two parts carry the same shear stress, so their compliances are averaged.
// This makes y continuous in the height of the interface. Its error is smaller
// than with the arithmetic mean where a soft layer lies on a stiff one
// (TestCutCells).
func (s *waveSolver) setModuli(specimen priors.Layers) {
	half := Height / float64(s.w.Cells) / 2
	for c := range s.moduli {
		_, z := s.w.mesh.Center(c)
		below := specimen.Below(z-half, z+half)
		s.moduli[c] = 1 / (below/specimen.Bottom + (1-below)/specimen.Top)
	}
}

func (s *waveSolver) run(y []float64) error {
	w := s.w
	n := w.to.Len()
	last := (pulseFrames + Frames - 1) * w.StepsPerFrame
	return s.solver.Run(context.Background(), s.moduli, last, w.amplitude,
		func(step int, _, uz []float64) error {
			if frame := step/w.StepsPerFrame - pulseFrames; frame >= 0 &&
				step%w.StepsPerFrame == 0 {
				w.to.To(y[frame*n:(frame+1)*n], uz)
			}
			return nil
		})
}
