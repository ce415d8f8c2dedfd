//go:build course

// Package ex12 is exercise 12: calibration. Over many measurements the true
// value must look like one more draw: its rank among the draws is uniform.
// Draws that are too narrow push the ranks to both ends. Read bench/sbc.go,
// and try csdm check.
package ex12

// Rank returns how many of the draws are smaller than the true value.
func Rank(truth float64, draws []float64) int {
	// Your lines.
	return 0
}

// ChiSquare returns Σ (counted − expected)²/expected of the ranks 0 … n, in
// bins equal groups. n + 1 is a multiple of bins.
func ChiSquare(ranks []int, n, bins int) float64 {
	// Your lines.
	return 0
}
