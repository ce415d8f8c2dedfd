package run

import (
	"context"
	"errors"
	"fmt"

	"csdm/dataset"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// PairLimits names the pairs from which a trained model gets the limits that
// need no forward model.
type PairLimits struct {
	Model   *nn.Model
	Problem problems.Problem
	Store   *dataset.Store // pairs that training has not seen
	Count   int            // of the last simulations, which set the limits
	Seed    uint64         // of the noise
}

// Measured returns a copy of the model with the limits: the typical outlier and
// edge of the last Count simulations and, unless the model has one, the test of
// novelty (nn.Novelty), as at the end of a training. These simulations set its
// limits, and the ones before them give its components. Weights and identity
// are the model's.
//
// The model is copied, not changed. Pairs of the training's own seed are
// refused: the network has seen them, and limits from them would be too narrow.
// So are pairs that already contain noise, unless the problem's measurements
// are recorded ones; a second noise would make the limits too wide.
func (l PairLimits) Measured(ctx context.Context, env env.Env) (*nn.Model, error) {
	spec, manifest := l.Problem.Spec(), l.Store.Manifest()
	if err := errors.Join(measured.Fits(l.Model, spec), l.Store.Check(spec)); err != nil {
		return nil, err
	}
	images := spec.ImagesPerSimulation
	_, recorded := l.Problem.Measurement().(priors.Recorded)
	switch end := l.Store.Len()/images - l.Count; {
	case manifest.Noisy && !recorded:
		return nil, cli.Data(fmt.Errorf("%s holds measurements with their noise, and %s would add "+
			"more", l.Store.Dir(), spec.Name))
	case len(manifest.Imported) == 0 && manifest.Seed == l.Model.Meta.Training.Seed:
		return nil, cli.Usage(fmt.Errorf("%s has the seed %d of the pairs that the model was "+
			"trained on: make pairs with another seed", l.Store.Dir(), manifest.Seed))
	case !whole(l.Problem):
		return nil, cli.Data(fmt.Errorf("measurements of %s have gaps, and the test of novelty "+
			"compares whole ones", spec.Name))
	case l.Count < leastHeld || end < 0 || l.Model.Novelty == nil && end < leastHeld:
		return nil, cli.Usage(fmt.Errorf("%d of %d simulations set the limits and %d give the "+
			"components; at least %d of each are needed: choose --measurements or make more pairs",
			l.Count, l.Store.Len()/images, max(end, 0), leastHeld))
	}
	pairs := noveltyPairs(l.Store, l.Store.Len()-l.Count*images, l.Count)
	if len(pairs.limits) < leastHeld || l.Model.Novelty == nil && len(pairs.fitted) < leastHeld {
		return nil, cli.Data(fmt.Errorf("too many pairs of %s failed", l.Store.Dir()))
	}
	out := *l.Model
	if out.Novelty == nil {
		var err error
		out.Novelty, err = newNovelty(ctx, l.Model, pairs, l.normalized, env.Threads)
		if err != nil {
			return nil, err
		}
		if out.Novelty == nil {
			return nil, cli.Data(fmt.Errorf("a grid of %d×%d nodes is too small for a test of "+
				"novelty", spec.Rows, spec.Cols))
		}
		out.Novelty.Calibration.Seed = l.Seed
	}
	typical, err := measured.TypicalIn(l.Model, len(pairs.limits), func(i int) ([]float64, error) {
		return l.normalized(pairs.limits[i])
	})
	out.Meta.Typical.Outlier, out.Meta.Typical.Edge = typical.Outlier, typical.Edge
	return &out, err
}

// normalized returns the measurement of a pair with noise of the stream of the
// seed and the pair's number, in the normalized units that the network takes.
// It allocates its arrays, so that threads may call it at once.
func (l PairLimits) normalized(pair int) ([]float64, error) {
	spec := l.Problem.Spec()
	x, clean := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	if err := l.Store.Pair(pair, x, clean); err != nil {
		return nil, err
	}
	y := widen(clean)
	l.Problem.Measurement().Sample(y, y, rng.New(l.Seed, rng.Noise, uint64(pair), 0))
	l.Model.Meta.Normalization.NormalizeY(y, y)
	return y, nil
}
