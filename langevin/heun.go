package langevin

// Heun solves the probability-flow ODE dx/dσ = −σ s(x, σ) by Heun's
// second-order method, with an Euler step to σ = 0, where the slope is not
// defined: Karras et al. (2022), Algorithm 1 with σ(t) = t, s(t) = 1, which is
// their Algorithm 2 without churn. On entry c.X is the start
// (Chain.StartNoise); on return it is the draw. The walk itself is
// deterministic and takes 2L − 1 score evaluations.
func Heun(c *Chain, sigmas Schedule) (evaluations int, err error) {
	c.begin(sigmas)
	x, s, d, trial := c.X, c.s, c.d, c.predict
	for i, t := range sigmas {
		next := sigmas.next(i)
		if err := c.score(s, x, sigmas, i); err != nil {
			return c.evaluations, err
		}
		for k := range x {
			// The ODE is dx/dσ = −σ s: with D = x + σ² s it is the slope of the
			// line from x to the denoised state D.
			d[k] = -t * s[k]                // d_i = (x_i − D(x_i; t_i))/t_i = −t_i s
			trial[k] = x[k] + (next-t)*d[k] // Euler step from t_i to t_{i+1}
		}
		if next == 0 {
			copy(x, trial) // = D(x_i; t_i), the denoised state
			break
		}
		if err := c.score(s, trial, sigmas, i+1); err != nil {
			return c.evaluations, err
		}
		for k := range x {
			x[k] += (next - t) * (d[k] - next*s[k]) / 2 // mean of the slopes at both ends
		}
	}
	return c.finish(sigmas)
}
