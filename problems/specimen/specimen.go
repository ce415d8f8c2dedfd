package specimen

import (
	"sync"

	"csdm/internal/identity"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Problem is the problem of a definition. It implements problems.Quantified,
// and problems.Smooth unless limits between moduli are sharp.
//
// The types below add the methods of interfaces that only some definitions
// satisfy: an interface cannot be implemented depending on a value.
type Problem struct {
	definition *Definition
	prior      *prior
	sensors    []sensor // empty: y has values at all nodes
	spec       problems.Spec
	fine       *prior // painted on the mesh; nil: y is a function of the field
	noise      priors.Measurement
	inclusion  *quantities // nil: not one inclusion
	stated     *functionals
	analysis   func() (*analysis, error) // made once
}

// New returns the problem of a definition. The grid comes from the file; noise
// may be given in percent of the largest displacement of an edge. Errors about
// options are *problems.OptionError.
//
// The matrix of the forward model is analyzed at the first generator, so that a
// problem whose spec alone is needed costs little.
func New(d *Definition, o problems.Options) (problems.Problem, error) {
	made, err := newPrior(d)
	if err != nil {
		return nil, err
	}
	scale := d.scale()
	grid := min(d.Grid.Rows, d.Grid.Cols)
	if o.Grid != 0 && o.Grid != grid {
		return nil, &problems.OptionError{Problem: d.Name, Option: "grid", Value: float64(o.Grid),
			Reason: "its grid is in its file: grid.rows and grid.cols"}
	}
	std, percent := d.Noise.Std, 100*d.Noise.Std/scale
	if o.NoisePercent != 0 && o.NoisePercent != percent {
		if !(o.NoisePercent > 0) || o.NoisePercent > 1e4 {
			return nil, &problems.OptionError{Problem: d.Name, Option: "noise",
				Value: o.NoisePercent, Reason: "must be positive, at most 10000"}
		}
		percent = o.NoisePercent
		std = percent / 100 * scale
	}
	p := &Problem{definition: d, prior: made, spec: problems.Spec{
		Name: d.Name, Title: d.Title, Section: "specimen",
		Options: problems.Options{Grid: grid, NoisePercent: percent},
		Rows:    d.Grid.Rows, Cols: d.Grid.Cols, YChannels: len(d.Measurement.Components),
		Width: d.Grid.Width, Height: d.Grid.Height, LengthUnit: d.Grid.Unit,
		YName: d.measures(), YUnit: d.measuredUnit(),
		ImagesPerSimulation: 1, Variables: made.names(),
	}}
	p.nameFields()
	if p.spec.YChannels > 1 {
		p.spec.YChannelNames = d.Measurement.Components
		if d.Physics.Kind == helmholtz {
			p.spec.YChannelNames = []string{outputNames["real"], outputNames["imag"]}
		}
	}
	if err := p.spec.Validate(); err != nil {
		return nil, err
	}
	if p.sensors, err = d.newSensors(); err != nil {
		return nil, err
	}
	p.spec.Sensors = nodes(p.sensors)
	p.spec.YRows, p.spec.YCols = d.Measurement.Rows, d.Measurement.Cols
	noise, err := d.newMeasurement(std, p.sensors)
	if err != nil {
		return nil, err
	}
	if p.noise = noise; len(p.sensors) > 0 {
		p.noise = priors.NewPartial(noise, p.spec.MeasuredPlaces())
	}
	p.fine = made.onCells(d)
	p.analysis = sync.OnceValues(func() (*analysis, error) {
		return d.analyze(d.newMesh(), d.prescribed)
	})
	return p.as()
}

// nameFields sets names, units and ranges of x.
//
// With two fields XRange is [0, 1], since each field has a range of its own.
func (p *Problem) nameFields() {
	d, s := p.definition, &p.spec
	name := equations[d.Physics.Kind].modulus
	s.XName, s.XUnit = p.prior.transform.name(name, d.Prior.Unit)
	s.XRange = p.prior.limits(&p.prior.property)
	of, given := d.second()
	if given == nil {
		return
	}
	s.XFields = []problems.Field{{Name: s.XName, Unit: s.XUnit, Range: s.XRange}, {}}
	second := &s.XFields[1]
	second.Name, second.Unit = p.prior.second.transform.name(of.name, given.Unit)
	second.Range = p.prior.limits(p.prior.second)
	s.XName, s.XUnit, s.XRange = s.XName+" and "+second.Name, "", problems.Range{Max: 1}
}

// scale returns the scale of y: the largest displacement of an edge, over the
// height if y is a strain.
//
// Noise in percent is relative to it, as in the paper, whose u_max is the
// largest displacement.
func (d *Definition) scale() float64 {
	most := 0.0
	for _, e := range d.Edges.list() {
		if v, ok := number(*e.condition); ok {
			most = max(most, v, -v)
		}
		side := d.Edges.Measured[e.name]
		for _, unknown := range d.unknowns() {
			for _, v := range side.of(unknown) {
				most = max(most, v, -v)
			}
		}
	}
	if isStrain(d.Measurement.Components[0]) {
		most /= d.Grid.Height
	}
	if most == 0 {
		return 1
	}
	return most
}

// measures returns the name of y.
func (d *Definition) measures() string {
	names := d.Measurement.Components
	switch {
	case len(names) == 1 && d.Physics.Kind == helmholtz:
		return outputNames[names[0]] + " of the displacement"
	case len(names) == 1:
		return outputNames[names[0]]
	case isStrain(names[0]):
		return "strain"
	}
	return "displacement"
}

// measuredUnit returns the unit of y.
func (d *Definition) measuredUnit() string {
	if isStrain(d.Measurement.Components[0]) {
		return d.Grid.Unit + "/" + d.Grid.Unit
	}
	return d.Grid.Unit
}

// smooth is a Problem whose y is a continuous function of θ.
type smooth struct{ *Problem }

// Smooth implements problems.Smooth.
func (smooth) Smooth() {}

// several is a Problem with several inclusions, whose order is arbitrary.
type several struct{ *Problem }

// Multimodal implements problems.Multimodal.
func (several) Multimodal() {}

// severalSmooth is several, and its y is a continuous function of θ.
type severalSmooth struct{ several }

// Smooth implements problems.Smooth.
func (severalSmooth) Smooth() {}

// single is a Problem with one inclusion, whose quantities can be measured.
type single struct{ *Problem }

// Inspect implements problems.Inspected.
func (s single) Inspect(x []float64) problems.Regions { return s.inclusion.Inspect(x) }

// singleSmooth is single, and its y is a continuous function of θ.
type singleSmooth struct{ single }

// Smooth implements problems.Smooth.
func (singleSmooth) Smooth() {}

// as returns the problem with the methods that apply to it, after it has set
// its quantities.
//
// The four combinations of continuous and multimodal, and the two with one
// inclusion, are six types.
func (p *Problem) as() (problems.Problem, error) {
	var err error
	if p.stated, err = newFunctionals(p.definition, p.prior); err != nil {
		return nil, err
	}
	continuous, multimodal := true, false
	for _, q := range p.prior.properties() {
		continuous = continuous && q.pattern.smooth()
		multimodal = multimodal || q.pattern.multimodal()
	}
	if c, ok := p.prior.pattern.(*inclusions); ok && len(c.shapes) == 1 && c.count < 0 &&
		!multimodal {
		p.stated.addDefaults(p.definition, true)
		if p.inclusion, err = newQuantities(p, &c.shapes[0]); err != nil {
			return nil, err
		}
		if continuous {
			return singleSmooth{single{p}}, nil
		}
		return single{p}, nil
	}
	p.stated.addDefaults(p.definition, false)
	switch several := (several{p}); {
	case multimodal && continuous:
		return severalSmooth{several}, nil
	case multimodal:
		return several, nil
	case continuous:
		return smooth{p}, nil
	}
	return p, nil
}

// Quantities implements problems.Quantified: the quantities of the inclusion,
// if there is one, and those that the file defines.
func (p *Problem) Quantities() (all []problems.Variable) {
	if p.inclusion != nil {
		all = p.inclusion.Quantities()
	}
	return append(all, p.stated.Quantities()...)
}

// Quantify implements problems.Quantified.
//
// dst begins with the quantities of the inclusion.
func (p *Problem) Quantify(dst, x []float64) {
	stated := dst[len(dst)-len(p.stated.names):]
	if p.inclusion != nil {
		p.inclusion.Quantify(dst[:len(dst)-len(stated)], x)
	}
	p.stated.Quantify(stated, x)
}

// QuantityIdentity implements problems.Stated.
//
// It is part of the identity of results, not of pairs.
func (p *Problem) QuantityIdentity() identity.Identity {
	if len(p.definition.Quantities) == 0 {
		return identity.Identity{}
	}
	return identity.New("quantities", 1).Add("of", p.definition.Quantities).Identity()
}

// Spec implements problems.Problem.
func (p *Problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem.
func (p *Problem) Measurement() priors.Measurement { return p.noise }

// Definition implements problems.Defined.
//
// It changes with everything that changes a pair. Names and titles do not;
// noise has its own identity in package priors.
func (p *Problem) Definition() identity.Identity {
	version := 2
	if p.fine != nil {
		version = 3 // y comes from the cells of the mesh
	}
	// The noise covers the rest. Pairs do not depend on the quantities.
	b := identity.New("specimen", version).Add("file", p.definition, "Name", "Title", "Noise",
		"Nuisance", "Discrepancy", "Quantities", "Missing")
	if p.prior.position[0] >= 0 {
		b.Add("registration", p.definition.Nuisance.Registration)
	}
	if len(p.sensors) > 0 {
		b.Add("sensors", p.definition.Measurement.points(&p.definition.Grid))
	}
	return b.Identity()
}

// LeastShare implements problems.Gapped.
//
// It is 1 − missing.share's upper end.
func (p *Problem) LeastShare() float64 {
	most := p.definition.Missing.Share[1]
	if most == 0 {
		return 0
	}
	return 1 - most
}

// Box implements problems.Parametric.
func (p *Problem) Box() (lo, hi []float64) { return p.prior.box() }

// Latent implements problems.Parametric. It draws the variables in order from
// the stream (Prior, i).
func (p *Problem) Latent(theta []float64, seed, i uint64) {
	lo, hi := p.prior.box()
	priors.Draw(theta, lo, hi, rng.New(seed, rng.Prior, i, 0))
}

// Field implements problems.Parametric.
func (p *Problem) Field(x, theta []float64) { p.prior.field(x, theta) }

// NewGenerator implements problems.Problem. The generator is a
// problems.Simulator. It is a problems.Forwarder unless the position of the map
// is a variable, which a field does not show.
func (p *Problem) NewGenerator() (problems.Generator, error) {
	analysis, err := p.analysis()
	if err != nil {
		return nil, err
	}
	g := &generator{problem: p, solver: p.definition.newSolver(analysis),
		theta: make([]float64, p.prior.dim()), values: make([]float64, p.spec.XLen()),
		line: make([]float64, max(p.spec.Rows, p.spec.Cols))}
	if p.fine != nil {
		g.cells = make([]float64, len(p.fine.cells.x)*p.spec.XChannels())
	}
	if p.prior.position[0] >= 0 {
		return moving{g}, nil
	}
	return g, nil
}

// generator makes pairs.
//
// It is used by one worker at a time.
type generator struct {
	problem *Problem
	solver  *solver
	theta   []float64
	values  []float64 // of all properties on the nodes
	cells   []float64 // of the cells of the mesh, if the prior is painted there
	line    []float64 // scratch: values along an axis
}

// Pair implements problems.Generator.
func (g *generator) Pair(x, y []float64, seed, i uint64) error {
	g.problem.Latent(g.theta, seed, i)
	return g.Simulate(x, y, g.theta)
}

// moving is a generator of maps whose position varies.
//
// It hides the method Forward of the embedded generator.
type moving struct{ problems.Simulator }

// Simulate implements problems.Simulator.
//
// x is the field on the nodes, also where y comes from the moduli of the cells.
func (g *generator) Simulate(x, y, theta []float64) error {
	g.problem.Field(x, theta)
	if fine := g.problem.fine; fine != nil {
		fine.values(g.cells, theta)
		if err := g.solver.forwardCells(y, g.cells); err != nil {
			return err
		}
		measure(g.problem.sensors, y, g.problem.spec.Plane())
	} else if err := g.Forward(y, x); err != nil {
		return err
	}
	g.move(y, theta)
	return nil
}

// Forward implements problems.Forwarder. Where the prior is painted on the
// cells of the mesh, this is an approximation of Simulate.
func (g *generator) Forward(y, x []float64) error {
	g.problem.prior.invert(g.values, x)
	err := g.solver.forward(y, g.values)
	measure(g.problem.sensors, y, g.problem.spec.Plane())
	return err
}
