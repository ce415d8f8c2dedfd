package phase_test

import (
	"fmt"
	"math"

	"csdm/internal/phase"
)

// A ramp of a quarter of a turn per pixel is measured up to whole turns. Unwrap
// returns the ramp, minus its mean.
func ExampleUnwrap() {
	y := make([]float64, 9)
	for k := range y {
		y[k] = math.Remainder(float64(k)/4, 1) // in turns
	}
	phase.Unwrap(y, 1, len(y), 1)
	fmt.Printf("%.2f\n", y)
	// Output: [-1.00 -0.75 -0.50 -0.25 0.00 0.25 0.50 0.75 1.00]
}
