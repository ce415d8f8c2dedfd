package recipe

import (
	"math"

	"csdm/langevin"
)

// sigmaMin is the last noise level of a problem of one's own, over the standard
// deviation of x.
const sigmaMin = 0.02

// carryOver sets the noise levels of a problem of one's own from those of the
// phantom problem, by its number of pixels D. The range grows with the distance
// between fields, about √D; the number of levels follows from Eq. 17 (see
// levels).
//
// x is normalized by its spread, so that one standard deviation of x is ¼. The
// last noise level is sigmaMin of that: in a draw it narrows what the posterior
// holds to a deviation s by 1/√(1 + (σ_min/s)²), by 2 % where s is a tenth of
// the prior's.
func (r *Recipe) carryOver(pixels float64) {
	t := &r.Training
	t.SigmaMax, t.SigmaMin = max(1, math.Round(10*math.Sqrt(pixels)/28)), sigmaMin/4
	if r.Sampling.Sampler == langevin.SamplerAnnealed {
		r.Sampling.Levels = levels(pixels, t.SigmaMax/t.SigmaMin)
		t.SigmaLevels = r.Sampling.Levels
	}
}

// levels returns how many geometric levels span a ratio of noise levels such
// that Eq. 17 gives ½: Φ(√(2D)(γ−1) + 3γ) − Φ(√(2D)(γ−1) − 3γ) = ½, whose first
// term is all but 1, so that √(2D)(γ−1) = 3γ.
func levels(pixels, ratio float64) int {
	root := math.Sqrt(2 * pixels)
	if root < 6 { // a handful of pixels: γ = 2 will do
		root = 6
	}
	return 1 + int(math.Round(math.Log(ratio)/math.Log(root/(root-3))))
}
