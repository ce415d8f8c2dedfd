package run

import "runtime"

// Memory returns the bytes that the run needs with the given number of threads:
// the bytes of its training.
//
// Training needs more than drawing: it holds activations for the backward pass,
// and gradients and moments of the size of the weights.
func (p *Plan) Memory(threads int) (float64, error) {
	problem, err := p.Recipe.NewProblem()
	if err != nil {
		return 0, err
	}
	needs, err := TrainingNeeds(p.Recipe, problem, threads)
	if err != nil {
		return 0, err
	}
	return needs.MemoryBytes, nil
}

// allocated returns the bytes that do allocates, whether freed or not:
// TotalAlloc only grows. A collection during do therefore does not change the
// result.
func allocated(do func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}
