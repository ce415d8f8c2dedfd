package bench

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/internal/identity"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// chains is a run of Chains.
type chains struct {
	ChainsState
	// forward model, and noise
	problem problems.Problem
	// map between θ and standardized variables z
	prior    problems.Structured
	local    problems.Local      // nil: none
	quantify problems.Quantified // nil: none
	// the measurement, with its noise model
	target    NoisyMeasurement
	y, weight []float64 // for the emulator: the measurement with 0 for missing values
	// with defaults
	s ChainsSettings
	// one for each thread
	workers []*chainWorker
	// 0, 1, … up to the length of x
	allPixels []int

	// of this round; nil before the first fit
	emulator *emulator
	// shape of the inner moves, fitted to the last states
	moves normal

	// sweep at which last was computed
	lookedAt int
	// what mixing found then
	last Mixing
}

// dim is the number of variables.
func (c *chains) dim() int { return len(c.prior.Variables()) }

// masked reports whether fields mask values of the measurement.
func (c *chains) masked() bool { return c.workers[0].mask != nil }

// width returns the length of a kept row.
func (c *chains) width() int {
	n := c.dim() + 1
	if c.quantify != nil {
		n += len(c.quantify.Quantities())
	}
	return n
}

// boxed presents a Parametric problem as a Structured one.
type boxed struct {
	problems.Parametric
	// the box
	lo, hi []float64
}

// Variables returns the names of the box's coordinates; those that the problem
// does not name are empty.
func (b boxed) Variables() []problems.Variable {
	out := make([]problems.Variable, len(b.lo))
	copy(out, b.Spec().Variables)
	return out
}

// Probabilities sets u to the place of theta in the box, from 0 to 1: the
// distribution function of a uniform prior.
func (b boxed) Probabilities(u, theta []float64) {
	for k, v := range theta {
		u[k] = (v - b.lo[k]) / (b.hi[k] - b.lo[k])
	}
}

// Quantiles is the inverse of Probabilities. It stays below the upper end,
// which the box does not include.
func (b boxed) Quantiles(theta, u []float64) {
	for k, v := range u {
		theta[k] = min(b.lo[k]+v*(b.hi[k]-b.lo[k]), math.Nextafter(b.hi[k], b.lo[k]))
	}
}

// Possible reports whether a point has prior density: every point of the box.
func (boxed) Possible([]float64) bool { return true }

// StructuredOf returns a Structured or Parametric problem as a Structured one.
func StructuredOf(problem problems.Problem) (problems.Structured, bool) {
	switch p := problem.(type) {
	case problems.Structured:
		return p, true
	case problems.Parametric:
		lo, hi := p.Box()
		return boxed{p, lo, hi}, true
	}
	return nil, false
}

