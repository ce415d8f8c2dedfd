// Package phase unwraps phases, which interferometers measure but for whole turns.
package phase

import "math"

// Unwrap adds multiples of the period to the values of y, an image of rows×cols, so that neighbours differ by no more than half of it, and
// subtracts their mean, since what is left unknown is the same multiple everywhere. Where the true phase changes by less than half a period from
// a pixel to the next, noise included, the result is the true phase less its mean (Itoh 1982, "Analysis of the phase unwrapping algorithm").
//
// It goes along the middle row, where a confocal microscope has its focus and the least noise, and from there up and down the columns, so that
// a jump that is not resolved is off by a turn in no more than the rest of its column; one in the middle row is in all columns
// after it. The mean moves along. A value that is not finite spoils the image.
func Unwrap(y []float64, rows, cols int, period float64) {
	middle := rows / 2 * cols
	follow := func(p, before int) { y[p] -= period * math.RoundToEven((y[p]-y[before])/period) }
	for c := 1; c < cols; c++ {
		follow(middle+c, middle+c-1)
	}
	for p := middle - 1; p >= 0; p-- {
		follow(p, p+cols)
	}
	for p := middle + cols; p < rows*cols; p++ {
		follow(p, p-cols)
	}
	mean := 0.0
	for _, v := range y[:rows*cols] {
		mean += v
	}
	mean /= float64(rows * cols)
	for p := range y[:rows*cols] {
		y[p] -= mean
	}
}
