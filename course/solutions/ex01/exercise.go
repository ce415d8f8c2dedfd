//go:build course

// Package ex01 is exercise 1: Bayes' rule on a grid (Eq. 2). The posterior of
// few variables is a weight for each cell: volume times likelihood, divided by
// the sum of all. Likelihoods of thousands of pixels are as small as e^-5000,
// which is 0 for a computer. Read bench/quadrature.go before you begin.
package ex01

import (
	"math"
	"slices"
)

// Weights sets w to the posterior weights of cells of the given volumes, whose
// likelihoods have the given logarithms. The weights sum to 1.
func Weights(w, logLikelihood, volume []float64) {
	top, total := slices.Max(logLikelihood), 0.0
	for i, l := range logLikelihood {
		w[i] = volume[i] * math.Exp(l-top)
		total += w[i]
	}
	for i := range w {
		w[i] /= total
	}
}
