package calibrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"csdm/bench"
	"csdm/dataset"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/parallel"
	"csdm/langevin"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// grainPairs is the number of pairs from which the grains of quantities come.
// They are the first pairs, and set no levels: with a constant grain the
// measurements stay exchangeable.
const grainPairs = 16

// heldOut yields pairs that training has not seen, one of each simulation,
// because the pairs of one simulation are correlated.
//
// Exchangeability holds between simulations, not between images of one
// simulation.
type heldOut struct {
	// gives pairs, or only the noise of stored ones
	problem problems.Problem
	// description of the problem
	spec *problems.Spec
	// seed of pairs and noise
	seed  uint64
	store *dataset.Store // nil: the problem makes the pairs
	kept  []int          // indices of the pairs of store
}

// newHeldOut finds the pairs that can be used. It refuses pairs that the
// training may have seen: intervals around memorized fields would look too
// good.
func newHeldOut(job BandJob, s BandSettings) (*heldOut, error) {
	h := &heldOut{problem: job.Problem, spec: job.Problem.Spec(), seed: s.Seed ^ bandSeed,
		store: job.Store}
	training := job.Model.Meta.Training
	if h.store == nil {
		if h.seed == training.Seed {
			return nil, cli.Usage(fmt.Errorf("seed %d gives the pairs that the model was trained "+
				"on; choose another seed",
				s.Seed))
		}
		return h, nil
	}
	if err := h.fits(job.Model, s.First); err != nil {
		return nil, err
	}
	h.kept = h.simulations(s.First, h.store.Len())
	if need := grainPairs + s.Measurements + s.Fresh; len(h.kept) < need {
		return nil, cli.Data(fmt.Errorf("%s has %d simulations from pair %d on; %d measurements "+
			"and %d for the scale of quantities need %d", h.store.Dir(), len(h.kept), s.First,
			s.Measurements+s.Fresh, grainPairs, need))
	}
	return h, nil
}

// fits returns an error unless the pairs of the store from number first on are
// pairs of the problem that training has not seen.
//
// For generated pairs an equal seed shows that training has seen them; for
// imported pairs only an equal number hints at it.
func (h *heldOut) fits(model *nn.Model, first int) error {
	if err := h.store.Check(h.spec); err != nil {
		return err
	}
	manifest, training := h.store.Manifest(), model.Meta.Training
	if _, recorded := h.problem.Measurement().(priors.Recorded); manifest.Noisy && !recorded {
		return cli.Data(fmt.Errorf("%s holds measurements with their noise, and %s would add "+
			"more", h.store.Dir(), h.spec.Name))
	}
	trained := manifest.Seed == training.Seed
	if h.store.Imported() {
		trained = manifest.Pairs == training.Pairs
	}
	if trained && first == 0 {
		return cli.Usage(fmt.Errorf("%s seems to hold the pairs that the model was trained "+
			"on, for which its draws are too good: give pairs that training has not seen, or "+
			"--set first=K if it has not seen the pairs from number K on", h.store.Dir()))
	}
	return nil
}

