package priors

import (
	"fmt"
	"math"

	"csdm/rng"
)

// maxBlurSide limits the sides of the planes that Blur accepts, so that one
// line fits on the stack.
const maxBlurSide = 1024

// blurReach is the distance in standard deviations at which the Gaussian is cut
// off. The cut-off part is 6e-5 of the whole.
const blurReach = 4

// Blur convolves planes of Rows × Cols pixels with a Gaussian whose full width
// at half maximum is FWHM pixels, along rows and along columns:
//
//	b[k] ∝ 2^(−(2k/FWHM)²), |k| ≤ reach, Σ b[k] = 1;
//
// FWHM = 2√(2 ln 2)·σ, and the reach is 4σ rounded up. Beyond its edges a plane
// is continued by its mirror image about the centers of the edge pixels: value
// −k equals value k. This is exact for an edge that is an axis of symmetry, and
// preserves constants everywhere. The blur is linear. It is self-adjoint with
// weights of ½ for the pixels of an edge and ¼ for a corner, so it preserves
// the integral by the trapezoidal rule.
//
// As a Measurement it uses no random numbers, and can be combined with others
// in a Sequence. As part of a forward model, call Apply.
type Blur struct {
	// size of a plane
	Rows, Cols int
	FWHM       float64 // in pixels, positive
}

// Validate returns an error about the first setting that is not valid. A plane
// must be large enough to be mirrored once.
func (b Blur) Validate() error {
	switch {
	case b.Rows < 2 || b.Cols < 2 || b.Rows > maxBlurSide || b.Cols > maxBlurSide:
		return fmt.Errorf("priors: blur of %d×%d pixels; sides must be from 2 to %d", b.Rows,
			b.Cols, maxBlurSide)
	case !(b.FWHM > 0) || b.FWHM > maxBlurSide:
		return fmt.Errorf("priors: blur of width %v pixels; it must be positive and finite", b.FWHM)
	case b.reach() >= min(b.Rows, b.Cols):
		return fmt.Errorf("priors: blur of width %v pixels is too wide for a plane of %d×%d",
			b.FWHM, b.Rows, b.Cols)
	}
	return nil
}

// Sigma returns the standard deviation of the Gaussian in pixels.
func (b Blur) Sigma() float64 { return b.FWHM / (2 * math.Sqrt(2*math.Ln2)) }

// reach is the number of pixels on each side that the kernel has.
func (b Blur) reach() int { return int(math.Ceil(blurReach * b.Sigma())) }

// Apply sets dst to y with each of its planes blurred. dst and y have the same
// length, a multiple of Rows·Cols, and may be the same slice. Apply panics on
// other lengths, and if Validate returns an error.
func (b Blur) Apply(dst, y []float64) {
	if err := b.Validate(); err != nil {
		panic(err.Error())
	}
	checkLengths(dst, y)
	if len(y)%(b.Rows*b.Cols) != 0 {
		panic(fmt.Sprintf("priors: blur of %d values in planes of %d×%d", len(y), b.Rows, b.Cols))
	}
	copy(dst, y)
	var kernel [maxBlurSide]float64
	var line [3 * maxBlurSide]float64
	taps := kernel[:b.reach()+1] // b[0] … b[reach]
	sum := 0.0
	for k := range taps {
		taps[k] = math.Exp2(-4 * float64(k*k) / (b.FWHM * b.FWHM))
		sum += taps[k]
		if k > 0 {
			sum += taps[k]
		}
	}
	for k := range taps {
		taps[k] /= sum
	}
	for plane := dst; len(plane) > 0; plane = plane[b.Rows*b.Cols:] {
		for row := range b.Rows {
			blurLine(plane[row*b.Cols:], b.Cols, 1, taps, line[:])
		}
		for col := range b.Cols {
			blurLine(plane[col:], b.Rows, b.Cols, taps, line[:])
		}
	}
}

// blurLine convolves the n values v[0], v[stride], … in place, mirrored at both
// ends. line is scratch for n + 2·reach values.
func blurLine(v []float64, n, stride int, taps, line []float64) {
	reach := len(taps) - 1
	for i := range n {
		line[reach+i] = v[i*stride]
	}
	for k := 1; k <= reach; k++ {
		line[reach-k] = line[reach+k]
		line[reach+n-1+k] = line[reach+n-1-k]
	}
	for i := range n {
		at := line[i : i+2*reach+1]
		sum := taps[0] * at[reach]
		for k := 1; k <= reach; k++ {
			sum += taps[k] * (at[reach-k] + at[reach+k])
		}
		v[i*stride] = sum
	}
}

// Sample implements Measurement: Apply.
func (b Blur) Sample(dst, y []float64, _ *rng.Stream) { b.Apply(dst, y) }

// String gives the width as full width at half maximum, in pixels.
func (b Blur) String() string {
	return fmt.Sprintf("Gaussian blur of %g pixels full width at half maximum", b.FWHM)
}
