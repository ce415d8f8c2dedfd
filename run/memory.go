package run

import (
	"runtime"

	"csdm/dataset"
	"csdm/nn/train"
)

// programBytes is the memory of a process that has not begun to compute: the
// program with its embedded networks, and what the runtime keeps free.
const programBytes = 200 << 20

// sharedWeights is the number of arrays of the size of the weights that a
// training has in addition to its gradients: weights, repacked weights, their average
// and the optimizer's moments, in memory and in a checkpoint that is written.
const sharedWeights = 8

// Memory returns the bytes that the run needs with the given number of threads.
// It measures what the network allocates for the gradient of one sample, and
// for the score of one draw. A training has both for held-out losses.
func (p *Plan) Memory(threads int) (float64, error) {
	c := p.Recipe
	problem, err := c.NewProblem()
	if err != nil {
		return 0, err
	}
	spec := problem.Spec()
	model, err := newModel(c, spec, plainScaling(spec))
	if err != nil {
		return 0, err
	}
	model.Net.Init(c.Seed)
	x, y := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	weights := make([]float32, len(model.Net.Flat()))
	gradient := allocated(func() {
		w := model.Net.NewWorker(model.Parameterization, spec.Rows, spec.Cols)
		w.LossGrad(weights, x, y, x, 1)
	})
	state, condition := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	score := allocated(func() {
		err = model.Condition(condition)().Score(state, state, 1)
	})
	workers := min(threads, c.Training.Batch)
	gradients := train.GradientCount(c.Training.Batch, workers)
	total := programBytes + float64(sharedWeights+gradients)*4*float64(len(weights)) +
		float64(workers)*gradient + float64(threads)*score
	if c.Data.Neighbors > 1 {
		total += float64(dataset.NeighborBytes(spec, c.Data.Pairs, c.Data.Neighbors))
	}
	return total, err
}

// allocated returns the bytes that do allocates.
func allocated(do func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}
