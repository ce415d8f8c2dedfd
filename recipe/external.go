package recipe

import (
	"math"

	"csdm/langevin"
)

// sigmaMin is the last noise level of an external problem, divided by the
// standard deviation of x.
const sigmaMin = 0.02

// carryOver sets the noise levels of an external problem from the noise levels
// of the phantom problem and the number of pixels D. The range grows as the
// distance between fields, about √D. The number of levels follows from Eq. 17
// (see levels).
//
// x is normalized by its spread, so that one standard deviation of x is ¼. The
// last noise level is sigmaMin times that. It narrows a posterior standard
// deviation s in the draws by the factor 1/√(1 + (σ_min/s)²): by 2 % if s is a
// tenth of the prior's.
func (r *Recipe) carryOver(pixels float64) {
	t := &r.Training
	t.SigmaMax, t.SigmaMin = max(1, math.Round(10*math.Sqrt(pixels)/28)), sigmaMin/4
	if r.Sampling.Sampler == langevin.SamplerAnnealed {
		r.Sampling.Levels = levels(pixels, t.SigmaMax/t.SigmaMin)
		t.SigmaLevels = r.Sampling.Levels
	}
}

// levels returns the number of geometric levels over a ratio of noise levels
// for which Eq. 17 gives ½: Φ(√(2D)(γ−1) + 3γ) − Φ(√(2D)(γ−1) − 3γ) = ½. The
// first term is close to 1, so that √(2D)(γ−1) = 3γ.
func levels(pixels, ratio float64) int {
	root := math.Sqrt(2 * pixels)
	if root < 6 { // few pixels: γ = 2
		root = 6
	}
	return 1 + int(math.Round(math.Log(ratio)/math.Log(root/(root-3))))
}
