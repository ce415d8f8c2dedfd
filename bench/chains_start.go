package bench

import (
	"context"
	"math"
	"slices"

	"csdm/internal/parallel"
	"csdm/rng"
)

// first places the chains. They start at Start or at prior draws, and wander to
// where the mask fits, if there is one. The points on the way are solved.
func (c *chains) first(ctx context.Context) error {
	d := c.dim()
	n := max(6*d, 2*c.s.Chains)
	n -= n % c.s.Chains
	z := make([]float64, n*d)
	theta := make([]float64, d)
	for i := range n {
		if rows := len(c.s.Start) / d; rows > 0 {
			copy(theta, c.s.Start[i%rows*d:])
		} else {
			images := c.problem.Spec().ImagesPerSimulation
			c.prior.Latent(theta, c.s.Seed^chainsTag, uint64(i*images))
		}
		c.toZ(z[i*d:(i+1)*d], theta)
	}
	if c.masked() {
		if err := c.fitMaskFirst(ctx, z); err != nil {
			return err
		}
	}
	fits := make([]fit, n)
	c.Train = points{Z: z, Y: make([]float32, n*len(c.y))}
	if err := parallel.For(ctx, c.s.Threads, n, func(worker, i int) error {
		y, f, err := c.workers[worker].solve(c, z[i*d:(i+1)*d])
		copy(c.Train.Y[i*len(c.y):], y)
		fits[i] = f
		return err
	}); err != nil {
		return err
	}
	c.Solves, c.Around = n, slices.Clone(z)
	if !c.masked() {
		values := make([]float64, n)
		for i, f := range fits {
			values[i] = f.logL
		}
		c.Temperature = min(1, aimedError/robustStd(values))
	}
	c.place(z, fits)
	return nil
}

// place draws the chains from rows of z by their likelihoods.
func (c *chains) place(z []float64, fits []fit) {
	d, n := c.dim(), len(fits)
	c.Z, c.Fits = make([]float64, c.s.Chains*d), make([]fit, c.s.Chains)
	stream := rng.New(c.s.Seed, rng.Reference, math.MaxUint64, chainsTag)
	best, total := math.Inf(-1), 0.0
	for _, f := range fits {
		best = max(best, f.at(c.Temperature))
	}
	weight := func(i int) float64 { return math.Exp(fits[i].at(c.Temperature) - best) }
	for i := range fits {
		total += weight(i)
	}
	for k := range c.Fits {
		at, toss := 0, stream.Float64()*total
		for ; at < n-1 && toss >= weight(at); at++ {
			toss -= weight(at)
		}
		copy(c.Z[k*d:(k+1)*d], z[at*d:(at+1)*d])
		c.Fits[k] = fits[at]
	}
}

// maskRounds is the number of rounds in which the rows of z wander to where the
// mask fits. The power of the likelihood rises fourfold from one to the next
// and is 1 in the last three.
const (
	maskRounds = 12
	maskSteps  = 60 // of each row in a round
)

// fitMaskFirst moves rows of z to draws of the posterior given the mask alone.
// A value that the mask shows has mean 0 and the variance of the prior's
// measurements. No solve is needed. It sets the temperature to that variance.
func (c *chains) fitMaskFirst(ctx context.Context, z []float64) error {
	d := c.dim()
	square := 0.0
	for k, v := range c.y {
		square += c.weight[k] * v * v / float64(len(c.y))
	}
	c.Temperature = min(1, 1/(1+square))
	nothing := linearFeatures(z, d)
	nothing.keep(nil)
	for round := range maskRounds {
		c.emulator = c.newEmulator(nothing)
		if err := c.fitMask(ctx, c.emulator, z); err != nil {
			return err
		}
		c.moves = normalOf(z, d)
		seen := view{c.Temperature, math.Min(1, math.Pow(4, float64(round-maskRounds+3)))}
		if err := parallel.For(ctx, c.s.Threads, len(z)/d, func(worker, i int) error {
			w, row := c.workers[worker], z[i*d:(i+1)*d]
			stream := rng.New(c.s.Seed, rng.Reference, uint64(round*len(z)/d+i), chainsMaskTag)
			w.wander(c, place{row, w.emulate(c, row)}, seen, maskSteps, stream)
			copy(row, w.z)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
