package external

import (
	"errors"
	"fmt"
	"math"

	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/internal/compression"
)

// New returns the problem of a definition. The grid comes from the file, and
// noise may be given in percent of noise.scale. In forward mode the problem is
// problems.Parametric and problems.Quantified. Errors are
// *problems.OptionError.
func New(d *Definition, o problems.Options) (problems.Problem, error) {
	spec := d.spec()
	if o.Grid != 0 && o.Grid != spec.Options.Grid {
		return nil, &problems.OptionError{Problem: d.Name, Option: "grid", Value: float64(o.Grid),
			Reason: fmt.Sprintf("its program makes fields of %d×%d", d.Rows, d.Cols)}
	}
	if o.NoisePercent != 0 {
		switch {
		case d.Noise.Distribution == recorded:
			return nil, &problems.OptionError{Problem: d.Name, Option: "noise",
				Value: o.NoisePercent, Reason: "its measurements already hold their noise"}
		case !(o.NoisePercent > 0) || o.NoisePercent > 1e4:
			return nil, &problems.OptionError{Problem: d.Name, Option: "noise",
				Value: o.NoisePercent, Reason: "must be positive, at most 10000"}
		}
		spec.Options.NoisePercent = o.NoisePercent
	}
	p := &problem{definition: d, spec: *spec,
		noise: d.Noise.measurement(spec.Options.NoisePercent, spec.MeasuredPlaces())}
	if d.Prior == nil {
		return p, nil
	}
	// The prior, the variables and the quantities of an inclusion are the same
	// as for the compressed block; the block's physics is not used.
	inclusion, err := compression.New(*spec, d.inclusion(), 0, 0, p.noise)
	if err != nil {
		return nil, err
	}
	p.spec.Variables = inclusion.Spec().Variables
	return &forwardProblem{problem: p, inclusion: inclusion}, nil
}

// problem is a problem in pair mode.
type problem struct {
	definition *Definition
	spec       problems.Spec
	noise      priors.Measurement
}

// Spec implements problems.Problem.
func (p *problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem.
func (p *problem) Measurement() priors.Measurement { return p.noise }

// Definition implements problems.Defined. It covers the command of the program
// and the prior, but not the program itself.
func (p *problem) Definition() identity.Identity {
	d := p.definition
	b := identity.New("definition", 1).Add("prior", d.Prior)
	if d.Program != nil {
		b.Add("command", d.Program.Command)
	}
	return b.Identity()
}

// NewGenerator implements problems.Problem. The first request starts the
// program.
func (p *problem) NewGenerator() (problems.Generator, error) {
	d := p.definition
	if d.Request == nil {
		g, err := p.generator()
		if err != nil {
			return nil, err
		}
		return g, nil
	}
	g := &answerer{generator: &generator{problem: p}, request: newProgram(d, d.Request)}
	if d.Program != nil {
		g.program = newProgram(d, d.Program)
	}
	return g, nil
}

// noPairs is the error of a definition without a program that makes pairs.
func (p *problem) noPairs() error {
	return cli.Data(fmt.Errorf("the definition of %s names no program that makes pairs "+
		"or measurements: its pairs come from csdm data import", p.definition.Name))
}

func (p *problem) generator() (*generator, error) {
	if p.definition.Program == nil {
		return nil, p.noPairs()
	}
	return &generator{problem: p, program: newProgram(p.definition, p.definition.Program)}, nil
}

// generator makes pairs with its own program. It is an io.Closer.
type generator struct {
	*problem
	program *program // nil for an answerer whose pairs are imported
}

// Close ends the program.
func (g *generator) Close() error {
	if g.program == nil {
		return nil
	}
	return g.program.close()
}

// answerer is a generator with a program that computes y from a given x.
type answerer struct {
	*generator
	request *program
}

// Close ends both programs.
func (g *answerer) Close() error { return errors.Join(g.generator.Close(), g.request.close()) }

// Forward implements problems.Forwarder.
func (g *answerer) Forward(y, x []float64) error { return g.request.respond(y, x, &g.spec) }

// Pair implements problems.Generator. Errors are *ProgramError.
func (g *generator) Pair(x, y []float64, seed, i uint64) error {
	if g.program == nil {
		return g.noPairs()
	}
	if err := g.program.call(request{Seed: &seed, Index: &i}); err != nil {
		return err
	}
	shape := []int{g.spec.XChannels(), g.spec.Rows, g.spec.Cols}
	if err := g.program.read(g.program.x, x, shape); err != nil {
		return err
	}
	for k, v := range x {
		if r := g.spec.RangeAt(k); !r.Contains(v) {
			name := "x"
			if len(g.spec.XFields) > 0 {
				name = g.spec.XFields[k/g.spec.Plane()].Name
			}
			k %= g.spec.Plane()
			return g.program.fail(fmt.Sprintf("wrote %s[%d, %d] = %v, outside of "+
				"%[1]s.min = %[5]v, %[1]s.max = %[6]v", name, k/g.spec.Cols, k%g.spec.Cols, v,
				r.Min, r.Max), nil)
		}
	}
	return g.program.readY(y, &g.spec)
}

// forwardProblem is a problem in forward mode.
type forwardProblem struct {
	*problem
	inclusion *compression.Problem
}

// Box implements problems.Parametric.
func (p *forwardProblem) Box() (lo, hi []float64) { return p.inclusion.Box() }

// Latent implements problems.Parametric.
func (p *forwardProblem) Latent(theta []float64, seed, i uint64) {
	p.inclusion.Latent(theta, seed, i)
}

// Field implements problems.Parametric.
func (p *forwardProblem) Field(x, theta []float64) { p.inclusion.Field(x, theta) }

// Quantities implements problems.Quantified.
func (p *forwardProblem) Quantities() []problems.Variable { return p.inclusion.Quantities() }

// Quantify implements problems.Quantified.
func (p *forwardProblem) Quantify(dst, x []float64) { p.inclusion.Quantify(dst, x) }

// Inspect implements problems.Inspected.
func (p *forwardProblem) Inspect(x []float64) problems.Regions { return p.inclusion.Inspect(x) }

// NewGenerator implements problems.Problem. The generator is a
// problems.Simulator and a problems.Forwarder.
func (p *forwardProblem) NewGenerator() (problems.Generator, error) {
	g, err := p.generator()
	if err != nil {
		return nil, err
	}
	return &forwardGenerator{generator: g, problem: p,
		theta: make([]float64, len(p.spec.Variables))}, nil
}

type forwardGenerator struct {
	*generator
	problem *forwardProblem
	theta   []float64
}

// Pair implements problems.Generator.
func (g *forwardGenerator) Pair(x, y []float64, seed, i uint64) error {
	g.problem.Latent(g.theta, seed, i)
	return g.Simulate(x, y, g.theta)
}

// Simulate implements problems.Simulator.
func (g *forwardGenerator) Simulate(x, y, theta []float64) error {
	g.problem.Field(x, theta)
	return g.Forward(y, x)
}

// Forward implements problems.Forwarder.
func (g *forwardGenerator) Forward(y, x []float64) error {
	return g.program.respond(y, x, &g.spec)
}

// respond sets y to the response of the program to a request with x.
func (p *program) respond(y, x []float64, spec *problems.Spec) error {
	for k, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("external: x[%d] is %v; it must be finite", k, v)
		}
	}
	if err := p.write(x); err != nil {
		return err
	}
	if err := p.call(request{}); err != nil {
		return err
	}
	return p.readY(y, spec)
}
