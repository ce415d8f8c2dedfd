package langevin

import (
	"fmt"
	"math"
)

// Schedule is a list of noise levels σ₁ > σ₂ > … > σ_L > 0: standard deviations
// in the units of x. Any descending list is valid. The step from σ_L to 0 is
// made by the samplers.
type Schedule []float64

// Geometric returns the schedule of the paper, σ_i = σ₁ γ^−(i−1) with γ =
// (σ₁/σ_L)^(1/(L−1)): levels equidistant in log σ. levels = 1 gives σ₁ alone
// and needs sigma1 == sigmaL.
func Geometric(sigma1, sigmaL float64, levels int) (Schedule, error) {
	if err := checkEnds(sigma1, sigmaL, levels); err != nil {
		return nil, err
	}
	s := make(Schedule, levels)
	for i := range s {
		s[i] = sigma1 * math.Pow(sigmaL/sigma1, float64(i)/float64(max(levels-1, 1)))
	}
	s[levels-1] = sigmaL // the end is exact
	return s, nil
}

// maxLevels limits the length of a schedule, so that a mistyped number is an
// error instead of exhausting the memory.
const maxLevels = 1 << 20

// checkEnds returns an error unless a geometric schedule of levels from sigma1
// down to sigmaL exists.
func checkEnds(sigma1, sigmaL float64, levels int) error {
	switch {
	case levels < 1:
		return fmt.Errorf("langevin: %d noise levels; at least 1 is needed", levels)
	case levels > maxLevels:
		return fmt.Errorf("langevin: %d noise levels; at most %d are supported", levels, maxLevels)
	case !(sigmaL > 0) || math.IsInf(sigma1, 0) || math.IsNaN(sigma1):
		return fmt.Errorf("langevin: noise levels from %v to %v; both must be positive and finite",
			sigma1, sigmaL)
	case levels == 1 && sigma1 != sigmaL:
		return fmt.Errorf("langevin: one noise level cannot be both %v and %v", sigma1, sigmaL)
	case levels > 1 && !(sigma1 > sigmaL):
		return fmt.Errorf("langevin: the first noise level %v must exceed the last %v", sigma1,
			sigmaL)
	}
	return nil
}

// Validate returns an error unless s is a non-empty, strictly descending list
// of positive finite levels.
func (s Schedule) Validate() error {
	if len(s) == 0 {
		return fmt.Errorf("langevin: no noise levels; at least 1 is needed")
	}
	for i, sigma := range s {
		if !(sigma > 0) || math.IsInf(sigma, 0) {
			return fmt.Errorf("langevin: noise level %d is %v; levels must be positive and finite",
				i+1, sigma)
		}
		if i > 0 && sigma >= s[i-1] {
			return fmt.Errorf("langevin: noise levels must descend, but level %d is %v after %v", i+
				1, sigma, s[i-1])
		}
	}
	return nil
}

// next returns the level after level i (counted from 0): 0 after the last.
func (s Schedule) next(i int) float64 {
	if i+1 < len(s) {
		return s[i+1]
	}
	return 0
}
