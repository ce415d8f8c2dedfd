package run

import (
	"context"
	"fmt"

	"csdm/dataset"
	"csdm/explain"
	"csdm/internal/parallel"
	"csdm/measured"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
)

// The numbers of measurements for the test of novelty. Its limits come from one
// measurement of each simulation, and from at most half of all simulations.
// With fewer than leastHeld it would refuse more than 2 % of the problem's own
// measurements.
const (
	mostFitted = 1000
	enoughHeld = 400
	mostHeld   = 512
	leastHeld  = 150
)

// heldFor returns the number of simulations that set the limits of the test of
// novelty. heldOut is the number on which the network was not trained. The
// result is 0 if there are too few simulations.
//
// The limit at level α is about the k-th largest of n values, k = α·n. It
// scatters by about √k in rank, so that few values make a limit that refuses
// too many. The number is the held-out simulations, but at least 400 and at
// most 512 if the simulations suffice, and never more than half of them.
func heldFor(simulations, heldOut int) int {
	held := min(max(heldOut, enoughHeld), mostHeld, simulations/2)
	if held < leastHeld {
		return 0
	}
	return held
}

// novelty returns the test of whether a measurement resembles the measurements
// of the training pairs. It is nil if the forward model can always be applied
// to posterior draws, or if there are too few pairs. The last simulations set
// the limits, the held-out simulations among them.
func (f *Folder) novelty(ctx context.Context, model *nn.Model, problem problems.Problem,
	store *dataset.Store, source *dataset.Source) (*nn.Novelty, error) {
	if measured.IsBuiltin(problem) && explain.HasForward(problem) || !whole(problem) {
		return nil, nil
	}
	images := problem.Spec().ImagesPerSimulation
	simulations := store.Len() / images
	training := dataset.Split(store.Len(), f.Recipe.Data.HeldOut, images)
	held := heldFor(simulations, simulations-training/images)
	if held == 0 {
		f.env.Note(fmt.Sprintf("%d simulations are too few for a test of novelty, which needs "+
			"%d: csdm sample will not use it to judge whether the model explains a measurement",
			simulations, 2*leastHeld))
		return nil, nil
	}
	pairs := noveltyPairs(store, min(training, (simulations-held)*images), held)
	if len(pairs.limits) < leastHeld || len(pairs.fitted) < leastHeld {
		return nil, nil // the forward model failed at the others
	}
	n, err := newNovelty(ctx, model, pairs, func(pair int) ([]float64, error) {
		y := make([]float32, problem.Spec().YLen())
		err := source.Measurement(y, pair)
		return widen(y), err
	}, f.env.Threads)
	if n != nil {
		n.Calibration.Seed = f.Recipe.Seed
	}
	return n, err
}

// whole reports whether measurements of a problem have no gaps. The test of
// novelty compares whole measurements.
func whole(problem problems.Problem) bool {
	n := problem.Spec().YLen()
	return priors.Values(problem.Measurement(), n) == n
}

// noveltyPairs returns the pairs to which components are fitted, of the first
// end ones, and the pairs that set the limits, one of each of the last held
// simulations. Pairs that failed are left out.
//
// One measurement of each simulation is taken, the first of the first
// simulation, the second of the next, and so on: measurements of one simulation
// are not independent, and all positions in a simulation must occur. Components
// come from numbers k·end/count, spread evenly over the first end pairs.
func noveltyPairs(store *dataset.Store, end, held int) (p novelPairs) {
	images := store.Spec().ImagesPerSimulation
	simulations := store.Len() / images
	for k := simulations - held; k < simulations; k++ {
		if pair := k*images + k%images; store.Has(pair) {
			p.limits = append(p.limits, pair)
		}
	}
	count := min(end, mostFitted)
	for k := range count {
		if pair := int(int64(k) * int64(end) / int64(count)); store.Has(pair) {
			p.fitted = append(p.fitted, pair)
		}
	}
	return p
}

// novelPairs holds numbers of pairs: fitted is for the components, limits for
// the limits.
type novelPairs struct{ fitted, limits []int }

// newNovelty returns the test of novelty from pairs. measurement returns the
// normalized measurement of a pair, and must be safe for concurrent use.
//
// Rows are the measurements as the network sees them, standardized and thinned
// by a stride (nn, Seen). The components and the limits come from different
// pairs: a component fitted to a measurement leaves too small a residual for
// it, and limits from the same measurements would be too narrow.
func newNovelty(ctx context.Context, model *nn.Model, pairs novelPairs,
	measurement func(pair int) ([]float64, error), threads int) (*nn.Novelty, error) {
	m := &model.Meta
	shape := explain.Shape{Channels: model.Net.Arch().YChannels, Rows: m.Rows, Cols: m.Cols}
	stride := explain.NoveltyStride(shape)
	seen := func(pairs []int) ([][]float64, error) {
		rows := make([][]float64, len(pairs))
		err := parallel.For(ctx, threads, len(pairs), func(_, i int) error {
			y, err := measurement(pairs[i])
			if err == nil {
				rows[i] = model.Seen(y, stride)
			}
			return err
		})
		return rows, err
	}
	fit, err := seen(pairs.fitted)
	if err != nil {
		return nil, err
	}
	right, err := seen(pairs.limits)
	if err != nil {
		return nil, err
	}
	return explain.NewNovelty(ctx, shape, stride, fit, right, threads)
}
