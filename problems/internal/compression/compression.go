// Package compression is the common part of the problems of Sections 4.1.1 and
// 4.2.1: a block with a stiff circular inclusion is pressed between two smooth
// plates, and its vertical displacement is measured everywhere.
//
// The solid is incompressible and in plane stress, ∇·σ = 0 (Eq. 22) with σ =
// 2μ(ε + tr(ε) I), which is Eq. 21 after the pressure is eliminated by σ₃₃ = 0.
// u_y is given on the bottom and on the top, and u_x = 0 at the lower left
// corner; the rest of the boundary is free of traction. The elements are linear
// triangles on the grid of x, each rectangle cut by the diagonal from its lower
// left corner. μ is linear between the nodes, and y is u_y on the nodes.
package compression

import (
	"sync"

	"csdm/fem"
	"csdm/mesh"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Problem is a compression problem. It implements problems.Parametric and
// problems.Symmetric; its generators are of type *Generator.
type Problem struct {
	spec        problems.Spec
	prior       priors.CircularInclusion
	noise       priors.Measurement
	bottom, top float64

	analysis   func() (*fem.Static, error) // analysis of the mesh, made once
	resolution func() []float64            // resolution of the quantities, measured once
}

// New returns the problem with the given prior, upward displacements of the
// bottom and the top, and measurement. It sets the parts of spec that follow
// from the prior.
func New(spec problems.Spec, prior priors.CircularInclusion, bottom, top float64,
	noise priors.Measurement) (*Problem, error) {
	if err := prior.Validate(); err != nil {
		return nil, err
	}
	g := prior.Grid
	spec.Rows, spec.Cols, spec.YChannels = g.Rows, g.Cols, 1
	spec.Width, spec.Height = g.Width, g.Height
	spec.ImagesPerSimulation = 1
	least, most := min(1, prior.Ratio.Lo), max(1, prior.Ratio.Hi)
	spec.XRange = problems.Range{Min: least * prior.Background, Max: most * prior.Background}
	for _, v := range []struct {
		uniform    priors.Uniform
		name, unit string
	}{
		{prior.X, "center from the left", spec.LengthUnit},
		{prior.Y, "center from the bottom", spec.LengthUnit},
		{prior.Radius, "radius", spec.LengthUnit}, {prior.Ratio, "modulus ratio", ""},
	} {
		if !v.uniform.IsConstant() {
			spec.Variables = append(spec.Variables, problems.Variable{Name: v.name, Unit: v.unit})
		}
	}
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	p := &Problem{spec: spec, prior: prior, noise: noise, bottom: bottom, top: top}
	p.resolution = sync.OnceValue(p.measureResolution)
	p.analysis = sync.OnceValues(func() (*fem.Static, error) {
		m := mesh.Triangles(g.Rows, g.Cols, g.Width, g.Height)
		return fem.NewPlaneStress(m, fem.Compression(m, bottom, top))
	})
	return p, nil
}

// Spec implements problems.Problem.
func (p *Problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem.
func (p *Problem) Measurement() priors.Measurement { return p.noise }

// Box implements problems.Parametric.
func (p *Problem) Box() (lo, hi []float64) { return p.prior.Box() }

// Field implements problems.Parametric.
func (p *Problem) Field(x, theta []float64) { p.prior.Field(x, theta) }

// Disc returns the inclusion of variables theta.
func (p *Problem) Disc(theta []float64) priors.Disc { return p.prior.Disc(theta) }

// Latent implements problems.Parametric. It draws the variables in order from
// the stream (Prior, i).
func (p *Problem) Latent(theta []float64, seed, i uint64) {
	lo, hi := p.prior.Box()
	priors.Draw(theta, lo, hi, rng.New(seed, rng.Prior, i, 0))
}

// NewGenerator implements problems.Problem.
func (p *Problem) NewGenerator() (problems.Generator, error) {
	analysis, err := p.analysis()
	if err != nil {
		return nil, err
	}
	return &Generator{
		problem: p, solver: analysis.NewSolver(),
		theta: make([]float64, p.prior.Dim()), ux: make([]float64, p.spec.XLen()),
		uy: make([]float64, p.spec.XLen()), none: make([]float64, p.spec.XLen()),
	}, nil
}

// Generator makes pairs. It implements problems.Differentiable and
// problems.Simulator.
type Generator struct {
	problem *Problem
	solver  *fem.StaticSolver
	theta   []float64
	ux, uy  []float64 // of the last Forward; ux is not measured
	none    []float64 // zeros
}

// Pair implements problems.Generator.
func (g *Generator) Pair(x, y []float64, seed, i uint64) error {
	g.problem.Latent(g.theta, seed, i)
	return g.Simulate(x, y, g.theta)
}

// Simulate implements problems.Simulator.
func (g *Generator) Simulate(x, y, theta []float64) error {
	g.problem.Field(x, theta)
	return g.Forward(y, x)
}

// Forward implements problems.Forwarder. x is the shear modulus on the nodes,
// which must be positive.
func (g *Generator) Forward(y, x []float64) error {
	err := g.solver.SolveTo(g.ux, y, x)
	copy(g.uy, y)
	return err
}

// Adjoint implements problems.Differentiable.
func (g *Generator) Adjoint(gx, gy []float64) {
	g.solver.AdjointTo(gx, g.ux, g.uy, g.none, gy)
}

// Displacements sets ux and uy to both displacements of the nodes for the field
// x, for pictures of the deformed mesh.
func (g *Generator) Displacements(ux, uy, x []float64) error { return g.solver.SolveTo(ux, uy, x) }
