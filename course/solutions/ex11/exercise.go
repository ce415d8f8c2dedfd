//go:build course

// Package ex11 is exercise 11: a sampler of few steps. The probability flow
// dx/dσ = (x − D)/σ leads from noise to a draw. Euler's method follows it to
// first order. Write a method of second order: Heun's, or DPM-Solver++(2M).
// Read langevin/heun.go or langevin/dpmpp2m.go.
package ex11

// Draw moves x down the levels sigmas, in place, and ends at the last one.
// denoise sets dst to D(x, σ). It may be called twice per level.
func Draw(x, sigmas []float64, denoise func(dst, x []float64, sigma float64)) {
	d, d2, next := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i, sigma := range sigmas[:len(sigmas)-1] {
		below := sigmas[i+1]
		denoise(d, x, sigma)
		for k := range x {
			next[k] = x[k] + (below-sigma)*(x[k]-d[k])/sigma
		}
		denoise(d2, next, below)
		for k := range x {
			x[k] += (below - sigma) / 2 * ((x[k]-d[k])/sigma + (next[k]-d2[k])/below)
		}
	}
}
