package bench

import (
	"slices"

	"csdm/rng"
)

// TARP returns the probability integral transform of the distance of the truth
// from a reference point among those of the draws (n rows of the truth's
// length), ties broken at random: the credibility of the smallest ball around
// the reference that reaches the truth. Over many measurements it is uniform if
// the posterior is calibrated, and the posterior is exact if that holds for
// every choice of reference points: tests of accuracy with random points (Lemos
// et al. 2023).
//
// A reference must not depend on the truth but through the measurement.
// References that have nothing to do with the measurement do not tell a
// posterior from its prior, as ranks do not (Modrák et al. 2023): use some that
// follow it, too.
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

// ExpectedCoverage returns the share of u at or below each of the levels: for
// transforms by TARP the expected coverage of its credible regions, for those
// of a quantity its distribution function.
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
