package external

import (
	"math"

	"csdm/problems"
)

// sigmaMin is the last noise level over the standard deviation of x.
const sigmaMin = 0.02

// Presets returns hyper-parameters for a problem that nobody has tuned: those
// of the phantom problem, carried over to its number of pixels D. The range of
// noise levels grows with the distance between fields, about √D; their number
// follows from Eq. 17 (see levels).
//
// x is normalized by its spread, so that one standard deviation of x is ¼. The
// last noise level is sigmaMin of that: in a draw it narrows what the posterior
// holds to a deviation s by 1/√(1 + (σ_min/s)²), by 2 % where s is a tenth of
// the prior's.
//
// What the sampler makes of this is exact within 3 % (pixels) where the score
// is exact: run's TestDefaultsOnALinearGaussianProblem. A network adds its own
// error. On such a problem, 16×16 and 20,000 pairs, one trained for 1,504 steps
// of 32 (preset tiny, seed 1, two busy cores) gave pixels 1.12 to 1.31 times
// their exact deviation and the mean of the field 4 to 6 times: it was still
// learning.
func Presets(d *Definition) []problems.Preset {
	pixels := float64(d.Rows * d.Cols)
	options := problems.Options{Grid: min(d.Rows, d.Cols), NoisePercent: d.Noise.percent()}
	schedule := problems.Schedule{SigmaMax: max(1, math.Round(10*math.Sqrt(pixels)/28)),
		SigmaMin: sigmaMin / 4, StepsPerLevel: 5}
	schedule.Levels = levels(pixels, schedule.SigmaMax/schedule.SigmaMin)
	preset := func(name string, pairs, ngf, steps int) problems.Preset {
		return problems.Preset{
			Name: name, Options: options, Pairs: pairs, Spread: true, Schedule: schedule,
			Network: problems.Network{NGF: ngf, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: steps, LearningRate: 1e-3, WarmUp: 200, Decay: 0.3,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 500, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
		}
	}
	paper := preset("paper", 10_000, 64, 300_000)
	paper.Network.Parameterization = problems.PaperForm
	paper.Training = problems.Training{Batch: 128, Steps: 300_000, LearningRate: 1e-4, Beta1: 0.9,
		Beta2: 0.999, EMA: 0.999, SigmaLaw: problems.OfLevels}
	return []problems.Preset{preset("tiny", 4096, 16, 4000), preset("small", 10_000, 24, 20_000),
		paper}
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
