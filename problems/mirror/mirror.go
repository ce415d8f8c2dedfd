package mirror

import (
	"slices"
	"sync"

	"csdm/fem"
	"csdm/mesh"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// The problems' names.
const (
	Name       = "mirror"        // the sides are equally probable
	UnevenName = "mirror-uneven" // the left side has a probability of a quarter
)

const (
	side       = 1.0  // cm
	uMax       = 0.01 // displacement of the top, downward
	radius     = 0.12
	background = 0.1 // kPa
	inclusion  = 1.5

	least, most = 0.2, 0.35 // distance of the center from its side
	low, high   = 0.2, 0.8  // from the bottom

	defaultGrid  = 56
	defaultNoise = 5 // percent
)

// Problem is the problem of an inclusion or its mirror image.
type Problem struct {
	spec  problems.Spec
	grid  priors.Grid
	noise priors.Gaussian
	left  float64 // probability of the left side

	analysis func() (*fem.Static, error) // of the mesh, made once
}

// New returns the problem with equally probable sides for the given options:
// any grid of at least 8 nodes per side, and any positive noise.
func New(o problems.Options) (*Problem, error) { return construct(Name, 0.5, o) }

// NewUneven returns the problem in which the left side has a probability of a
// quarter. The options are the same as for New.
func NewUneven(o problems.Options) (*Problem, error) { return construct(UnevenName, 0.25, o) }

func construct(name string, left float64, o problems.Options) (*Problem, error) {
	o, err := o.Resolve(name, problems.Options{Grid: defaultGrid, NoisePercent: defaultNoise})
	if err != nil {
		return nil, err
	}
	n := o.Grid
	return &Problem{left: left, noise: priors.Gaussian{Std: o.NoisePercent / 100 * uMax},
		grid: priors.Grid{Rows: n, Cols: n, Width: side, Height: side},
		spec: problems.Spec{Name: name, Title: "Stiff inclusion or its mirror image", Options: o,
			Rows: n, Cols: n, YChannels: 1, Width: side, Height: side, LengthUnit: "cm",
			XName: "shear modulus", XUnit: "kPa",
			YName: "mean vertical displacement of mirrored places", YUnit: "cm",
			XRange: problems.Range{Min: background, Max: inclusion}, ImagesPerSimulation: 1,
			Variables: []problems.Variable{{Name: "place along both sides"},
				{Name: "center from the bottom", Unit: "cm"}}},
		analysis: sync.OnceValues(func() (*fem.Static, error) {
			m := mesh.Crossed(n, n, side, side)
			return fem.NewPlaneStress(m, fem.Compression(m, 0, -uMax))
		})}, nil
}

// Spec implements problems.Problem.
func (p *Problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem.
func (p *Problem) Measurement() priors.Measurement { return p.noise }

// Box implements problems.Parametric.
func (p *Problem) Box() (lo, hi []float64) { return []float64{0, low}, []float64{1, high} }

// Latent implements problems.Parametric. It draws the variables in order from
// the stream (Prior, i).
func (p *Problem) Latent(theta []float64, seed, i uint64) {
	lo, hi := p.Box()
	priors.Draw(theta, lo, hi, rng.New(seed, rng.Prior, i, 0))
}

// Field implements problems.Parametric.
func (p *Problem) Field(x, theta []float64) {
	share, right := theta[0]/p.left, theta[0] > p.left
	if right {
		share = (theta[0] - p.left) / (1 - p.left)
	}
	priors.Disc{X: least + share*(most-least), Y: theta[1], Radius: radius, Inside: inclusion,
		Outside: background}.Rasterize(x, p.grid)
	if right { // the mirror image, node by node
		for row := range p.grid.Rows {
			slices.Reverse(x[row*p.grid.Cols : (row+1)*p.grid.Cols])
		}
	}
}

// Multimodal implements problems.Multimodal.
func (p *Problem) Multimodal() {}

// ModeWeights implements problems.Modal. The modes are the left and the right
// side.
func (p *Problem) ModeWeights() []float64 { return []float64{p.left, 1 - p.left} }

// ModeShares implements problems.Modal: the shares of the halves in the sum of
// x over the background. An inclusion and its mirror image have equal sums.
func (p *Problem) ModeShares(dst, x []float64) {
	clear(dst)
	cols := p.grid.Cols
	for k, v := range x {
		switch col := k % cols; {
		case 2*col < cols-1:
			dst[0] += v - background
		case 2*col > cols-1:
			dst[1] += v - background
		}
	}
	total := dst[0] + dst[1] // NaN for a field without an inclusion
	dst[0], dst[1] = dst[0]/total, dst[1]/total
}

// NewGenerator implements problems.Problem. The result is a problems.Simulator
// and a problems.Forwarder.
func (p *Problem) NewGenerator() (problems.Generator, error) {
	analysis, err := p.analysis()
	if err != nil {
		return nil, err
	}
	points := analysis.Mesh().Points()
	return &generator{problem: p, solver: analysis.NewSolver(), theta: make([]float64, 2),
		moduli: make([]float64, points), ux: make([]float64, points),
		uy: make([]float64, points)}, nil
}

type generator struct {
	problem        *Problem
	solver         *fem.StaticSolver
	theta          []float64
	moduli, ux, uy []float64 // at the points of the mesh: the nodes, then the middles
}

// Pair implements problems.Generator.
func (g *generator) Pair(x, y []float64, seed, i uint64) error {
	g.problem.Latent(g.theta, seed, i)
	return g.Simulate(x, y, g.theta)
}

// Simulate implements problems.Simulator.
func (g *generator) Simulate(x, y, theta []float64) error {
	g.problem.Field(x, theta)
	return g.Forward(y, x)
}

// Forward implements problems.Forwarder. x is the shear modulus on the nodes,
// which must be positive. In the middle of a rectangle it is the mean of the
// corners.
func (g *generator) Forward(y, x []float64) error {
	cols := g.problem.grid.Cols
	copy(g.moduli, x)
	for i := range g.moduli[len(x):] {
		at := i/(cols-1)*cols + i%(cols-1)
		g.moduli[len(x)+i] = ((x[at] + x[at+1]) + (x[at+cols] + x[at+cols+1])) / 4
	}
	if err := g.solver.SolveTo(g.ux, g.uy, g.moduli); err != nil {
		return err
	}
	for k := range y {
		row, col := k/cols, k%cols
		y[k] = (g.uy[k] + g.uy[row*cols+cols-1-col]) / 2
	}
	return nil
}
