package calibrate

import (
	"context"
	"fmt"
	"math"

	"csdm/bench"
	"csdm/certify"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/parallel"
	"csdm/langevin"
	"csdm/problems"
	"csdm/rng"
)

// thinning is the number of network draws for each draw that counts in a check
// at one measurement. Resampling by weights of a high effective size leaves
// hardly any draw twice.
const thinning = 8

// around checks calibration about one measurement y: posterior SBC (Säilynoja,
// Schmitt, Bürkner and Vehtari 2025). Its pairs are draws x of the posterior of
// y, with a simulated measurement y′ of each. x is then a draw of the posterior
// of y and y′ together,
//
//	p(x | y′, y) ∝ p(x | y′) p(y | x),
//
// so draws of the network given y′, weighted by p(y | x), must agree with it in
// distribution.
//
// Calibration over the prior can hide errors that cancel between measurements.
// Here the pairs are concentrated where the user's measurement is. The weights
// w_j ∝ p(y | x_j) of N draws leave ESS effective ones, so that only one in
// thinning counts. The check is of self-consistency: the fields x come from the
// network itself.
type around struct {
	*checker
	// y, with the noise model that weights the draws
	target bench.NoisyMeasurement
	// fields and y hold the fields of the pairs (physical) and their noise-free
	// measurements: of the measurements to check, then of the pool.
	fields, y []float64
	// number of pairs that are checked; the others are the pool
	checked int
}

// kept returns the number of draws that count for each measurement.
//
// All draws are made; the others only give the weights.
func (c *checker) kept() int {
	if c.settings.At != nil {
		return c.settings.Sampling.Draws / thinning
	}
	return c.settings.Sampling.Draws
}

// fitsAt returns an error if the check cannot be made at settings.At.
func (c *checker) fitsAt() error {
	s := c.settings
	switch {
	case s.Certify:
		return cli.Usage(fmt.Errorf("a check at one measurement judges the network's posteriors; " +
			"leave out certify"))
	case len(s.At) != c.spec.YLen():
		return cli.Data(fmt.Errorf("the measurement has %d values; %s has %d channels of %d×%d",
			len(s.At), c.spec.Name, c.spec.YChannels, c.spec.Rows, c.spec.Cols))
	case c.kept() < 2:
		return cli.Usage(fmt.Errorf("%d draws; a check at one measurement keeps one in %d and "+
			"needs at least %d", s.Sampling.Draws, thinning, 2*thinning))
	}
	if _, err := bench.MeasuredOf(c.problem, s.At); err != nil {
		return cli.Data(err)
	}
	if !explain.HasForward(c.problem) {
		return cli.Data(fmt.Errorf("the measurement of %s is not a function of its field alone",
			c.spec.Name))
	}
	return nil
}

// newAround draws the fields of a check at one measurement, count of them for
// the measurements and as many as a pool holds.
//
// Fields and pool are draws of the network's posterior of y.
func (c *checker) newAround(ctx context.Context) (*around, error) {
	total := c.settings.Measurements
	a := &around{checker: c, checked: total}
	var err error
	if a.target, err = bench.MeasuredOf(c.problem, c.settings.At); err != nil {
		return nil, err
	}
	nx, ny := c.spec.XLen(), c.spec.YLen()
	all := total + c.poolSize()
	a.fields, a.y = make([]float64, all*nx), make([]float64, all*ny)
	// The two parts have streams of their own, so that more measurements leave
	// the pool as it is.
	for part, rows := range [][]float64{a.fields[:total*nx], a.fields[total*nx:]} {
		if err := c.sample(ctx, rows, c.settings.At, poolStart+uint64(part)); err != nil {
			return nil, err
		}
	}
	c.model.Meta.Normalization.PhysicalX(a.fields, a.fields, nx)
	return a, a.predict(ctx, a.y, a.fields)
}