// newChains checks problem, measurement and settings, and makes the workers.
// The caller closes it.
func newChains(problem problems.Problem, y []float64, s ChainsSettings) (*chains, error) {
	spec := problem.Spec()
	c := &chains{problem: problem}
	var ok bool
	if c.prior, ok = StructuredOf(problem); !ok {
		return nil, fmt.Errorf("bench: %s: the prior is not a map from variables", spec.Name)
	}
	var err error
	if c.s, err = s.resolve(c.dim()); err != nil {
		return nil, err
	}
	if c.target, err = MeasuredOf(problem, y); err != nil {
		return nil, err
	}
	if len(y) != spec.YLen() || priors.Present(y) == 0 || slices.ContainsFunc(y,
		func(v float64) bool { return math.IsInf(v, 0) }) {
		return nil, fmt.Errorf("bench: %s: the measurement has %d values; want %d finite ones, or "+
			"NaN where one is missing", spec.Name, len(y), spec.YLen())
	}
	if len(s.Start)%c.dim() != 0 {
		return nil, fmt.Errorf("bench: Start has %d numbers; it must have a multiple of %d",
			len(s.Start), c.dim())
	}
	c.quantify, _ = problem.(problems.Quantified)
	c.local, _ = problem.(problems.Local)
	c.y = withoutGaps(y)
	c.weight = noiseWeights(c.target.Noise, c.y, s.Seed)
	for k, v := range y {
		if priors.Missing(v) {
			c.weight[k] = 0
		}
	}
	for k := range spec.XLen() {
		c.allPixels = append(c.allPixels, k)
	}
	for range c.s.Threads {
		if err := c.addWorker(); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// addWorker makes a worker with a generator of its own, because generators
// belong to one goroutine.
func (c *chains) addWorker() error {
	spec, d := c.problem.Spec(), c.dim()
	g, err := c.problem.NewGenerator()
	if err != nil {
		return fmt.Errorf("bench: %s: %w", spec.Name, err)
	}
	w := &chainWorker{x: make([]float64, spec.XLen()), y: make([]float64, spec.YLen()),
		pixels: make([]bool, spec.XLen())}
	for _, v := range []*[]float64{&w.theta, &w.z, &w.next, &w.white, &w.whiteNext} {
		*v = make([]float64, d)
	}
	c.workers = append(c.workers, w)
	w.close = func() {}
	if o, ok := g.(io.Closer); ok {
		w.close = func() { _ = o.Close() } // nothing was written
	}
	w.mask, _ = g.(problems.Masked)
	if w.simulate, _ = g.(problems.Simulator); w.simulate == nil {
		return fmt.Errorf("bench: %s: the generator must implement problems.Simulator", spec.Name)
	}
	return nil
}

// close ends the generators, such as external programs.
func (c *chains) close() {
	for _, w := range c.workers {
		w.close()
	}
}

// withoutGaps returns y with 0 for missing values.
func withoutGaps(y []float64) []float64 {
	y = slices.Clone(y)
	for k, v := range y {
		if priors.Missing(v) {
			y[k] = 0
		}
	}
	return y
}

// noiseWeights returns 1/std² of the noise of each value of y. They serve only
// the emulator.
func noiseWeights(noise priors.Likelihood, y []float64, seed uint64) []float64 {
	weight := make([]float64, len(y))
	if g, ok := noise.(priors.Gaussian); ok {
		for k := range weight {
			weight[k] = 1 / (g.Std * g.Std)
		}
		return weight
	}
	const draws = 200
	draw := make([]float64, len(y))
	for i := range uint64(draws) {
		noise.Sample(draw, y, rng.New(seed, rng.Reference, i, chainsTag))
		for k, v := range draw {
			weight[k] += (v - y[k]) * (v - y[k]) / draws
		}
	}
	for k, v := range weight {
		weight[k] = 0
		if v > 0 {
			weight[k] = 1 / v
		}
	}
	return weight
}

// chainsTag distinguishes the streams of Chains.
const (
	chainsTag     = 0x636861696e73 // "chains"
	chainsMaskTag = 0x6d61736b     // "mask"
)

// identity returns the identity of a run.
func (c *chains) identity() identity.Identity {
	return problems.Identify("chains", 2, c.problem).AddFloats("measurement", c.target.Y).
		AddFloats("start", c.s.Start).Add("seed", c.s.Seed).Add("chains", c.s.Chains).
		Add("inner", c.s.Inner).Identity()
}

// toTheta sets theta to the variables of z.
func (c *chains) toTheta(theta, z []float64) {
	for k, v := range z {
		theta[k] = normalCDF(v)
	}
	c.prior.Quantiles(theta, theta)
}

// toZ is the inverse of toTheta.
func (c *chains) toZ(z, theta []float64) {
	c.prior.Probabilities(z, theta)
	const end = 1e-9
	for k, u := range z {
		z[k] = distuv.UnitNormal.Quantile(min(max(u, end), 1-end))
	}
}

// begin resumes, or solves the first points and places the chains.
func (c *chains) begin(ctx context.Context) error {
	id := c.identity()
	if r := c.s.Resume; r != nil {
		if r.Fingerprint != id.JSON() {
			return &StateError{otherFingerprint(r.Fingerprint, id)}
		}
		if !r.fitsRun(c) {
			return &StateError{"is incomplete; begin without it"}
		}
		c.ChainsState = *r
		return c.prepare(ctx)
	}
	c.Fingerprint = id.JSON()
	if err := c.first(ctx); err != nil {
		return err
	}
	return c.prepare(ctx)
}
