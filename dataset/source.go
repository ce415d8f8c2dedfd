package dataset

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"csdm/internal/parallel"
	"csdm/internal/phase"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Scaling holds the properties of the training set that a network needs,
// measured on the training pairs.
//
// A model file stores it: a measurement must be normalized as the training
// measurements were.
type Scaling struct {
	// From the extremes of x (or as Settings.Spread states) and of
	// noise-free y, or from the bounds of the measurement's distribution where
	// it has any.
	Normalization problems.Normalization
	XExtremes     problems.Range // extremes of x, of several fields normalized
	SigmaData     float64        // standard deviation of all values of normalized x
	YMean, YStd   []float64      // of each channel of normalized y with noise
	YField        []float64      // mean of each value of normalized y, (C, H, W)
	YSpread       []float64      // standard deviation of each channel from YField
	// Period of normalized y where its measurement is priors.Periodic,
	// otherwise 0. The moments are then moments of the unwrapped y.
	YPeriod float64
	// Linear is the result of Source.Linear, if a caller has set it.
	Linear *Linear
}

// noisyPairs is the number of pairs for measuring the moments of y, taken
// evenly from the training set. Noise must be drawn for each of them, and
// millions of values determine a mean and a deviation accurately enough.
//
// The relative error of a standard deviation from n numbers is 1/√(2n).
const noisyPairs = 2048

// noiseMoments is the second index of the noise streams for the moments of y;
// training uses the indices of its slots.
const noiseMoments = ^uint64(1)

// noiseOnce is the second index of the noise streams of Measurement.
const noiseOnce = ^uint64(2)

// Source provides normalized pairs with new noise for a trainer. Its methods
// are safe for concurrent use. Apart from what a problem's Redraw and Average
// may allocate, they allocate only until the largest number of concurrent calls
// has been reached.
//
// A sample is a function of (seed, step, slot). A training that is stopped and
// resumed therefore sees the same samples, on any number of threads.
type Source struct {
	store    *Store
	noise    priors.Measurement
	seed     uint64
	training int // pairs [0, training) are training pairs, the others are held out
	count    int // number of training pairs that were made
	scaling  Scaling
	near     *neighbors // nil: Stabilize uses no neighbors
	redraws  redraws
	masks    float64   // Settings.Masks
	scratch  sync.Pool // *fetch
}

// fetch holds the memory of one call.
//
// The pool hands one to each concurrent call; no state survives in it.
type fetch struct {
	x, y         []float32
	field, noisy []float64
	stream       rng.Stream
	hide         mask

	// For Stabilize, allocated at its first call.
	near                      nearest
	diffused, prediction      []float64
	mean, diffused32, noisy32 []float32
}

// Split returns the number of training pairs, at the start of the dataset, if
// the heldOut (as in Settings) last pairs are held out. No simulation has
// images on both sides.
func Split(pairs, heldOut, imagesPerSimulation int) int {
	switch {
	case heldOut < 0:
		return pairs
	case heldOut == 0:
		heldOut = min(512, pairs/10)
	}
	training := max(0, pairs-heldOut)
	if training < pairs {
		training -= training % imagesPerSimulation
	}
	return training
}

