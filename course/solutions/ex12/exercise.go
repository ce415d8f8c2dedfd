//go:build course

// Package ex12 is exercise 12: calibration. Over many measurements the true
// value must look like one more draw: its rank among the draws is uniform.
// Draws that are too narrow push the ranks to both ends. Read bench/sbc.go,
// and try csdm check.
package ex12

// Rank returns how many of the draws are smaller than the true value.
func Rank(truth float64, draws []float64) int {
	n := 0
	for _, d := range draws {
		if d < truth {
			n++
		}
	}
	return n
}

// ChiSquare returns Σ (counted − expected)²/expected of the ranks 0 … n, in
// bins equal groups. n + 1 is a multiple of bins.
func ChiSquare(ranks []int, n, bins int) float64 {
	counted := make([]int, bins)
	for _, r := range ranks {
		counted[r*bins/(n+1)]++
	}
	expected, chi := float64(len(ranks))/float64(bins), 0.0
	for _, c := range counted {
		chi += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	return chi
}
