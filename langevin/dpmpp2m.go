package langevin

import "math"

// DPMSolverPP2M runs DPM-Solver++(2M), Algorithm 2 of Lu et al. (2022), for a
// variance-exploding process: α_t = 1, σ_t = σ, λ = −ln σ. It integrates the
// probability-flow ODE in λ, exactly in its linear part and to second order in
// the denoiser D(x, σ) = x + σ² s, which it extrapolates from the last two
// levels. The first step has no predecessor and is of first order. So is the
// step to σ = 0, where h is infinite and the result is D. On entry c.X is the
// start (Chain.StartNoise); on return it is the draw. The walk takes L +
// corrections.Steps score evaluations.
//
// The ODE carries the errors of D at all levels into the draw. Corrections at
// one level reduce these errors; see type Corrections.
func DPMSolverPP2M(
	c *Chain, sigmas Schedule, corrections Corrections,
) (evaluations int, err error) {
	c.begin(sigmas)
	correctAt := corrections.level(sigmas)
	x, s := c.X, c.s
	denoised, before := c.d, c.old // D(x_i, σ_i) and D(x_{i−1}, σ_{i−1})
	hBefore := 0.0
	for i, sigma := range sigmas {
		next := sigmas.next(i)
		if i == correctAt {
			for range corrections.Steps {
				if err := c.correct(sigmas, i, corrections.Keep); err != nil {
					return c.evaluations, err
				}
			}
		}
		if err := c.score(s, x, sigmas, i); err != nil {
			return c.evaluations, err
		}
		for k := range x {
			denoised[k] = x[k] + sigma*sigma*s[k]
		}
		if next == 0 {
			copy(x, denoised)
			break
		}
		h := math.Log(sigma / next) // h_i = λ_{i+1} − λ_i
		extrapolate := 0.0
		if i > 0 && i != correctAt { // corrections leave the path of the last denoised state
			extrapolate = h / (2 * hBefore) // 1/(2r), r = h_{i−1}/h_i
		}
		decay := next / sigma // e^{−h}
		for k := range x {
			// (1 + 1/(2r)) D_i − 1/(2r) D_{i−1}
			d := denoised[k] + extrapolate*(denoised[k]-before[k])
			// (σ_{i+1}/σ_i) x − (e^{−h} − 1) d
			x[k] = decay*x[k] + (1-decay)*d
		}
		denoised, before, hBefore = before, denoised, h
	}
	return c.finish(sigmas)
}