// NewSource returns a source of the pairs of store, with measurement noise from
// the given distribution. It reads the whole set once to find the scaling. For
// a dataset whose y already holds its noise, noise must be priors.Recorded.
//
// The order is: statistics, moments of y with noise, then neighbors, which need
// the normalization.
func NewSource(ctx context.Context, store *Store, noise priors.Measurement,
	s Settings) (*Source, error) {
	if s.Threads < 1 {
		return nil, fmt.Errorf("dataset: %d threads; at least 1 is needed", s.Threads)
	}
	if _, recorded := noise.(priors.Recorded); store.manifest.Noisy && !recorded {
		return nil, fmt.Errorf("dataset: %s holds measurements with their noise; more noise (%v) "+
			"cannot be added", store.dir, noise)
	}
	if err := s.checkMasks(noise); err != nil {
		return nil, err
	}
	src := &Source{store: store, noise: noise, seed: s.Seed, masks: s.Masks,
		training: Split(store.Len(), s.HeldOut, store.Spec().ImagesPerSimulation)}
	if src.count = store.Count(Span{0, src.training}); src.count < 1 {
		return nil, &CorruptError{Path: store.dir, Reason: fmt.Sprintf("has no pair to train on: "+
			"%d of %d are held out, and %d failed when they "+
			"were made", store.Len()-src.training, store.Len(), len(store.failed))}
	}
	p := store.Spec()
	src.scratch.New = func() any {
		return &fetch{x: make([]float32, p.XLen()), y: make([]float32, p.YLen()),
			field: make([]float64, p.XLen()), noisy: make([]float64, p.YLen())}
	}
	var err error
	if src.redraws, err = store.redraws(s); err != nil {
		return nil, err
	}
	if err := src.scale(ctx, s.Spread, s.Threads); err != nil {
		return nil, err
	}
	if s.Neighbors < 0 {
		return nil, fmt.Errorf("dataset: %d neighbors; the number must not be negative",
			s.Neighbors)
	}
	if s.Neighbors > 1 {
		if src.near, err = src.newNeighbors(ctx, s.Neighbors, s.Threads); err != nil {
			return nil, err
		}
	}
	return src, nil
}

// scale measures the training set and sets the scaling.
//
// Two normalizations exist: by extremes, x in [0, 1], as in the paper; or by
// spread, mean ± 2 standard deviations to [0, 1], so that the standard
// deviation is ¼. The extremes of an unbounded prior grow with the number of
// pairs, and the spread does not.
func (s *Source) scale(ctx context.Context, bySpread bool, threads int) error {
	stats, err := s.store.Statistics(Span{0, s.training})
	if err != nil {
		return err
	}
	n := &s.scaling.Normalization
	y := stats.YAll()
	n.X = stats.X.extremes()
	s.scaling.XExtremes = n.X
	if bySpread {
		n.X = stats.X.spread()
	}
	for _, field := range stats.Fields {
		n.Fields = append(n.Fields, field.spread())
	}
	n.Y = problems.Range{Min: y.Min, Max: y.Max}
	// Wrapped phases lie within one turn, however many turns the noise-free
	// phases make.
	if lo, hi, ok := priors.Bounds(s.noise); ok {
		n.Y = problems.Range{Min: lo, Max: hi}
	}
	ranges := map[string]problems.Range{"x": n.X, "y": n.Y}
	for k, field := range n.Fields {
		ranges["field "+s.store.Spec().XFields[k].Name] = field
	}
	for name, r := range ranges {
		if !(r.Width() > 0) {
			return &CorruptError{Path: s.store.dir,
				Reason: fmt.Sprintf("holds nothing to learn: all training values of %s are %v",
					name, r.Min)}
		}
	}
	s.scaling.SigmaData = stats.X.Std() / n.X.Width()
	if len(n.Fields) > 0 { // each is normalized by four times its deviation
		n.X, s.scaling.SigmaData = problems.Range{Max: 1}, 0.25
		s.scaling.XExtremes = problems.Range{Min: math.Inf(1), Max: math.Inf(-1)}
		for k, r := range n.Fields {
			ends := []float64{stats.Fields[k].Min, stats.Fields[k].Max}
			r.Apply(ends, ends)
			s.scaling.XExtremes.Min = min(s.scaling.XExtremes.Min, ends[0])
			s.scaling.XExtremes.Max = max(s.scaling.XExtremes.Max, ends[1])
		}
	}
	s.scaling.YPeriod = priors.Period(s.noise) / n.Y.Width()

	return s.standardize(ctx, threads)
}

