package spheroid

import (
	"fmt"
	"math"
	"sync"

	"csdm/fem"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Name is the problem's name.
const Name = "spheroid"

// The numbers of Section 4.2.3, in µm.
const (
	Window          = 256.0 // side of an image
	Domain          = 800.0 // side of the simulated gel
	Shift           = 20.0  // shift of a moved window, rounded down to whole pixels
	PoissonRatio    = 0.49
	RefractiveIndex = 1.4
	Wavelength      = 0.8

	defaultGrid = 256
)

// PhasePerLength is Δφ/u₂ of Eq. 25, in rad/µm.
const PhasePerLength = 4 * math.Pi * RefractiveIndex / Wavelength

// prior returns Table 11.
func prior() priors.SpheroidPrior {
	return priors.SpheroidPrior{
		Width: priors.TruncatedNormal{Mean: 105, Std: 8.33, Lo: 80, Hi: 130},
		Ratio: priors.TruncatedNormal{Mean: 0.90, Std: 0.0167, Lo: 0.85, Hi: 0.95},
		X:     priors.TruncatedNormal{Mean: 0, Std: 13.33, Lo: -40, Hi: 40},
		Y:     priors.TruncatedNormal{Mean: 0, Std: 13.33, Lo: -40, Hi: 40},
		// per µm²
		Density: priors.TruncatedNormal{Mean: 4750e-6, Std: 250e-6, Lo: 4000e-6, Hi: 5500e-6},
		Nuclei: priors.NucleiPacking{
			Radius: priors.TruncatedNormal{Mean: 7.5, Std: 0.5, Lo: 6, Hi: 9},
			Gap:    2, Raster: 1,
		},
		Nucleus:   priors.TruncatedNormal{Mean: 32.5, Std: 5.833, Lo: 15, Hi: 50},
		Cytoplasm: priors.TruncatedNormal{Mean: 10, Std: 1.67, Lo: 5, Hi: 15},
		Gel:       priors.TruncatedNormal{Mean: 7.5, Std: 0.833, Lo: 5, Hi: 10},
	}
}

// displacement returns the distribution of u₂ on the top edge, in µm: the last
// line of Table 11.
func displacement() priors.TruncatedNormal {
	return priors.TruncatedNormal{Mean: -2.2, Std: 0.6, Lo: -4, Hi: -0.4}
}

// Problem is the spheroid problem.
type Problem struct {
	spec         problems.Spec
	prior        priors.SpheroidPrior
	displacement priors.TruncatedNormal
	noise        priors.Measurement
	raster       raster
	analysis     func() (*fem.Static, error) // of the mesh with the top moved by 1 µm, made once
}

// New returns the problem for the given options: a grid of 256, 128, 64 or 32
// pixels per side.
func New(o problems.Options) (*Problem, error) {
	o, err := o.Resolve(Name, problems.Options{Grid: defaultGrid})
	if err != nil {
		return nil, err
	}
	switch o.Grid {
	case 32, 64, 128, 256:
	default:
		return nil, &problems.OptionError{Problem: Name, Option: "grid", Value: float64(o.Grid),
			Reason: "must be 32, 64, 128 or 256 pixels"}
	}
	r := newRaster(o.Grid)
	p := &Problem{prior: prior(), displacement: displacement(), raster: r,
		analysis: sync.OnceValues(r.analyze)}
	if err := p.prior.Validate(); err != nil {
		return nil, err
	}
	p.noise = priors.Sequence{
		priors.PhaseNoise{
			Rows: o.Grid, Cols: o.Grid, Pixel: r.pixel,
			Signal: priors.ConfocalProfile{Peak: 20, Focus: Window / 2, Rayleigh: 60,
				Attenuation: 1e-3},
		},
		priors.Wrap{},
	}
	least, most := min(p.prior.Cytoplasm.Lo, p.prior.Nucleus.Lo),
		max(p.prior.Cytoplasm.Hi, p.prior.Nucleus.Hi)
	extent := Window - r.pixel
	p.spec = problems.Spec{
		Name: Name, Title: "Tumor spheroid under a microscope", Section: "4.2.3", Options: o,
		Rows: o.Grid, Cols: o.Grid, YChannels: 1, Width: extent, Height: extent, LengthUnit: "µm",
		XName: "relative modulus", XUnit: "decades",
		XLabel: "log_{10}(*E*/*E*_{gel})", YName: "phase difference", YUnit: "rad",
		XRange: problems.Range{Min: math.Log10(least / p.prior.Gel.Hi),
			Max: math.Log10(most / p.prior.Gel.Lo)},
		ImagesPerSimulation: len(views),
	}
	return p, p.spec.Validate()
}

// Spec implements problems.Problem.
func (p *Problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem.
func (p *Problem) Measurement() priors.Measurement { return p.noise }

// Specimen describes the specimen of one simulation.
type Specimen struct {
	priors.Spheroid         // µm from the middle of the window, kPa
	Displacement    float64 // displacement of the top edge, upward, in µm
}

// Specimen returns the specimen of a simulation of the seed, to which pairs
// 6·simulation to 6·simulation + 5 belong. It is the same for all grids.
func (p *Problem) Specimen(seed, simulation uint64) Specimen {
	return Specimen{
		Spheroid:     p.prior.Draw(rng.New(seed, rng.Prior, simulation, 0)),
		Displacement: p.top(seed, simulation),
	}
}

// top returns the displacement of the top edge in a simulation.
func (p *Problem) top(seed, simulation uint64) float64 {
	return p.displacement.Draw(rng.New(seed, rng.Prior, simulation, 1))
}

// NewGenerator implements problems.Problem; generators are of type *Generator.
func (p *Problem) NewGenerator() (problems.Generator, error) {
	analysis, err := p.analysis()
	if err != nil {
		return nil, err
	}
	return newGenerator(p, analysis), nil
}

// Generator makes pairs. It keeps its last simulation for the other images of
// it.
type Generator struct {
	problem *Problem
	model   *model
	kept    bool // simulation of seed is in x and y
	seed    uint64
	sim     uint64
	x, y    []float64 // fields of the raster
}

func newGenerator(p *Problem, analysis *fem.Static) *Generator {
	n := p.raster.pixels()
	return &Generator{problem: p, model: newModel(p.raster, analysis), x: make([]float64, n),
		y: make([]float64, n)}
}

// Pair implements problems.Generator.
func (g *Generator) Pair(x, y []float64, seed, i uint64) error {
	images := uint64(len(views))
	if err := g.simulate(seed, i/images); err != nil {
		return fmt.Errorf("simulation %d: %w", i/images, err)
	}
	g.problem.raster.view(x, g.x, int(i%images))
	g.problem.raster.view(y, g.y, int(i%images))
	return nil
}

// simulate computes x and y of a simulation on the raster, unless it is the
// last one computed.
func (g *Generator) simulate(seed, sim uint64) error {
	if g.kept && g.seed == seed && g.sim == sim {
		return nil
	}
	g.kept = false
	specimen := g.problem.Specimen(seed, sim)
	g.problem.raster.field(g.x, &specimen.Spheroid)
	if err := g.model.phase(g.y, g.x, specimen.Displacement); err != nil {
		return err
	}
	g.kept, g.seed, g.sim = true, seed, sim
	return nil
}
