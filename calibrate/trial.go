package calibrate

import (
	"context"
	"io"
	"math"

	"csdm/bench"
	"csdm/dataset"
	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// pool holds pairs of the prior that serve as reference fields and as draws of
// the prior. No measurement of the pool is checked.
//
// TARP needs reference fields that do not depend on the true field: one at
// random, and the one whose measurement is nearest.
type pool struct {
	// number of pairs
	size   int
	fields []float64 // normalized
	// of the fields, row after row
	quantities []float64
	y          []float64 // noise-free, physical
}

// newPool draws the pairs of the pool, each from a simulation of its own.
func (c *checker) newPool(ctx context.Context) (*pool, error) {
	nx, ny, nq := c.spec.XLen(), c.spec.YLen(), len(c.names.Quantities)
	p := &pool{size: c.poolSize()}
	p.fields, p.y, p.quantities = make([]float64, p.size*nx), make([]float64, p.size*ny),
		make([]float64, p.size*nq)
	generators := make([]problems.Generator, c.env.Threads)
	defer func() {
		for _, g := range generators {
			if closer, ok := g.(io.Closer); ok {
				closer.Close()
			}
		}
	}()
	err := parallel.For(ctx, c.env.Threads, p.size, func(worker, j int) (err error) {
		if generators[worker] == nil {
			if generators[worker], err = c.newGenerator(); err != nil {
				return err
			}
		}
		x := p.fields[j*nx : (j+1)*nx]
		if err := generators[worker].Pair(x, p.y[j*ny:(j+1)*ny], c.seed,
			c.pair(poolStart+uint64(j))); err != nil {
			return err
		}
		c.quantify(p.quantities[j*nq:(j+1)*nq], x)
		c.model.Meta.Normalization.NormalizeX(x, x, len(x))
		return nil
	})
	return p, err
}

// pair returns the index of the first pair of a simulation. One pair of each is
// enough, because the pairs of one simulation are correlated.
func (c *checker) pair(simulation uint64) uint64 {
	return simulation * uint64(c.spec.ImagesPerSimulation)
}

// quantify sets dst to the quantities of a physical field. A quantity that a
// field lacks counts as 0 for the true field and for draws alike, which keeps
// ranks uniform.
//
// A rank among equal values is drawn at random, so that any fixed value for
// "none" would do.
func (c *checker) quantify(dst, physical []float64) {
	if c.quantified != nil {
		c.quantified.Quantify(dst, physical)
		for k, v := range dst {
			if math.IsNaN(v) { // the field does not have this quantity
				dst[k] = 0
			}
		}
	}
}

// nearest returns the index of the pair whose measurement is nearest to y.
//
// The distance is over the values that y has.
func (p *pool) nearest(y []float64) int {
	best, least := 0, math.Inf(1)
	for j := range p.size {
		d := 0.0
		for k, v := range p.y[j*len(y) : (j+1)*len(y)] {
			if !priors.Missing(y[k]) {
				d += (v - y[k]) * (v - y[k])
			}
		}
		if d < least {
			best, least = j, d
		}
	}
	return best
}

// trials makes and judges one measurement after the other in the same memory.
//
// Its memory is one measurement's, whatever the number of measurements.
type trials struct {
	*checker
	// reference fields, and draws of the prior
	pool *pool
	// makes the pair
	generator problems.Generator

	// true field (normalized), noise-free measurement, and the noisy one in
	// both units
	x, y, measured, normalized []float64
	// the pair with draws of each kind
	posterior, prior, spoiled bench.Trial
	// the two reference fields of TARP
	references [2][]float64
	drawn      []float64 // the network's draws, if they are weighted
	weighting  weighting // of these draws
	// scratch: pairs of the pool, shuffled
	order []int
}

// newTrials returns memory for one measurement at a time.
func (c *checker) newTrials(p *pool, generator problems.Generator) *trials {
	nx, ny, nq, n := c.spec.XLen(), c.spec.YLen(), len(c.names.Quantities),
		c.kept()
	t := &trials{checker: c, pool: p, generator: generator,
		x: make([]float64, nx), y: make([]float64, ny), measured: make([]float64, ny),
		normalized: make([]float64, ny), order: make([]int, p.size)}
	for _, trial := range []*bench.Trial{&t.posterior, &t.prior} {
		trial.Truth, trial.Draws = make([]float64, nx), make([]float64, n*nx)
		trial.Quantities, trial.DrawQuantities = make([]float64, nq), make([]float64, n*nq)
	}
	for r := range t.references {
		t.references[r] = make([]float64, nx)
	}
	t.drawn = t.posterior.Draws
	if c.weighted() {
		t.drawn = make([]float64, c.settings.Sampling.Draws*nx)
	}
	return t
}

// measure sets record to the packed records of all posteriors of measurement i.
//
// The order is fixed: pair, noise, draws, quantities, prior draws, references,
// misfits, records. Spoiled posteriors reuse the draws, so that a check of all
// of them costs one sampling per measurement.
func (t *trials) measure(ctx context.Context, record []float64, i uint64) error {
	nx, nq, n := len(t.x), len(t.posterior.Quantities), t.kept()
	scale := t.model.Meta.Normalization
	pair := t.pair(i)
	if err := t.generator.Pair(t.x, t.y, t.seed, pair); err != nil {
		return err
	}
	problems.Measure(t.problem.Measurement(), t.measured, t.y, t.seed, pair)
	if t.settings.Measured > 0 {
		dataset.Hide(t.measured, t.spec.Rows, t.spec.Cols, t.settings.Measured,
			rng.New(t.seed, rng.Mask, pair, 0))
	}
	scale.NormalizeX(t.posterior.Truth, t.x, len(t.posterior.Truth))
	t.quantify(t.posterior.Quantities, t.x)
	if err := t.sample(ctx, t.drawn, t.measured, i); err != nil {
		return err
	}
	var err error
	switch {
	case t.settings.Certify:
		err = t.certify(ctx, i)
	case t.around != nil:
		err = t.weigh(ctx, i)
	}
	if err != nil {
		return err
	}
	if t.weighted() {
		e := t.weighting.values()
		copy(record[len(record)-weightingLen:], e[:])
	}
	physical := make([]float64, nx)
	for k := range n {
		scale.PhysicalX(physical, t.posterior.Draws[k*nx:(k+1)*nx], len(physical))
		t.quantify(t.posterior.DrawQuantities[k*nq:(k+1)*nq], physical)
	}

	// All posteriors of this measurement share draws of the prior, without
	// replacement, and two references. The second depends on the measurement.
	s := t.stream(i, 0)
	for j := range t.order {
		t.order[j] = j
	}
	for k := range n { // Fisher and Yates
		other := k + int(s.Uint64n(uint64(t.pool.size-k)))
		t.order[k], t.order[other] = t.order[other], t.order[k]
		j := t.order[k]
		copy(t.prior.Draws[k*nx:], t.pool.fields[j*nx:(j+1)*nx])
		copy(t.prior.DrawQuantities[k*nq:], t.pool.quantities[j*nq:(j+1)*nq])
	}
	for r, j := range []int{int(s.Uint64n(uint64(t.pool.size))), t.pool.nearest(t.measured)} {
		t.lattice.Round(t.references[r], t.pool.fields[j*nx:(j+1)*nx])
	}
	var truth, residue float64
	if t.misfit != nil {
		var err error
		if truth, err = t.misfit.of(t.posterior.Truth, t.checker, t.measured); err != nil {
			return err
		}
		noisy := make([]float64, nx)
		for k, v := range t.posterior.Truth {
			noisy[k] = v + t.settings.Sampling.SigmaMin*s.Normal()
		}
		if residue, err = t.misfit.of(noisy, t.checker, t.measured); err != nil {
			return err
		}
	}
	size := t.scoreLen()
	for k, p := range t.spoilings {
		p.Apply(&t.spoiled, &t.posterior, &t.prior)
		var m *bench.Misfit
		if t.misfit != nil {
			m = &bench.Misfit{Truth: truth, Residue: residue}
			count := min(predictiveDraws, n)
			for d := range count {
				v, err := t.misfit.of(t.spoiled.Draws[d*nx:(d+1)*nx], t.checker, t.measured)
				if err != nil {
					return err
				}
				m.Draws += v / float64(count)
			}
		}
		// NewRecord comes last because it rounds the fields. All posteriors
		// break ties by the same numbers, so that they differ only by the
		// spoiling.
		score := bench.NewRecord(&t.spoiled, t.references[:], t.lattice, t.stream(i, 1))
		score.Misfit = m
		score.Pack(record[k*size : (k+1)*size])
	}
	return nil
}

// misfit takes fields through the forward model and compares them with the
// measurement.
//
// χ² of the true field under its own noise is 1 per value on average. Draws
// that fit worse or better than the true field does come from another
// distribution.
type misfit struct {
	// forward model
	forward problems.Forwarder
	// noise model
	law  priors.Likelihood
	spec *problems.Spec // its ranges limit the fields
	// scratch: clipped field, and its prediction
	x, response []float64
}

// noMisfitError is the reason why a problem has no posterior predictive check.
type noMisfitError struct{ reason string }

// Error returns the reason that the test of the misfit is left out.
func (e *noMisfitError) Error() string { return e.reason }

// newMisfit returns the test, or a *noMisfitError if the problem allows none.
func newMisfit(p problems.Problem) (*misfit, error) {
	spec := p.Spec()
	law, ok := p.Measurement().(priors.Likelihood)
	if !ok {
		return nil, &noMisfitError{"the noise model of " + spec.Name + " has no known density"}
	}
	generator, err := p.NewGenerator()
	if err != nil { // a check of new pairs ends with this error
		return nil, &noMisfitError{err.Error()}
	}
	forward, ok := generator.(problems.Forwarder)
	if !ok {
		if closer, ok := generator.(io.Closer); ok {
			closer.Close()
		}
		return nil, &noMisfitError{"the measurement of " + spec.Name +
			" is not a function of its field alone"}
	}
	return &misfit{forward: forward, law: law, spec: spec,
		x: make([]float64, spec.XLen()), response: make([]float64, spec.YLen())}, nil
}

// of returns χ² per value of a normalized field. The sampler's noise can take a
// modulus below the prior's range, even below zero, where the forward model is
// not defined. Fields are therefore clipped at the smallest value of the prior.
//
// A field is physical after the transformation and clipped below only: large
// moduli are possible.
func (m *misfit) of(normalized []float64, c *checker, y []float64) (float64, error) {
	c.model.Meta.Normalization.PhysicalX(m.x, normalized, len(m.x))
	for k, v := range m.x {
		m.x[k] = max(v, m.spec.RangeAt(k).Min)
	}
	if err := m.forward.Forward(m.response, m.x); err != nil {
		return 0, err
	}
	return bench.Deviance(m.law, y, m.response), nil
}

// close ends the forward model, such as an external program.
func (m *misfit) close() {
	if closer, ok := m.forward.(io.Closer); ok {
		closer.Close()
	}
}
