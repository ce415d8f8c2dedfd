package bench

import (
	"context"
	"fmt"
	"math"
	"slices"

	"csdm/internal/parallel"
	"csdm/rng"
)

// robustStd returns half the distance of the quantiles of ±1 standard deviation
// of a normal distribution.
func robustStd(v []float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	return (Quantile(sorted, 0.8413) - Quantile(sorted, 0.1587)) / 2
}

// moveWidening is the factor by which the normal distribution of the moves is
// wider than the states that it is fitted to, so that moves reach the tails.
const moveWidening = 1.2

// prepare fits emulator and moves for the present round.
func (c *chains) prepare(ctx context.Context) error {
	d := c.dim()
	var err error
	if c.emulator, err = c.fitEmulator(ctx, &c.Train); err != nil {
		return err
	}
	c.moves = normalOf(c.Around, d)
	for j := range c.moves.scale {
		c.moves.scale[j] *= moveWidening
	}
	return nil
}

// nextRound ends the round. It returns an error if no chain moved in it: more
// rounds would be the same.
func (c *chains) nextRound(ctx context.Context) error {
	if len(c.Offsets) == 0 {
		return fmt.Errorf("bench: no chain moved in %d steps; the emulator fits the forward model "+
			"too badly", c.Sweep)
	}
	d := c.dim()
	c.Error = robustStd(c.Offsets)
	was := c.Temperature
	c.Temperature = min(1, max(was/2, min(was*mostRise, was*aimedError/c.Error)))
	if c.Temperature == 1 || c.Steady > 0 {
		c.Temperature = 1
		if was == 1 {
			c.Steady++
		}
	}
	c.Train.Z, c.Train.Y = append(c.Train.Z, c.Fresh.Z...), append(c.Train.Y, c.Fresh.Y...)
	c.Train.keepLast(trained, d)
	c.Around = c.Around[:0]
	for i := 0; i < len(c.Kept); i += c.width() {
		c.Around = append(c.Around, c.Kept[i:i+d]...)
	}
	c.Fresh, c.Offsets, c.Kept = points{}, nil, nil
	c.Sweep, c.RoundSolves, c.RoundMoves, c.lookedAt = 0, 0, 0, 0
	return c.prepare(ctx)
}

// missing is the rank of a quantity that a field does not have: below all
// others.
const missing = -1e300

// sweep makes one step of each chain.
func (c *chains) sweep(ctx context.Context) error {
	d, width := c.dim(), c.width()
	steps := make([]step, c.s.Chains)
	rows := make([]float64, c.s.Chains*width)
	if err := parallel.For(ctx, c.s.Threads, c.s.Chains, func(worker, k int) error {
		w, z := c.workers[worker], c.Z[k*d:(k+1)*d]
		stream := rng.New(c.s.Seed, rng.Reference, uint64(c.Sweeps*c.s.Chains+k), chainsTag)
		var err error
		if steps[k], err = w.walk(c, z, c.Fits[k], stream); err != nil {
			return err
		}
		row := rows[k*width : (k+1)*width]
		copy(row, z)
		row[d] = c.Fits[k].logL
		if steps[k].accepted {
			copy(row, steps[k].z)
			row[d] = steps[k].fit.logL
		}
		if c.quantify != nil {
			c.toTheta(w.theta, row[:d])
			c.prior.Field(w.x, w.theta)
			c.quantify.Quantify(row[d+1:], w.x)
			for j := d + 1; j < width; j++ {
				if math.IsNaN(row[j]) {
					row[j] = missing
				}
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for k, s := range steps {
		if !s.moved {
			continue
		}
		c.Solves++
		c.RoundSolves++
		c.Fresh.Z, c.Fresh.Y = append(c.Fresh.Z, s.z...), append(c.Fresh.Y, s.y...)
		c.Offsets = append(c.Offsets, s.fit.at(c.Temperature)-s.emulated.at(c.Temperature))
		if s.accepted {
			c.RoundMoves++
			copy(c.Z[k*d:(k+1)*d], s.z)
			c.Fits[k] = s.fit
		}
	}
	c.Fresh.keepLast(trained, d)
	c.Kept = append(c.Kept, rows...)
	c.Sweeps++
	c.Sweep++
	if c.s.Watch != nil {
		c.s.Watch(ChainsProgress{c.Solves, c.Temperature, c.Error,
			float64(c.RoundMoves) / float64(max(c.RoundSolves, 1)), c.Sweep, c.mixing()})
	}
	if c.s.Save != nil {
		return c.s.Save(&c.ChainsState)
	}
	return nil
}

// result summarizes the kept rows.
func (c *chains) result() *ChainsResult {
	d, width := c.dim(), c.width()
	n := len(c.Kept) / width
	r := &ChainsResult{Theta: make([]float64, n*d), Solves: c.Solves, Kept: c.RoundSolves,
		Temperature: c.Temperature,
		Accepted:    float64(c.RoundMoves) / float64(max(c.RoundSolves, 1))}
	for i := range n {
		c.toTheta(r.Theta[i*d:(i+1)*d], c.Kept[i*width:i*width+d])
	}
	r.Mixing = Mixing{RHat: math.Inf(1), Bulk: 1} // a short round does not show it
	if n/c.s.Chains >= 8 {
		r.Mixing = mixingOf(c.Kept, c.s.Chains, width)
	}
	r.Converged = c.Temperature == 1 && r.Mixing.ok(c.s)
	reference := make([]float64, c.problem.Spec().XLen())
	c.prior.Field(reference, r.Theta[:d])
	m := newMoments(reference, unitsOf(c.problem), true)
	x := make([]float64, len(reference))
	for i := range n {
		c.prior.Field(x, r.Theta[i*d:(i+1)*d])
		m.add(x, 0)
	}
	r.Posterior = *m.posterior()
	r.Draws, r.ESS = n, r.Bulk
	inflate := math.Sqrt(max(float64(n)/r.ESS, 1))
	for k := range r.MeanError {
		r.MeanError[k] *= inflate
		r.StdError[k] *= inflate
	}
	return r
}
