package bench

import (
	"slices"

	"csdm/rng"
)

// TARP returns the probability integral transform of the distance between the
// true field and a reference point, among the distances of the draws. The draws
// are n rows of the true field's length; ties are broken at random. The value
// is the credibility of the smallest ball around the reference that reaches the
// true field. Over many measurements it is uniform if the posterior is
// calibrated. If it is uniform for every choice of reference points, the
// posterior is exact: tests of accuracy with random points (Lemos et al. 2023).
//
// A reference may depend on the true field only through the measurement. Ranks
// and references that ignore the measurement cannot distinguish a posterior
// from its prior (Modrák et al. 2023), so some references should depend on it.
//
// It is a rank statistic of the function "distance to the reference", and so
// uniform for calibrated draws like any other function.
func TARP(truth, draws, reference []float64, s *rng.Stream) float64 {
	n := len(truth)
	distance := func(x []float64) float64 {
		sum := 0.0
		for k, v := range x {
			sum += (v - reference[k]) * (v - reference[k])
		}
		return sum
	}
	d := make([]float64, 0, len(draws)/n)
	for row := range slices.Chunk(draws, n) {
		d = append(d, distance(row))
	}
	return PIT(distance(truth), d, s)
}

// ExpectedCoverage returns the fraction of u at or below each of the levels.
// For transforms by TARP it is the expected coverage of credible regions. For
// transforms of a quantity it is their distribution function.
func ExpectedCoverage(u, levels []float64) []float64 {
	sorted := slices.Sorted(slices.Values(u))
	out := make([]float64, len(levels))
	for k, level := range levels {
		at, _ := slices.BinarySearchFunc(sorted, level, func(v, level float64) int {
			if v <= level {
				return -1
			}
			return 1
		})
		out[k] = float64(at) / float64(len(sorted))
	}
	return out
}
