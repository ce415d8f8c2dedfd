package langevin

import (
	"fmt"
	"math"
)

// PredictorCorrector runs the predictor–corrector sampler of Song et al. (2021,
// Algorithm 2) for the variance-exploding process: an ancestral step to the
// next level (their appendix F),
//
//	x ← x + (σ_i² − σ_{i+1}²) s + √(σ_{i+1}² (σ_i² − σ_{i+1}²)/σ_i²) z,
//
// then corrections steps of Langevin dynamics there, x ← x + α s + √(2α) z. The
// ancestral step replaces their reverse-diffusion step because it is exact for
// data that are a single point, however far apart the levels are. Their step
// size is α = 2(snr ‖z‖/‖s‖)²; here both norms are replaced by their root mean
// squares under the noise, ‖z‖² = n and ‖s‖² = n/σ², so α = 2 snr² σ². The step
// size then does not depend on the state, and the corrections preserve their
// distribution. Song et al. use snr = 0.16. The step to σ = 0 denoises and adds
// no noise.
//
// On entry c.X is the start (Chain.StartNoise); on return it is the draw. The
// walk takes L + corrections·(L − 1) score evaluations.
func PredictorCorrector(
	c *Chain, sigmas Schedule, corrections int, snr float64,
) (evaluations int, err error) {
	if corrections < 0 || !(snr > 0) {
		panic(fmt.Sprintf("langevin: %d corrections, snr = %v", corrections, snr))
	}
	c.begin(sigmas)
	x, s := c.X, c.s
	for i, sigma := range sigmas {
		next := sigmas.next(i)
		if err := c.score(s, x, sigmas, i); err != nil {
			return c.evaluations, err
		}
		drop := sigma*sigma - next*next // σ_i² − σ_{i+1}²
		if next == 0 {
			for k := range x {
				x[k] += drop * s[k]
			}
			break
		}
		// The posterior of x_{i+1} given x_i and data x₀ has this variance:
		// x_{i+1} has variance σ_{i+1}², and x_i adds an independent part of
		// variance σ_i² − σ_{i+1}².
		noise := next / sigma * math.Sqrt(drop)
		for k := range x {
			x[k] += drop*s[k] + noise*c.stream.Normal()
		}
		alpha := 2 * snr * snr * next * next
		drift, noise := FormEq18.coefficients(alpha)
		for range corrections {
			if err := c.score(s, x, sigmas, i+1); err != nil {
				return c.evaluations, err
			}
			for k := range x {
				x[k] += drift*s[k] + noise*c.stream.Normal()
			}
		}
	}
	return c.finish(sigmas)
}
