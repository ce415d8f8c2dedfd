package run

import (
	"context"
	"fmt"

	"csdm/dataset"
	"csdm/explain"
	"csdm/internal/parallel"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
)

// How many measurements the test of novelty is made from. Its limits come from
// one measurement of each simulation, at most half of all simulations. Fewer
// than leastHeld would let it refuse more than 2 % of right measurements.
const (
	mostFitted = 1000
	enoughHeld = 400
	mostHeld   = 512
	leastHeld  = 150
)

// heldFor returns how many simulations of that many set the limits of the test
// of novelty, where the network was not trained on so many; 0: there are too
// few.
func heldFor(simulations, heldOut int) int {
	held := min(max(heldOut, enoughHeld), mostHeld, simulations/2)
	if held < leastHeld {
		return 0
	}
	return held
}

// novelty returns the test whether a measurement is like those of the training
// pairs. It is nil where draws of the posterior can always be taken through the
// forward model, and where there are too few pairs. The last simulations set
// the limits, the held-out ones among them.
func (f *Folder) novelty(ctx context.Context, model *nn.Model, problem problems.Problem,
	store *dataset.Store, source *dataset.Source) (*nn.Novelty, error) {
	if measured.IsBuiltin(problem) && explain.HasForward(problem) {
		return nil, nil
	}
	spec := problem.Spec()
	images := spec.ImagesPerSimulation
	simulations := store.Len() / images
	training := dataset.Split(store.Len(), f.Recipe.Data.HeldOut, images)
	held := heldFor(simulations, simulations-training/images)
	if held == 0 {
		f.env.Note(fmt.Sprintf(
			"%d simulations are too few for a test of novelty, %d are needed: csdm sample will "+
				"not say whether the model explains a measurement by it", simulations, 2*leastHeld))
		return nil, nil
	}
	var limits, fitted []int
	for k := simulations - held; k < simulations; k++ {
		if pair := k*images + k%images; store.Has(pair) {
			limits = append(limits, pair)
		}
	}
	end := min(training, (simulations-held)*images)
	count := min(end, mostFitted)
	for k := range count {
		if pair := int(int64(k) * int64(end) / int64(count)); store.Has(pair) {
			fitted = append(fitted, pair)
		}
	}
	if len(limits) < leastHeld || len(fitted) < leastHeld {
		return nil, nil // the forward model failed at the others
	}
	shape := explain.ShapeOf(spec)
	stride := explain.NoveltyStride(shape)
	seen := func(pairs []int) ([][]float64, error) {
		rows := make([][]float64, len(pairs))
		err := parallel.For(ctx, f.env.Threads, len(pairs), func(_, i int) error {
			y := make([]float32, spec.YLen())
			if err := source.Measurement(y, pairs[i]); err != nil {
				return err
			}
			rows[i] = explain.Seen(model, widen(y), stride)
			return nil
		})
		return rows, err
	}
	fit, err := seen(fitted)
	if err != nil {
		return nil, err
	}
	right, err := seen(limits)
	if err != nil {
		return nil, err
	}
	n, err := explain.NewNovelty(ctx, shape, stride, fit, right, f.env.Threads)
	if n != nil {
		n.Calibration.Seed = f.Recipe.Seed
	}
	return n, err
}
