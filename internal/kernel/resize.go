package kernel

import (
	"fmt"
	"unsafe"
)

// Resize sets dst (dh·dw·c) to x (h·w·c) resized by bilinear interpolation with
// the corner pixels aligned: output row i lies at input row i·(h-1)/(dh-1), and
// columns likewise. dst must not overlap x.
func Resize[F Float](dst []F, dh, dw int, x []F, h, w, c int) {
	ResizePart(dst, dh, dw, x, h, w, c, whole)
}

// ResizePart computes a band of rows of Resize.
func ResizePart[F Float](dst []F, dh, dw int, x []F, h, w, c int, p Piece) {
	checkResize("Resize", len(dst), dh, dw, len(x), h, w, c)
	p.check("ResizePart")
	from, to := p.of(dh)
	if h == dh && w == dw {
		copy(dst[from*w*c:to*w*c], x[from*w*c:])
		return
	}
	var at corners[F]
	var a blendArgs
	rows := newAxis(h, dh)
	for rows.i < from {
		rows.next()
	}
	for ; rows.i < to; rows.next() {
		for cols := newAxis(w, dw); cols.i < dw; cols.next() {
			at.set(&rows, &cols, w)
			out := dst[(rows.i*dw+cols.i)*c:][:c]
			if single[F]() && useVectors {
				a.set(as32(x), as32(out), &at.pixel, as32(at.weight[:]))
				blend4Vector(&a)
				continue
			}
			for ch := range out {
				var s F
				for k, p := range at.pixel {
					s += at.weight[k] * x[p*c+ch]
				}
				out[ch] = s
			}
		}
	}
}

// ResizeGrad adds to dx (h·w·c) the gradient through Resize, for the gradient
// dy (dh·dw·c) of its output.
func ResizeGrad[F Float](dx []F, h, w int, dy []F, dh, dw, c int) {
	ResizeGradient[F]{DX: dx, H: h, W: w, DY: dy, DH: dh, DW: dw, C: c}.Part(whole, nil)
}

// ResizeGradient holds the two images of ResizeGrad.
type ResizeGradient[F Float] struct {
	DX   []F // (H, W, C), added to
	H, W int
	DY   []F // (DH, DW, C)

	DH, DW, C int
}

// Part adds to a band of rows of DX. The vector kernel also adds to the rows
// next to the band, in scratch: C elements, unless there is one part.
func (g ResizeGradient[F]) Part(p Piece, scratch []F) {
	dx, h, w, dy, dh, dw, c := g.DX, g.H, g.W, g.DY, g.DH, g.DW, g.C
	checkResize("ResizeGrad", len(dy), dh, dw, len(dx), h, w, c)
	p.check("ResizeGradient.Part")
	if p.Parts > 1 {
		need("ResizeGradient.Part", "scratch", len(scratch), c)
	}
	from, to := p.of(h)
	if h == dh && w == dw {
		Accumulate(dx[from*w*c:to*w*c], dy[from*w*c:to*w*c])
		return
	}
	var at corners[F]
	var a blendArgs
	for rows := newAxis(h, dh); rows.i < dh; rows.next() {
		y0, y1, _ := rows.between()
		if y1 < from || y0 >= to {
			continue
		}
		first, end := 0, 4 // corners in the band
		if y0 < from {
			first = 2
		}
		if y1 >= to {
			end = 2
		}
		for cols := newAxis(w, dw); cols.i < dw; cols.next() {
			at.set(&rows, &cols, w)
			in := dy[(rows.i*dw+cols.i)*c:][:c]
			if single[F]() && useVectors {
				a.set(as32(dx), as32(in), &at.pixel, as32(at.weight[:]))
				for k := range a.corner {
					if k < first || k >= end {
						a.corner[k] = unsafe.Pointer(&scratch[0])
					}
				}
				spread4Vector(&a)
				continue
			}
			for k := first; k < end; k++ { // in order: at the border two are the same pixel
				p := at.pixel[k]
				for ch, v := range in {
					dx[p*c+ch] += at.weight[k] * v
				}
			}
		}
	}
}

// axis walks along the n output positions of one axis of m input positions.
// Output i lies at input i·(m-1)/(n-1), stored as a whole part and a numerator.
// This is exact: corners and equal sizes have weights of exactly zero and one.
type axis struct {
	i, whole, rest, m, n int
}

func newAxis(m, n int) axis { return axis{m: m, n: n} }

func (a *axis) next() {
	a.i++
	if a.n == 1 {
		return
	}
	for a.rest += a.m - 1; a.rest >= a.n-1; a.rest -= a.n - 1 {
		a.whole++
	}
}

// between returns the input positions around the output position, and the
// weight of the second.
func (a *axis) between() (lo, hi int, t float64) {
	if a.rest == 0 {
		return a.whole, a.whole, 0
	}
	return a.whole, a.whole + 1, float64(a.rest) / float64(a.n-1)
}

// corners are the four input pixels around an output pixel, and their weights.
type corners[F Float] struct {
	pixel  [4]int
	weight [4]F
}

// set finds the corners in an image of w columns.
func (c *corners[F]) set(rows, cols *axis, w int) {
	y0, y1, ty := rows.between()
	x0, x1, tx := cols.between()
	c.pixel[0], c.weight[0] = y0*w+x0, F((1-ty)*(1-tx))
	c.pixel[1], c.weight[1] = y0*w+x1, F((1-ty)*tx)
	c.pixel[2], c.weight[2] = y1*w+x0, F(ty*(1-tx))
	c.pixel[3], c.weight[3] = y1*w+x1, F(ty*tx)
}

// blendArgs are the arguments of blend4AVX2 and spread4AVX2: n values of one
// pixel, and of four others with their weights.
type blendArgs struct {
	corner [4]unsafe.Pointer
	weight [4]float32
	pixel  unsafe.Pointer
	n      int
}

// set relates a pixel to four pixels of image. It writes in place: a copy of
// the struct right after would wait for the writes.
func (a *blendArgs) set(image, pixel []float32, corner *[4]int, weight []float32) {
	a.pixel, a.n = unsafe.Pointer(&pixel[0]), len(pixel)
	for k, p := range corner {
		a.corner[k], a.weight[k] = unsafe.Pointer(&image[p*a.n]), weight[k]
	}
}

func checkResize(op string, dst, dh, dw, x, h, w, c int) {
	if h < 1 || w < 1 || dh < 1 || dw < 1 || c < 1 {
		panic(fmt.Sprintf("kernel: %s: %d×%d to %d×%d pixels of %d channels; want one or more each",
			op, h, w, dh, dw, c))
	}
	need(op, "resized image", dst, dh*dw*c)
	need(op, "original image", x, h*w*c)
}