// standardize measures mean and spread of normalized y with noise. Pairs are
// added in order within a fixed number of parts, and then the parts in order,
// so the result does not depend on the number of threads.
//
// For each value v of y the mean m_v and E[y_v²] are measured. Per channel,
// over its measured values,
//
//	YMean   = mean of m_v
//	YStd²   = mean of E[y_v²] − YMean²
//	YSpread² = mean of (E[y_v²] − m_v²)
//
// YStd measures how the channel varies over space and pairs together, YSpread
// how it varies between pairs.
func (s *Source) standardize(ctx context.Context, threads int) error {
	// per value of y; count differs only where values are missing
	type sums struct{ first, second, count []float64 }
	spec, n := s.store.Spec(), &s.scaling.Normalization
	size, pixels := spec.YLen(), spec.Plane()
	pairs := min(s.count, noisyPairs)
	parts := make([]sums, min(pairs, 16))
	err := parallel.For(ctx, threads, len(parts), func(_, part int) error {
		f := s.scratch.Get().(*fetch)
		defer s.scratch.Put(f)
		p := sums{make([]float64, size), make([]float64, size), make([]float64, size)}
		for k := part * pairs / len(parts); k < (part+1)*pairs/len(parts); k++ {
			i := s.store.index(0, int(int64(k)*int64(s.count)/int64(pairs)))
			if err := s.store.Pair(i, f.x, f.y); err != nil {
				return err
			}
			f.stream.Reset(s.seed, rng.Noise, uint64(i), noiseMoments)
			f.measure(s.noise)
			n.Y.Apply(f.noisy, f.noisy)
			if s.scaling.YPeriod > 0 {
				for plane := range slices.Chunk(f.noisy, pixels) {
					phase.Unwrap(plane, spec.Rows, spec.Cols, s.scaling.YPeriod)
				}
			}
			for v, y := range f.noisy {
				if !priors.Missing(y) {
					p.first[v] += y
					p.second[v] += y * y
					p.count[v]++
				}
			}
		}
		parts[part] = p
		return nil
	})
	if err != nil {
		return err
	}
	all := sums{make([]float64, size), make([]float64, size), make([]float64, size)}
	for _, p := range parts {
		for v := range size {
			all.first[v] += p.first[v]
			all.second[v] += p.second[v]
			all.count[v] += p.count[v]
		}
	}
	scaling := &s.scaling
	scaling.YField = make([]float64, size)
	for c := range spec.YChannels {
		var first, second, within, measured float64
		for v := c * pixels; v < (c+1)*pixels; v++ {
			n := all.count[v]
			if n == 0 {
				continue
			}
			mean := all.first[v] / n
			scaling.YField[v] = mean
			first += mean
			second += all.second[v] / n
			within += all.second[v]/n - mean*mean
			measured++
		}
		mean := first / measured
		std, spread := math.Sqrt(second/measured-mean*mean), math.Sqrt(within/measured)
		for _, v := range []float64{std, spread} {
			if !(v > 0) || math.IsInf(v, 0) {
				return &CorruptError{Path: s.store.dir, Reason: fmt.Sprintf("holds nothing to "+
					"learn from: channel %d of y has a standard deviation of %v over the pairs "+
					"trained on", c, v)}
			}
		}
		scaling.YMean, scaling.YStd, scaling.YSpread = append(scaling.YMean, mean),
			append(scaling.YStd, std), append(scaling.YSpread, spread)
	}
	return nil
}

// measure sets noisy to a measurement of y, with noise from the stream.
func (f *fetch) measure(noise priors.Measurement) {
	for i, v := range f.y {
		f.noisy[i] = float64(v)
	}
	noise.Sample(f.noisy, f.noisy, &f.stream)
}

// Scaling returns the properties of the training set that a network needs. The
// caller must not change its slices.
func (s *Source) Scaling() Scaling { return s.scaling }

// TrainingLen returns the number of training pairs, which come first in the
// dataset. Failed pairs do not count.
func (s *Source) TrainingLen() int { return s.count }

// HeldOutLen returns the number of held-out pairs, which come last in the
// dataset. Failed pairs do not count.
func (s *Source) HeldOutLen() int { return s.store.Count(Span{s.training, s.store.Len()}) }

// HeldOutPair returns the index in the dataset of held-out pair i.
func (s *Source) HeldOutPair(i int) int { return s.store.index(s.training, i) }

