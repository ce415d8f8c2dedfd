package run

import "runtime"

// Memory returns the bytes that the run needs with the given number of threads:
// the bytes of its training.
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

// allocated returns the bytes that do allocates.
func allocated(do func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}
