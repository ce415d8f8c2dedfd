package specimen

import (
	"math"
	"testing"

	"csdm/rng"
)

// TestCorrelationError compares the stated error of a correlation with the
// scatter over maps of white noise, whose second differences along the other
// axis are the ones that the estimate reads.
func TestCorrelationError(t *testing.T) {
	const rows, cols, maps = 24, 30, 2000
	s := rng.New(3, rng.Test, 0, 0)
	y := make([]float64, rows*cols)
	square := 0.0
	for range maps {
		for i := range y {
			y[i] = s.Normal()
		}
		c := neighborCorrelation(secondDifferences(y, rows, cols, cols), cols, 1)
		square += c * c / maps
	}
	count := float64((rows - 2) * (cols - 1))
	if r := math.Sqrt(square) / correlationError(count); math.Abs(r-1) > 0.05 {
		t.Errorf("the scatter is %.3f of the stated error", r)
	}
}
