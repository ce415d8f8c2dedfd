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
	clear(out)
	visit(rows, cols, func(p, q, tap int) { out[p] += w[tap] * in[q] })
}

// Back sets gin to the derivatives of Σ gout·out by the pixels of in.
func Back(gin, gout, w []float64, rows, cols int) {
	clear(gin)
	visit(rows, cols, func(p, q, tap int) { gin[q] += w[tap] * gout[p] })
}

// visit calls add for each pixel p, and each neighbor q of it with its weight.
func visit(rows, cols int, add func(p, q, tap int)) {
	for p := range rows * cols {
		for tap := range 9 {
			r, c := p/cols+tap/3-1, p%cols+tap%3-1
			if r >= 0 && r < rows && c >= 0 && c < cols {
				add(p, r*cols+c, tap)
			}
		}
	}
}
