package duallayer

import (
	"fmt"
	"sync"

	"csdm/mesh"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Name is the problem's name.
const Name = "duallayer"

// The numbers of Section 4.2.2, in mm, ms and kPa.
const (
	Radius = 5.0 // of the specimen
	Height = 4.0
	Window = 3.9 // side of the visible part, from the axis and from the bottom

	Density      = 1.0 // mg/mm³, which is 1000 kg/m³
	PoissonRatio = 0.495

	Force       = 0.5 // kPa/mm, which is 5·10⁵ N/m³
	ForceRadius = 0.2 // l₁
	ForceDepth  = 0.6 // l₂
	ForceCenter = 2.6 // s₂
	Pulse       = 0.2 // ms; the first frame is taken at its end

	Frames        = 10
	FrameInterval = 0.1 // ms

	BlurPixels = 6.0 // full width at half maximum of the blur, in pixels of the grid of 64
	NoiseStd   = 5e-5
	UMax       = Force * Pulse * Pulse / (2 * Density) // 0.01 mm; noise in percent refers to it

	fullGrid = 64
	tinyGrid = 32
)

// The model error, which changes the simulated specimen into the specimen of
// the pair's x.
var (
	modulusScale   = priors.Uniform{Lo: 0.8, Hi: 1.2}
	interfaceShift = priors.Uniform{Lo: -0.2, Hi: 0.2}
)

// settingsOf holds the settings of the finite elements for each grid.
var settingsOf = map[int]settings{
	fullGrid: {Cells: 64, StepsPerFrame: 20, PoissonRatio: PoissonRatio},
	tinyGrid: {Cells: 48, StepsPerFrame: 10, PoissonRatio: PoissonRatio},
}

// Problem is the problem for one choice of options. It implements
// problems.Marginal, problems.Averaged and problems.Quantified; its generators
// are of type *Generator.
type Problem struct {
	spec  problems.Spec
	prior priors.TwoLayers // of the simulated specimen
	noise priors.Gaussian
	blur  priors.Blur

	wave func() (*wave, error) // shared by all specimens, made once
}

// New returns the problem for the given options: a grid of 64 or 32, and noise
// in percent of UMax, by default NoiseStd.
func New(o problems.Options) (*Problem, error) {
	o, err := o.Resolve(Name, problems.Options{Grid: fullGrid, NoisePercent: 100 * NoiseStd / UMax})
	if err != nil {
		return nil, err
	}
	elements, ok := settingsOf[o.Grid]
	if !ok {
		return nil, &problems.OptionError{Problem: Name, Option: "grid", Value: float64(o.Grid),
			Reason: "must be 64 or 32"}
	}
	p := &Problem{
		prior: priors.TwoLayers{
			Grid: priors.Grid{Rows: o.Grid, Cols: o.Grid, Width: Window, Height: Window},
			Top:  priors.Uniform{Lo: 1, Hi: 25}, Bottom: priors.Uniform{Lo: 1, Hi: 25},
			Interface: priors.Uniform{Lo: 2, Hi: 3.6},
		},
		noise: priors.Gaussian{Std: o.NoisePercent / 100 * UMax},
		blur: priors.Blur{Rows: o.Grid, Cols: o.Grid,
			FWHM: BlurPixels * float64(o.Grid-1) / (fullGrid - 1)},
	}
	if err := p.prior.Validate(); err != nil {
		return nil, err
	}
	if err := p.blur.Validate(); err != nil {
		return nil, err
	}
	p.spec = problems.Spec{
		Name: Name, Title: "Shear wave in a gel of two layers", Section: "4.2.2", Options: o,
		Rows: o.Grid, Cols: o.Grid, YChannels: Frames, Width: Window, Height: Window,
		LengthUnit: "mm",
		XName:      "Young's modulus", XUnit: "kPa", YName: "vertical displacement", YUnit: "mm",
		XRange: problems.Range{
			Min: modulusScale.Lo * min(p.prior.Top.Lo, p.prior.Bottom.Lo),
			Max: modulusScale.Hi * max(p.prior.Top.Hi, p.prior.Bottom.Hi),
		},
		ImagesPerSimulation: 1,
		Variables: []problems.Variable{
			{Name: "simulated modulus of the top layer", Unit: "kPa"},
			{Name: "simulated modulus of the bottom layer", Unit: "kPa"},
			{Name: "simulated height of the interface", Unit: "mm"},
			{Name: "scale of the top modulus"}, {Name: "scale of the bottom modulus"},
			{Name: "shift of the interface", Unit: "mm"},
		},
	}
	for frame := range Frames {
		p.spec.YChannelNames = append(p.spec.YChannelNames,
			fmt.Sprintf("%.1f ms", Pulse+float64(frame)*FrameInterval))
	}
	if err := p.spec.Validate(); err != nil {
		return nil, err
	}
	spacing := Window / float64(o.Grid-1)
	points := mesh.Grid{Rows: o.Grid, Cols: o.Grid, DX: spacing, DY: spacing}
	p.wave = sync.OnceValues(func() (*wave, error) { return newWave(elements, points) })
	return p, nil
}

// Spec implements problems.Problem.
func (p *Problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem. It is the noise alone.
func (p *Problem) Measurement() priors.Measurement { return p.noise }

// Box implements problems.Parametric.
func (p *Problem) Box() (lo, hi []float64) {
	lo, hi = p.prior.Box()
	for _, u := range []priors.Uniform{modulusScale, modulusScale, interfaceShift} {
		lo, hi = append(lo, u.Lo), append(hi, u.Hi)
	}
	return lo, hi
}

// Latent implements problems.Parametric. The simulated specimen comes from the
// stream (Prior, i), the model error from (Shift, i).
func (p *Problem) Latent(theta []float64, seed, i uint64) {
	lo, hi := p.Box()
	priors.Draw(theta[:3], lo[:3], hi[:3], rng.New(seed, rng.Prior, i, 0))
	priors.Draw(theta[3:], lo[3:], hi[3:], rng.New(seed, rng.Shift, i, 0))
}

// Smooth implements problems.Smooth: cells that the interface cuts have the
// mean compliance of their parts, so y is continuous in its height.
func (p *Problem) Smooth() {}

// Simulated returns the specimen of variables theta whose displacements are in
// y, with moduli in kPa.
func (p *Problem) Simulated(theta []float64) priors.Layers { return p.prior.Layers(theta[:3]) }

// Paired returns the specimen of variables theta that is in x: the simulated
// one with the model error.
func (p *Problem) Paired(theta []float64) priors.Layers {
	l := p.Simulated(theta)
	return priors.Layers{Top: l.Top * theta[3], Bottom: l.Bottom * theta[4],
		Interface: l.Interface + theta[5]}
}

// Field implements problems.Parametric.
func (p *Problem) Field(x, theta []float64) { p.Paired(theta).Rasterize(x, p.prior.Grid) }

// NewGenerator implements problems.Problem.
func (p *Problem) NewGenerator() (problems.Generator, error) {
	w, err := p.wave()
	if err != nil {
		return nil, err
	}
	return &Generator{problem: p, solver: w.newSolver(),
		theta: make([]float64, len(p.spec.Variables))}, nil
}

// Generator makes pairs. It implements problems.Simulator. It is not a
// problems.Forwarder: because of the model error, x does not determine y.
type Generator struct {
	problem *Problem
	solver  *waveSolver
	theta   []float64
}

// Pair implements problems.Generator.
func (g *Generator) Pair(x, y []float64, seed, i uint64) error {
	g.problem.Latent(g.theta, seed, i)
	return g.Simulate(x, y, g.theta)
}

// Simulate implements problems.Simulator. The simulated moduli must be
// positive; otherwise the error is a *fem.ModulusError.
func (g *Generator) Simulate(x, y, theta []float64) error {
	g.problem.Field(x, theta)
	if err := g.solver.frames(y, g.problem.Simulated(theta)); err != nil {
		return err
	}
	g.problem.blur.Apply(y, y)
	return nil
}
