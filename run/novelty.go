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
	if measured.IsBuiltin(problem) && explain.HasForward(problem) {
		return nil, nil
	}
	spec := problem.Spec()
	if n := spec.YLen(); priors.Values(problem.Measurement(), n) < n {
		return nil, nil // it compares whole measurements
	}
	images := spec.ImagesPerSimulation
	simulations := store.Len() / images
	training := dataset.Split(store.Len(), f.Recipe.Data.HeldOut, images)
	held := heldFor(simulations, simulations-training/images)
	if held == 0 {
		f.env.Note(fmt.Sprintf("%d simulations are too few for a test of novelty, which needs "+
			"%d: csdm sample will not use it to judge whether the model explains a measurement",
			simulations, 2*leastHeld))
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
			rows[i] = model.Seen(widen(y), stride)
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
