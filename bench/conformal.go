package bench

import (
	"fmt"
	"math"
	"slices"
)

// rounding is how far the product of a coverage and a count may be from the
// whole number that is meant.
const rounding = 1e-9

// LeastMeasurements returns the smallest number of measurements from which
// finite levels of the given coverage follow: 9 for 0.9.
//
// ⌈(n + 1) c⌉ ≤ n holds from n ≥ c/(1 − c) on.
func LeastMeasurements(coverage float64) int {
	return int(math.Ceil(coverage/(1-coverage) - rounding))
}

// QuantileLevel returns the level at which the interval of a further value
// holds it with probability at least coverage, if its level is exchangeable
// with the given ones: the ⌈(n+1) coverage⌉-th smallest of n levels (split
// conformal prediction; Papadopoulos et al. 2002, Lei et al. 2018). The
// probability is over all n + 1 values. It is at most coverage + 1/(n+1) if no
// two levels are equal. The result is +Inf if n is too small or too many levels
// are infinite. levels is not changed.
//
// Among n + 1 exchangeable levels the rank of the new one is uniform, so that
// it is at most the k-th smallest of the others with probability at least k/(n
// + 1).
func QuantileLevel(levels []float64, coverage float64) float64 {
	k := int(math.Ceil(float64(len(levels)+1)*coverage - rounding))
	if k > len(levels) {
		return math.Inf(1)
	}
	sorted := slices.Sorted(slices.Values(levels))
	return sorted[max(k, 1)-1]
}

// RiskLevel returns the index of the first level at which the expected loss of
// a further measurement is at most 1 − coverage. losses holds a row of losses
// in [0, 1] for each of n measurements, which decrease with the level. The
// index is the smallest j with
//
//	(Σ_i loss_ij + 1) / (n + 1) ≤ 1 − coverage
//
// (conformal risk control; Angelopoulos et al. 2022). If the n + 1
// measurements are exchangeable, the expected loss at this level is at most 1 −
// coverage, where the expectation is over all n + 1. The result is −1 if there
// is no such level.
//
// The 1 in the numerator stands for the largest loss that the new measurement
// can have.
func RiskLevel(losses [][]float64, coverage float64) int {
	n := float64(len(losses))
	if n == 0 {
		return -1
	}
	for j := range losses[0] {
		sum := 0.
		for _, row := range losses {
			sum += row[j]
		}
		if (sum+1)/(n+1) <= 1-coverage+rounding {
			return j
		}
	}
	return -1
}

// CheckCoverage returns an error unless coverage is a share that intervals can
// have.
func CheckCoverage(coverage float64) error {
	if !(coverage > 0 && coverage < 1) {
		return fmt.Errorf("coverage is %v; it must lie between 0 and 1, such as 0.9", coverage)
	}
	return nil
}
