//go:build course

package ex12

import (
	"math"
	"testing"

	"csdm/rng"
)

// TestCalibration draws the true value from N(0, 1), and measures it with noise
// of deviation 1. The posterior is N(y/2, 1/2).
func TestCalibration(t *testing.T) {
	const measurements, n, bins = 2000, 19, 10
	for _, c := range []struct {
		width       float64
		least, most float64
	}{{1, 0, 28}, {0.7, 60, math.Inf(1)}, {1.4, 60, math.Inf(1)}} { // 28: one in a thousand of 9
		var ranks []int
		for i := range uint64(measurements) {
			s := rng.New(3, rng.Prior, i, 0)
			truth := s.Normal()
			y := truth + s.Normal()
			draws := make([]float64, n)
			for j := range draws {
				draws[j] = y/2 + c.width*math.Sqrt(0.5)*s.Normal()
			}
			ranks = append(ranks, Rank(truth, draws))
		}
		if chi := ChiSquare(ranks, n, bins); !(chi >= c.least && chi <= c.most) || chi == 0 {
			t.Errorf("posteriors of %v times the right width: χ² is %v, want %v to %v", c.width,
				chi,
				c.least, c.most)
		}
	}
}
