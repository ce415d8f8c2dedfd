//go:build course

// Package ex10 is exercise 10: noise levels (Algorithm 1, Eq. 17). A sampler
// goes down from σ₁ to σ_L in equal ratios, and its step size at each level is
// proportional to σ². Read langevin/schedule.go.
package ex10

import (
	"math"
)

// Levels returns n ≥ 2 noise levels, from first down to last, whose ratios are
// equal.
func Levels(first, last float64, n int) []float64 {
	sigmas := make([]float64, n)
	for i := range sigmas {
		sigmas[i] = first * math.Pow(last/first, float64(i)/float64(n-1))
	}
	return sigmas
}

// Alpha returns the step size at level sigma: epsilon at the last level, and
// elsewhere such that the noise of a step is the same part of sigma.
func Alpha(epsilon, sigma, last float64) float64 {
	return epsilon * sigma * sigma / (last * last)
}