// Training sets x and y to the normalized field and measurement of a slot of a
// training step. The stream (Order, step, slot) draws the pair uniformly; the
// stream (Redraw, step, slot) replaces it by another one if Settings.Redraw is
// set; the stream (Noise, step, slot) draws its noise; the stream (Mask, step,
// slot) hides values if Settings.Masks is set, which are then NaN. x has one
// plane per field, y has one plane per channel.
//
// Streams are reset, not continued: the noise of a sample does not depend on
// how many numbers its redraw took.
func (s *Source) Training(x, y []float32, step, slot uint64) error {
	f := s.scratch.Get().(*fetch)
	defer s.scratch.Put(f)
	i := s.store.index(0, s.number(&f.stream, step, slot))
	if err := s.store.Pair(i, f.x, f.y); err != nil {
		return err
	}
	s.redraw(f, i, step, slot)
	f.stream.Reset(s.seed, rng.Noise, step, slot)
	s.finish(x, y, f)
	s.mask(y, f, step, slot)
	return nil
}

// Pair returns the index in the dataset of the pair that Training uses for a
// slot of a step.
func (s *Source) Pair(step, slot uint64) uint64 {
	var stream rng.Stream
	return uint64(s.store.index(0, s.number(&stream, step, slot)))
}

// number returns the number, among the training pairs, of the pair of a slot of
// a step.
//
// Drawing with replacement makes each step independent of the others; over n
// uses a pair is left out with probability e^(−n/count).
func (s *Source) number(stream *rng.Stream, step, slot uint64) int {
	stream.Reset(s.seed, rng.Order, step, slot)
	return int(stream.Uint64n(uint64(s.count)))
}

// HeldOut sets x and y to the normalized field and measurement of held-out pair
// i, 0 ≤ i < HeldOutLen(). Its noise always comes from the stream (HeldOut,
// index of the pair in the dataset, 2⁶⁴−1), and the values that it hides, if
// any, from (Mask, the same).
//
// The noise is fixed, so that the held-out loss changes by the network alone.
func (s *Source) HeldOut(x, y []float32, i uint64) error {
	if i >= uint64(s.HeldOutLen()) {
		panic(fmt.Sprintf("dataset: held-out pair %d of %d", i, s.HeldOutLen()))
	}
	f := s.scratch.Get().(*fetch)
	defer s.scratch.Put(f)
	pair := s.HeldOutPair(int(i))
	f.stream.Reset(s.seed, rng.HeldOut, uint64(pair), ^uint64(0))
	if err := s.fetch(x, y, f, pair); err != nil {
		return err
	}
	s.mask(y, f, uint64(pair), ^uint64(0))
	return nil
}

// Measurement sets y to the normalized measurement of pair i of the dataset,
// which must not be a failed pair (Store.Has). Its noise is a function of the
// seed and i.
func (s *Source) Measurement(y []float32, i int) error {
	f := s.scratch.Get().(*fetch)
	defer s.scratch.Put(f)
	f.stream.Reset(s.seed, rng.Noise, uint64(i), noiseOnce)
	return s.fetch(f.x, y, f, i)
}

// fetch reads pair i, adds noise from f's stream, and normalizes x and y.
func (s *Source) fetch(x, y []float32, f *fetch, i int) error {
	if err := s.store.Pair(i, f.x, f.y); err != nil {
		return err
	}
	s.finish(x, y, f)
	return nil
}

// finish sets x and y to the pair in f, with noise from f's stream and
// normalized.
//
// Several fields have ranges of their own; y has one range for all channels.
func (s *Source) finish(x, y []float32, f *fetch) {
	f.measure(s.noise)
	n := &s.scaling.Normalization
	for k, v := range f.x {
		r := n.RangeX(k, len(x))
		x[k] = float32((float64(v) - r.Min) / r.Width())
	}
	for k, v := range f.noisy {
		y[k] = float32((v - n.Y.Min) / n.Y.Width())
	}
}
