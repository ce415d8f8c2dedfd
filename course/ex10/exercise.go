//go:build course

// Package ex10 is exercise 10: noise levels (Algorithm 1, Eq. 17). A sampler
// goes down from σ₁ to σ_L in equal ratios, and its step size at each level is
// proportional to σ². Read langevin/schedule.go.
package ex10

// Levels returns n ≥ 2 noise levels, from first down to last, whose ratios are
// equal.
func Levels(first, last float64, n int) []float64 {
	// Your lines.
	return nil
}

// Alpha returns the step size at level sigma: epsilon at the last level, and
// elsewhere such that the noise of a step is the same part of sigma.
func Alpha(epsilon, sigma, last float64) float64 {
	// Your lines.
	return 0
}
