package opticnerve

import (
	"sync"

	"csdm/fem"
	"csdm/mesh"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Name is the problem's name.
const Name = "opticnerve"

// The numbers of Section 4.1.2, in mm, kPa and s.
const (
	Side      = 1.75 // of the region of interest
	Spacing   = Side / (regionNodes - 1)
	UMax      = 0.02 // value of u_R on the axis; noise in percent refers to it
	Frequency = 2500 // Hz
	Alpha     = 5e-5 // s
	Density   = 1e-6 // kPa s²/mm², which is 1000 kg/m³

	regionNodes  = 64 // per side of the region
	columns      = 160
	rows         = 192
	below        = 64 // rows of the mesh below the region
	defaultNoise = 4  // percent
)

// Domain returns the rectangle of the wave, in mm: x = 0 is the left side of
// the region of interest, which lies between y = Side and y = 2·Side; the axis
// is x = Side.
func Domain() priors.OpticNerveHead {
	return priors.OpticNerveHead{Left: Side - (columns-1)*Spacing, Right: Side, Bottom: -Spacing,
		Top: (rows - 2) * Spacing}
}

// Problem is the problem of Section 4.1.2. It implements problems.Quantified;
// its generators are of type *Generator.
type Problem struct {
	spec   problems.Spec
	noise  priors.Measurement
	prior  priors.OpticNerveHead
	nodes  priors.Grid // of the mesh
	x0, y0 float64     // lower left corner of the mesh
	row    int         // first row of the region; its columns are the last ones

	analysis func() (*fem.Helmholtz, error) // analysis of the mesh, made once
}

// New returns the problem for the given options: Grid 64, the default, or Grid
// 32, which uses every second node of the mesh and of the region; and any
// positive noise.
func New(o problems.Options) (*Problem, error) {
	o, err := o.Resolve(Name, problems.Options{Grid: regionNodes, NoisePercent: defaultNoise})
	if err != nil {
		return nil, err
	}
	if o.Grid != regionNodes && o.Grid != regionNodes/2 {
		return nil, &problems.OptionError{
			Problem: Name, Option: "grid", Value: float64(o.Grid),
			Reason: "the mesh has 64 nodes a side of the region, or 32 with every second one " +
				"left out",
		}
	}
	step := regionNodes / o.Grid
	h := Spacing * float64(step)
	side := float64(o.Grid-1) * h
	p := &Problem{
		spec: problems.Spec{
			Name: Name, Title: "Optic nerve head under a harmonic shear wave", Section: "4.1.2",
			Options: o,
			Rows:    o.Grid, Cols: o.Grid, YChannels: 2, Width: side, Height: side,
			LengthUnit: "mm",
			XName:      "shear modulus", XUnit: "kPa", YName: "displacement", YUnit: "mm",
			YChannelNames: []string{"real part *u*_{R}", "imaginary part *u*_{I}"},
			XRange:        problems.Range{Min: 0, Max: priors.MaxModulus}, ImagesPerSimulation: 1,
		},
		noise: priors.Gaussian{Std: o.NoisePercent / 100 * UMax},
		prior: Domain(),
		nodes: priors.Grid{Rows: rows / step, Cols: columns / step},
		row:   below / step,
	}
	p.nodes.Width, p.nodes.Height = float64(p.nodes.Cols-1)*h, float64(p.nodes.Rows-1)*h
	p.x0, p.y0 = Side-p.nodes.Width, -Spacing
	if err := p.spec.Validate(); err != nil {
		return nil, err
	}
	p.analysis = sync.OnceValues(func() (*fem.Helmholtz, error) {
		m := p.Mesh()
		wave := fem.Wave{Frequency: Frequency, Alpha: Alpha, Density: Density}
		return fem.NewHelmholtz(m, wave, boundary(m))
	})
	return p, nil
}

// boundary returns the boundary conditions: u = UMax on the axis with its ends,
// and u = 0 on the three other sides.
func boundary(m *mesh.Mesh) (bc fem.Dirichlet) {
	driven := m.Side(mesh.Right)
	bc.Fix(driven, 0, UMax)
	ends := map[int32]bool{driven[0]: true, driven[len(driven)-1]: true}
	for _, side := range []int32{mesh.Bottom, mesh.Top, mesh.Left} {
		for _, q := range m.Side(side) {
			if !ends[q] {
				bc = append(bc, fem.Fixed{Point: int(q), Value: 0})
			}
		}
	}
	return bc
}

// Spec implements problems.Problem.
func (p *Problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem.
func (p *Problem) Measurement() priors.Measurement { return p.noise }

// Mesh returns the mesh of the whole domain in its position. Node (row, col) of
// a field of the region is its point (Spec().Rows + row)·Cols + Cols −
// Spec().Cols + col, where Cols = Mesh().Grid.Cols.
func (p *Problem) Mesh() *mesh.Mesh {
	m := mesh.Triangles(p.nodes.Rows, p.nodes.Cols, p.nodes.Width, p.nodes.Height)
	m.Translate(p.x0, p.y0)
	return m
}

// Driven implements problems.Driven: the axis, which is the last column of the
// region.
func (p *Problem) Driven() (places []int, values []float64) {
	for part, value := range []float64{UMax, 0} {
		for r := range p.spec.Rows {
			places = append(places, (part*p.spec.Rows+r+1)*p.spec.Cols-1)
			values = append(values, value)
		}
	}
	return places, values
}

// Anatomy returns the optic nerve head of pair i, from the stream (Prior, i).
func (p *Problem) Anatomy(seed, i uint64) *priors.Anatomy {
	return p.prior.Draw(rng.New(seed, rng.Prior, i, 0))
}

// NewGenerator implements problems.Problem.
func (p *Problem) NewGenerator() (problems.Generator, error) {
	analysis, err := p.analysis()
	if err != nil {
		return nil, err
	}
	n := p.nodes.Nodes()
	return &Generator{
		problem: p, solver: analysis.NewSolver(), tissue: make([]priors.Tissue, n),
		mu: make([]float64, n), re: make([]float64, n), im: make([]float64, n),
	}, nil
}

// Generator makes pairs.
type Generator struct {
	problem *Problem
	solver  *fem.HelmholtzSolver
	tissue  []priors.Tissue
	mu      []float64
	re, im  []float64
	anatomy priors.Anatomy // of the last variables
}

// Pair implements problems.Generator.
func (g *Generator) Pair(x, y []float64, seed, i uint64) error {
	return g.simulate(x, y, g.problem.Anatomy(seed, i), true)
}

// Simulate implements problems.Simulator.
func (g *Generator) Simulate(x, y, theta []float64) error {
	g.anatomy.SetValues(theta)
	return g.simulate(x, y, &g.anatomy, true)
}

// SimulateWhole implements problems.Masked.
func (g *Generator) SimulateWhole(x, y, theta []float64) error {
	g.anatomy.SetValues(theta)
	return g.simulate(x, y, &g.anatomy, false)
}

// Shown implements problems.Masked: the background is not shown.
func (g *Generator) Shown(dst []bool, pixels []int, theta []float64) {
	p := g.problem
	g.anatomy.SetValues(theta)
	section := p.prior.Section(&g.anatomy)
	for i, k := range pixels {
		row, col := p.row+k/p.spec.Cols, p.nodes.Cols-p.spec.Cols+k%p.spec.Cols
		dst[i] = section.Tissue(p.x0+p.nodes.X(col), p.y0+p.nodes.Y(row)) != priors.Background
	}
}

// simulate sets x and y to the pair of an optic nerve head. With masked, y is 0
// in the background.
func (g *Generator) simulate(x, y []float64, a *priors.Anatomy, masked bool) error {
	p := g.problem
	p.prior.Section(a).Rasterize(g.tissue, p.nodes, p.x0, p.y0)
	for k, t := range g.tissue {
		g.mu[k] = a.Moduli[t]
	}
	if err := g.Solve(g.re, g.im, g.mu); err != nil {
		return err
	}
	n := p.spec.XLen()
	for r := range p.spec.Rows {
		for c := range p.spec.Cols {
			k, from := r*p.spec.Cols+c, (p.row+r)*p.nodes.Cols+p.nodes.Cols-p.spec.Cols+c
			x[k], y[k], y[n+k] = g.mu[from], g.re[from], g.im[from]
			if masked && g.tissue[from] == priors.Background {
				y[k], y[n+k] = 0, 0
			}
		}
	}
	return nil
}

// Solve sets re and im to the displacement of the wave on the whole mesh, in
// mm, for the moduli mu at its points, in kPa, which must be positive. The mesh
// has no background, and the result is not masked.
func (g *Generator) Solve(re, im, mu []float64) error { return g.solver.SolveTo(re, im, mu) }
