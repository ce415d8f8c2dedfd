package recipe

import (
	"csdm/langevin"
	"csdm/nn"
)

// mostLevels is the largest default number of noise levels of DPM-Solver++(2M).
// A model for annealed Langevin may store hundreds.
const mostLevels = 12

// Sampling returns the default sampling settings of a model: DPM-Solver++(2M)
// over the model's range of noise levels, with at most 12 levels and the
// model's corrections.
func Sampling(model *nn.Model, draws int) langevin.Settings {
	s, in := langevin.Default(), model.Sampling
	if in.Sampler == s.Sampler {
		s = in
	}
	s.Levels, s.SigmaMax, s.SigmaMin = min(in.Levels, mostLevels), in.SigmaMax, in.SigmaMin
	s.Draws, s.Threads = draws, 1
	return s
}