// simulations returns a pair of each simulation whose pairs are all from number
// from up to to, without pairs that failed.
func (h *heldOut) simulations(from, to int) (pairs []int) {
	images, to := h.spec.ImagesPerSimulation, min(to, h.store.Len())
	for k := (from + images - 1) / images; (k+1)*images <= to; k++ {
		if pair := h.image(k); h.store.Has(pair) {
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

// image returns the index of the pair that stands for a simulation: one of its
// images at random.
func (h *heldOut) image(simulation int) int {
	images := h.spec.ImagesPerSimulation
	s := rng.New(h.seed, rng.HeldOut, uint64(simulation), 0)
	return simulation*images + int(s.Uint64n(uint64(images)))
}

// pair sets x and y to pair number k, without noise, and returns its index. The
// generator is nil if the pairs are in a store.
func (h *heldOut) pair(x, y []float64, k int, g problems.Generator) (uint64, error) {
	if h.store == nil {
		i := uint64(h.image(k))
		return i, g.Pair(x, y, h.seed, i)
	}
	x32, y32 := make([]float32, len(x)), make([]float32, len(y))
	if err := h.store.Pair(h.kept[k], x32, y32); err != nil {
		return 0, err
	}
	for j, v := range x32 {
		x[j] = float64(v)
	}
	for j, v := range y32 {
		y[j] = float64(v)
	}
	return uint64(h.kept[k]), nil
}

// generator returns a generator if the pairs need one, and its close function.
func (h *heldOut) generator() (g problems.Generator, end func(), err error) {
	if h.store != nil {
		return nil, func() {}, nil
	}
	if g, err = h.problem.NewGenerator(); err != nil {
		return nil, nil, err
	}
	return g, func() {
		if closer, ok := g.(io.Closer); ok {
			closer.Close()
		}
	}, nil
}

// setGrains sets the grain of each quantity to a tenth of its standard
// deviation over the first pairs.
//
// The grain gives an interval some width beyond the draws where all draws
// agree, for example on the same pixel.
func (c *bander) setGrains() error {
	if c.quantified == nil || c.grains != nil {
		return nil
	}
	g, end, err := c.pairs.generator()
	if err != nil {
		return err
	}
	defer end()
	spec := c.pairs.spec
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	var fields []float64
	for k := range grainPairs {
		if _, err := c.pairs.pair(x, y, k, g); err != nil {
			return fmt.Errorf("pair %d: %w", k, err)
		}
		c.Model.Meta.Normalization.NormalizeX(x, x, len(x))
		fields = append(fields, x...)
	}
	for _, values := range infer.DrawnQuantities(c.quantified, c.Model.Meta.Normalization, fields,
		len(x)) {
		c.grains = append(c.grains, grainOf(values))
	}
	return nil
}

// grainOf returns a tenth of the standard deviation of the values. If that is
// not positive, it returns a thousandth of the largest value, or 1.
func grainOf(values []float64) float64 {
	n := float64(len(values))
	mean, square, largest := 0., 0., 0.
	for _, v := range values {
		mean += v / n
		largest = max(largest, math.Abs(v))
	}
	for _, v := range values {
		square += (v - mean) * (v - mean) / n
	}
	switch {
	case square > 0:
		return math.Sqrt(square) / 10
	case largest > 0:
		return largest / 1000
	}
	return 1
}

// measureAll makes the records of the measurements from, …, to − 1 and calls
// save for each finished group of them.
//
// Groups of four measurements per thread bound the work that a stop loses.
// Records are written in order.
func (c *bander) measureAll(ctx context.Context, from, to int,
	save func(from, to int) error) (err error) {
	threads := c.env.Threads
	generators, ends := make([]problems.Generator, threads), make([]func(), threads)
	defer func() {
		for _, end := range ends {
			if end != nil {
				end()
			}
		}
	}()
	for group := 4 * threads; from < to; from += group {
		count := min(group, to-from)
		err := parallel.For(ctx, threads, count, func(worker, k int) (err error) {
			if ends[worker] == nil {
				if generators[worker], ends[worker], err = c.pairs.generator(); err != nil {
					ends[worker] = nil
					return err
				}
			}
			if err := c.measure(ctx, from+k, generators[worker]); err != nil {
				return fmt.Errorf("measurement %d: %w", from+k, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := save(from, from+count); err != nil {
			return err
		}
		c.env.Progress("bands", from+count, to, "")
	}
	return nil
}

// measure makes the record of measurement i: the shares of missed pixels by
// region and level, and the level of each quantity. The level is NaN if the
// true field lacks the quantity.
//
// FieldMisses counts in normalized units with the last noise level as grain;
// quantities are physical.
func (c *bander) measure(ctx context.Context, i int, g problems.Generator) error {
	spec, scale := c.pairs.spec, c.Model.Meta.Normalization
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	pair, err := c.pairs.pair(x, y, grainPairs+i, g)
	if err != nil {
		return err
	}
	problems.Measure(c.Problem.Measurement(), y, y, c.pairs.seed, pair)
	draws, err := c.draw(ctx, y, uint64(i))
	if err != nil {
		return err
	}
	record := c.records[i*c.recordLen : (i+1)*c.recordLen]
	n, grain := c.settings.Sampling.Draws, c.settings.Sampling.SigmaMin
	if c.quantified != nil {
		rest := record[c.recordLen-len(c.grains):]
		c.quantified.Quantify(rest, x)
		for k, values := range infer.DrawnQuantities(c.quantified, scale, draws, len(x)) {
			switch {
			case math.IsNaN(rest[k]):
			case len(values) < 2:
				rest[k] = math.Inf(1)
			default:
				rest[k] = bench.BandLevel(values, c.grains[k], rest[k])
			}
		}
	}
	scale.NormalizeX(x, x, len(x))
	copy(record, bench.FieldMisses(x, draws, n, grain))
	return nil
}

// draw returns draws of the posterior of y, normalized, row after row.
//
// A draw that is NaN or infinite stops the call: no band could hold it.
func (c *bander) draw(ctx context.Context, y []float64, i uint64) ([]float64, error) {
	settings, err := c.settings.Sampling.ForMeasurement(c.pairs.seed, i, 1)
	if err != nil {
		return nil, err
	}
	dim := c.pairs.spec.XLen()
	draws, normalized := make([]float64, settings.Draws*dim), slices.Clone(y)
	c.Model.Meta.Normalization.NormalizeY(normalized, y)
	newScorer := c.Model.Condition(normalized)
	_, err = langevin.Sample(ctx, func() langevin.Scorer {
		return newScorer()
	}, dim, settings, func(draw int, x []float64) error {
		if slices.ContainsFunc(x, func(v float64) bool { return v-v != 0 }) {
			return errors.New("a draw is not finite")
		}
		copy(draws[draw*dim:], x)
		return nil
	})
	return draws, err
}
