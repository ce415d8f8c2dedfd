package priors

import "fmt"

// Mask sets dst to the planes of y with zero where the field x is at most
// background: what is measured in tissue alone, as in Section 4.1.2 of the
// paper. y has one plane after another, each as long as x. dst and y may be the
// same slice. A mask depends on the field, so that it belongs to the noise-free
// y that a problem's generator makes; noise comes on top. It panics if lengths
// do not fit.
func Mask(dst, y, x []float64, background float64) {
	if len(dst) != len(y) || len(x) == 0 || len(y)%len(x) != 0 {
		panic(fmt.Sprintf("priors: mask of %d values on %d, to %d", len(x), len(y), len(dst)))
	}
	for i, v := range y {
		if x[i%len(x)] <= background {
			v = 0
		}
		dst[i] = v
	}
}
