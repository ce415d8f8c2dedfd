package priors

import "fmt"

// Mask sets dst to the planes of y, with zeros where the field x is at most
// background. It models measurements in tissue only, as in Section 4.1.2 of the
// paper. The planes of y are consecutive, and each has the length of x. dst and
// y may be the same slice. A mask depends on the field, so it is part of the
// noise-free y that a problem generates; noise is added later. Mask panics if
// the lengths do not match.
func Mask(dst, y, x []float64, background float64) {
	if len(dst) != len(y) || len(x) == 0 || len(y)%len(x) != 0 {
		panic(fmt.Sprintf("priors: mask of %d values by a field of %d, to %d values", len(x),
			len(y), len(dst)))
	}
	for i, v := range y {
		if x[i%len(x)] <= background {
			v = 0
		}
		dst[i] = v
	}
}
