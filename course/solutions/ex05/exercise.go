//go:build course

// Package ex05 is exercise 5: a forward model. A bar is a chain of springs of
// stiffness x, pressed together at its top. Every spring carries the same
// force, so that its compression is proportional to 1/x. That is a finite-
// element solution in one dimension, with linear elements.
package ex05

// Forward sets y[i], i = 0 … n, to the displacement of the upper end of spring
// i − 1, where springs x[0] … x[n−1] stand on the ground (y[0] = 0) and the
// upper end of the last one moves by top.
func Forward(y, x []float64, top float64) {
	y[0] = 0
	for i, v := range x {
		y[i+1] = y[i] + 1/v
	}
	total := y[len(x)]
	for i := range y {
		y[i] *= top / total
	}
}
