package recipe

import (
	"csdm/langevin"
	"csdm/nn"
)

// mostLevels is how many noise levels DPM-Solver++(2M) takes where nothing else
// is said: schedules of annealed Langevin have hundreds.
const mostLevels = 12

// Sampling returns how a model draws where nothing else is said: by
// DPM-Solver++(2M) over at most 12 of the noise levels that its file names,
// with the corrections that it names.
func Sampling(model *nn.Model, draws int) langevin.Settings {
	s, in := langevin.Default(), model.Sampling
	if in.Sampler == s.Sampler {
		s = in
	}
	s.Levels, s.SigmaMax, s.SigmaMin = min(in.Levels, mostLevels), in.SigmaMax, in.SigmaMin
	s.Draws, s.Threads = draws, 1
	return s
}
