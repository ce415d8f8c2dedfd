package run

import (
	"runtime"

	"csdm/dataset"
)

// programBytes is the memory of a process that has not begun to compute: the
// program with its embedded networks, and what the runtime keeps free.
const programBytes = 200 << 20

// Memory returns the bytes that the run needs with the given number of threads.
// It measures what a thread allocates for a gradient and for the score of a
// draw. A thread holds one of the two at a time, and two gradients in training.
// All threads share the weights, their averages and the optimizer's moments,
// and the pairs if training looks for neighbors among them.
func (p *Plan) Memory(threads int) (float64, error) {
	problem, err := p.Recipe.NewProblem()
	if err != nil {
		return 0, err
	}
	spec := problem.Spec()
	model, err := newModel(p.Recipe, spec, plainScaling(spec))
	if err != nil {
		return 0, err
	}
	model.Net.Init(p.Recipe.Seed)
	x, y := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	weights := 4 * float64(len(model.Net.Flat()))
	gradient := allocated(func() {
		w := model.Net.NewWorker(model.Parameterization, spec.Rows, spec.Cols)
		w.LossGrad(make([]float32, len(model.Net.Flat())), x, y, x, 1)
	})
	state := make([]float64, spec.XLen())
	score := allocated(func() {
		err = model.Condition(make([]float64, spec.YLen()))().Score(state, make([]float64,
			spec.XLen()), 1)
	})
	const shared = 8 // copies of the weights
	total := programBytes + shared*weights + float64(threads)*max(gradient+weights, score)
	if c := p.Recipe; c.Data.Neighbors > 1 {
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
