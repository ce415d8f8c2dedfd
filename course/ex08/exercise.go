//go:build course

// Package ex08 is exercise 8: a convolution, forward and back. Nearly all the
// work of the network is this sum over the neighbors of each pixel. Its
// backward pass sends each gradient to the pixels that it came from. Read
// internal/kernel/filter.go.
package ex08

// Convolve sets out to the convolution of a rows×cols image with a filter of
// 3×3 weights: out at (r, c) is the sum of w[ky·3 + kx] · in at (r + ky − 1, c
// + kx − 1) over all pixels in the image.
func Convolve(out, in, w []float64, rows, cols int) {
	// Your lines.
}

// Back sets gin to the derivatives of Σ gout·out by the pixels of in.
func Back(gin, gout, w []float64, rows, cols int) {
	// Your lines: the same loop, where in and out change places.
}
