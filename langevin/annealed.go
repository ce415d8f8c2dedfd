package langevin

import (
	"fmt"
	"math"
)

// Form names one of the two printed forms of the Langevin step. They give ε
// different meanings: for the same chain, ε of FormAlgorithm1 is twice the ε of
// FormEq18.
type Form string

const (
	// FormEq18 is x + α s + √(2α) z, the form of Eq. 18 and of Algorithm 1 of
	// Song and Ermon (2020). Table 2's ε = 5.7e-6 is in this form.
	FormEq18 Form = "eq18"
	// FormAlgorithm1 is x + (α/2) s + √α z, as the paper's Eq. 5 and Algorithm
	// 1 print it. Table 2's chains in this form have ε = 1.14e-5.
	FormAlgorithm1 Form = "algorithm1"
)

// validate rejects a form that is none of the two: a mistyped form would halve
// or double every step.
func (f Form) validate() error {
	if f != FormEq18 && f != FormAlgorithm1 {
		return fmt.Errorf("langevin: form %q is neither %q nor %q", f, FormEq18, FormAlgorithm1)
	}
	return nil
}

// coefficients returns the factors of s and z in a step of size alpha.
func (f Form) coefficients(alpha float64) (drift, noise float64) {
	if f == FormAlgorithm1 {
		return alpha / 2, math.Sqrt(alpha)
	}
	return alpha, math.Sqrt(2 * alpha)
}

// AnnealedLangevin runs the paper's Algorithm 1 (Song and Ermon 2020): T =
// stepsPerLevel steps of Langevin dynamics at each level, and a denoising step
// at the end. On entry c.X is the initial state, x₀ ~ U(0, 1) per component
// (Chain.StartUniform); on return it is the draw. The walk takes L·T + 1 score
// evaluations.
func AnnealedLangevin(
	c *Chain, sigmas Schedule, stepsPerLevel int, epsilon float64, form Form,
) (evaluations int, err error) {
	if stepsPerLevel < 1 || !(epsilon > 0) || form.validate() != nil {
		panic(fmt.Sprintf("langevin: T = %d, epsilon = %v, form %q", stepsPerLevel, epsilon, form))
	}
	c.begin(sigmas)
	x, s, last := c.X, c.s, len(sigmas)-1
	sigmaL := sigmas[last]
	for i, sigma := range sigmas {
		// The step grows as σ², because ∇ log p_σ shrinks as 1/σ² far from the
		// data: the ratio of drift to noise is then the same at all levels.
		alpha := epsilon * (sigma * sigma) / (sigmaL * sigmaL) // α_i = ε σ_i²/σ_L²
		drift, noise := form.coefficients(alpha)
		for range stepsPerLevel {
			if err := c.score(s, x, sigmas, i); err != nil {
				return c.evaluations, err
			}
			for k := range x {
				x[k] += drift*s[k] + noise*c.stream.Normal() // x ← x + α_i s + √(2α_i) z
			}
		}
	}
	// The last state still has the noise of σ_L. Tweedie's formula, E[x₀|x] = x
	// + σ_L² ∇ log p_σL(x), removes it. Without this step the draw would carry
	// a white error of deviation σ_L.
	if err := c.score(s, x, sigmas, last); err != nil {
		return c.evaluations, err
	}
	for k := range x {
		x[k] += sigmaL * sigmaL * s[k] // x + σ_L² s
	}
	return c.finish(sigmas)
}