// predict sets y to the noise-free measurements of the fields, row by row. If
// the prior has few variables, the fields are first replaced by their nearest
// members of the prior, because the noise of a sampler's last level would
// disturb the measurements.
//
// Both the replaced fields and their measurements are kept, so that x and y
// stay a pair.
func (a *around) predict(ctx context.Context, y, fields []float64) error {
	nx, ny := a.spec.XLen(), a.spec.YLen()
	n := len(fields) / nx
	var theta []float64
	parametric, ok := a.problem.(problems.Parametric)
	if ok {
		var err error
		if theta, err = certify.Invert(ctx, parametric, fields, a.env.Threads,
			a.seed); err != nil {
			return err
		}
	}
	generators := make([]problems.Generator, a.env.Threads)
	defer func() { explain.CloseAll(generators) }()
	return parallel.For(ctx, a.env.Threads, n, func(worker, i int) (err error) {
		if generators[worker] == nil {
			if generators[worker], err = a.problem.NewGenerator(); err != nil {
				return err
			}
		}
		x := fields[i*nx : (i+1)*nx]
		if ok {
			d := len(theta) / n
			return generators[worker].(problems.Simulator).Simulate(x, y[i*ny:(i+1)*ny],
				theta[i*d:(i+1)*d])
		}
		for k, v := range x {
			r := a.spec.RangeAt(k)
			x[k] = min(max(v, r.Min), r.Max)
		}
		return generators[worker].(problems.Forwarder).Forward(y[i*ny:(i+1)*ny], x)
	})
}

// Pair implements problems.Generator.
//
// Pair i of the pool lies behind the checked pairs.
func (a *around) Pair(x, y []float64, _, i uint64) error {
	i /= uint64(a.spec.ImagesPerSimulation)
	if i >= poolStart {
		i += uint64(a.checked) - poolStart
	}
	nx, ny := len(x), len(y)
	copy(x, a.fields[int(i)*nx:])
	copy(y, a.y[int(i)*ny:])
	return nil
}

// weigh sets the draws of measurement i to draws of the posterior of both
// measurements: the network's draws, resampled by their likelihood for y.
// Fields and draws pass through predict alike. If only the fields were members
// of the prior, any draw of a network would differ from them.
//
// A measurement counts if the effective sample size reaches the number of draws
// that are kept. The rest is left out; whether it is depends on y′ and the
// draws only, so that ranks of the others stay uniform.
func (t *trials) weigh(ctx context.Context, i uint64) error {
	nx, ny, n := len(t.x), len(t.y), t.settings.Sampling.Draws
	scale := t.model.Meta.Normalization
	physical, predicted := make([]float64, n*nx), make([]float64, n*ny)
	scale.PhysicalX(physical, t.drawn, nx)
	if err := t.around.predict(ctx, predicted, physical); err != nil {
		return err
	}
	logW := make([]float64, n)
	for j := range logW {
		logW[j] = t.around.target.Noise.LogLikelihood(t.around.target.Y,
			predicted[j*ny:(j+1)*ny])
	}
	ess := bench.ESSWeights(logW)
	if math.IsNaN(ess) {
		ess = 0
	}
	t.weighting = weighting{used: ess >= float64(t.kept()), ess: ess,
		khat: finite(bench.PSIS(logW).KHat)}
	for k, j := range certify.Resample(logW, t.kept(), rng.New(t.seed, rng.HeldOut, i, 2)) {
		scale.NormalizeX(t.posterior.Draws[k*nx:(k+1)*nx], physical[j*nx:(j+1)*nx], nx)
	}
	return nil
}

// newGenerator returns a generator of the pairs of the check.
func (c *checker) newGenerator() (problems.Generator, error) {
	if c.around != nil {
		return c.around, nil
	}
	if c.stored != nil {
		return c.stored, nil
	}
	return c.problem.NewGenerator()
}

// poolSize returns the number of pairs in the pool.
//
// A pool must hold as many fields as a posterior has draws, because the draws
// of the prior are taken without replacement.
func (c *checker) poolSize() int {
	if c.settings.At != nil { // each pair takes a draw of the network
		return max(poolSize/4, c.kept())
	}
	if c.stored != nil {
		return len(c.stored.pool.kept)
	}
	return max(poolSize, c.settings.Sampling.Draws)
}

// sample sets rows to draws of the network's posterior of a measurement
// (physical units), normalized. number distinguishes the measurement's streams.
func (c *checker) sample(ctx context.Context, rows, y []float64, number uint64) error {
	sampling := c.settings.Sampling
	nx := c.spec.XLen()
	sampling.Draws = len(rows) / nx
	settings, err := sampling.ForMeasurement(c.seed, number, c.env.Threads)
	if err != nil {
		return err
	}
	normalized := make([]float64, len(y))
	c.model.Meta.Normalization.NormalizeY(normalized, y)
	newScorer := c.model.Condition(normalized)
	_, err = langevin.Sample(ctx, func() langevin.Scorer {
		return newScorer()
	}, nx, settings, func(draw int, x []float64) error {
		copy(rows[draw*nx:], x)
		return nil
	})
	return err
}
