package kernel

import (
	"fmt"
	"math"
)

// MaxPool5Scratch returns the number of elements of scratch that MaxPool5
// needs.
func MaxPool5Scratch(h, w, c int) int { return 2 * h * w * c }

// MaxPool5 sets dst (h·w·c) to the maximum of x over the 5×5 window around each
// pixel, channel by channel. Pixels outside the image are ignored. arg (h·w·c)
// receives the index into x of the first maximum in row-major order of the
// window, for MaxPool5Grad; it is nil in inference. A NaN in the window is the
// maximum (the last of several), as in PyTorch. dst must not overlap x.
func MaxPool5[F Float](dst []F, arg []int32, x []F, h, w, c int, scratch []F) {
	MaxPool5Part(dst, arg, x, h, w, c, whole, scratch)
}

// MaxPool5Part computes a band of rows of MaxPool5.
func MaxPool5Part[F Float](dst []F, arg []int32, x []F, h, w, c int, p Piece, scratch []F) {
	checkPool("MaxPool5", len(dst), len(x), h, w, c)
	need("MaxPool5", "scratch", len(scratch), MaxPool5Scratch(h, w, c))
	if arg != nil {
		need("MaxPool5", "arg", len(arg), h*w*c)
	}
	p.check("MaxPool5Part")
	from, to := p.of(h)
	if single[F]() && useVectors {
		maxPoolVector(as32(dst), arg, as32(x), band{h, w, c, from, to}, as32(scratch))
		return
	}
	maxPool5(dst, arg, x, h, w, c, from, to)
}

// maxPool5 sets rows from up to, and without, to.
func maxPool5[F Float](dst []F, arg []int32, x []F, h, w, c, from, to int) {
	for i := from * w * c; i < to*w*c; i++ {
		r, col, ch := i/(w*c), i/c%w, i%c
		best, at := F(math.Inf(-1)), -1
		for y := max(r-2, 0); y < min(r+3, h); y++ {
			for xx := max(col-2, 0); xx < min(col+3, w); xx++ {
				j := (y*w+xx)*c + ch
				if v := x[j]; at < 0 || v > best || v != v {
					best, at = v, j
				}
			}
		}
		dst[i] = best
		if arg != nil {
			arg[i] = int32(at)
		}
	}
}

// MaxPool5Grad adds dy to dx at the places arg recorded by MaxPool5.
func MaxPool5Grad[F Float](dx, dy []F, arg []int32) {
	same("MaxPool5Grad", len(dy), len(arg))
	for i, j := range arg {
		dx[j] += dy[i]
	}
}

// MaxPool5GradPart computes the part of MaxPool5Grad in a band of the rows of
// dx, an image of h rows.
func MaxPool5GradPart[F Float](dx, dy []F, arg []int32, h int, p Piece) {
	same("MaxPool5GradPart", len(dy), len(arg))
	p.check("MaxPool5GradPart")
	from, to := p.of(h)
	n := len(arg) / h
	low, high := int32(from*n), int32(to*n)
	for i := max(from-2, 0) * n; i < min(to+2, h)*n; i++ {
		if j := arg[i]; j >= low && j < high {
			dx[j] += dy[i]
		}
	}
}

// AvgPool5Scratch returns the number of elements of scratch that AvgPool5 and
// AvgPool5Grad need.
func AvgPool5Scratch(h, w, c int) int { return (h + 1) * w * c }

// AvgPool5 sets dst (h·w·c) to the mean of x over the 5×5 window around each
// pixel, channel by channel. Outside the image x is zero, so the divisor is
// always 25. dst must not overlap x.
func AvgPool5[F Float](dst, x []F, h, w, c int, scratch []F) {
	AvgPool5Part(dst, x, h, w, c, whole, scratch)
}

// AvgPool5Part computes a band of rows of AvgPool5.
func AvgPool5Part[F Float](dst, x []F, h, w, c int, p Piece, scratch []F) {
	checkPool("AvgPool5", len(dst), len(x), h, w, c)
	need("AvgPool5", "scratch", len(scratch), AvgPool5Scratch(h, w, c))
	p.check("AvgPool5Part")
	from, to := p.of(h)
	clear(dst[from*w*c : to*w*c])
	avgPool5Add(dst, x, h, w, c, from, to, scratch)
}

// AvgPool5Grad adds to dx the gradient through AvgPool5. The operation is
// symmetric: dx += AvgPool5(dy).
func AvgPool5Grad[F Float](dx, dy []F, h, w, c int, scratch []F) {
	AvgPool5GradPart(dx, dy, h, w, c, whole, scratch)
}

// AvgPool5GradPart computes a band of rows of AvgPool5Grad.
func AvgPool5GradPart[F Float](dx, dy []F, h, w, c int, p Piece, scratch []F) {
	checkPool("AvgPool5Grad", len(dx), len(dy), h, w, c)
	need("AvgPool5Grad", "scratch", len(scratch), AvgPool5Scratch(h, w, c))
	p.check("AvgPool5GradPart")
	from, to := p.of(h)
	avgPool5Add(dx, dy, h, w, c, from, to, scratch)
}

// avgPool5Add adds rows from up to, and without, to of AvgPool5(x) to dst. It
// sums five values along rows into rows, then five rows.
func avgPool5Add[F Float](dst, x []F, h, w, c, from, to int, rows []F) {
	if single[F]() && useVectors {
		avgPoolVector(as32(dst), as32(x), band{h, w, c, from, to}, as32(rows))
		return
	}
	n := w * c
	for r := max(from-2, 0); r < min(to+2, h); r++ {
		in, out := x[r*n:][:n], rows[r*n:][:n]
		for i := range out {
			var s F
			for j := max(i-2*c, i%c); j < min(i+3*c, n); j += c {
				s += in[j]
			}
			out[i] = s
		}
	}
	for r := from; r < to; r++ {
		out := dst[r*n:][:n]
		for i := range out {
			var s F
			for y := max(r-2, 0); y < min(r+3, h); y++ {
				s += rows[y*n+i]
			}
			out[i] += s * (1.0 / 25)
		}
	}
}

// MeanPool2 sets dst ((h/2)·(w/2)·c) to the means over disjoint 2×2 blocks of x
// (h·w·c). An odd last row or column is ignored.
func MeanPool2[F Float](dst, x []F, h, w, c int) { MeanPool2Part(dst, x, h, w, c, whole) }

// MeanPool2Part computes a band of rows of MeanPool2.
func MeanPool2Part[F Float](dst, x []F, h, w, c int, p Piece) {
	need("MeanPool2", "output", len(dst), (h/2)*(w/2)*c)
	need("MeanPool2", "input", len(x), h*w*c)
	n := w * c
	p.check("MeanPool2Part")
	from, to := p.of(h / 2)
	for r := from; r < to; r++ {
		for col := range w / 2 {
			out := dst[(r*(w/2)+col)*c:][:c]
			a := x[2*r*n+2*col*c:][:2*c]
			b := x[(2*r+1)*n+2*col*c:][:2*c]
			if single[F]() && useVectors {
				meanVector(as32(out), as32(a), as32(b))
				continue
			}
			for ch := range out {
				out[ch] = ((a[ch] + a[c+ch]) + (b[ch] + b[c+ch])) * 0.25
			}
		}
	}
}

// MeanPool2Grad adds to dx (h·w·c) the gradient through MeanPool2, for the
// gradient dy ((h/2)·(w/2)·c) of its output.
func MeanPool2Grad[F Float](dx, dy []F, h, w, c int) { MeanPool2GradPart(dx, dy, h, w, c, whole) }

// MeanPool2GradPart computes a band of rows of MeanPool2Grad.
func MeanPool2GradPart[F Float](dx, dy []F, h, w, c int, p Piece) {
	need("MeanPool2Grad", "output", len(dx), h*w*c)
	need("MeanPool2Grad", "input", len(dy), (h/2)*(w/2)*c)
	p.check("MeanPool2GradPart")
	n := w * c
	from, to := p.of(h / 2)
	for r := from; r < to; r++ {
		for col := range w / 2 {
			in := dy[(r*(w/2)+col)*c:][:c]
			a := dx[2*r*n+2*col*c:][:2*c]
			b := dx[(2*r+1)*n+2*col*c:][:2*c]
			for ch, v := range in {
				v *= 0.25
				a[ch] += v
				a[c+ch] += v
				b[ch] += v
				b[c+ch] += v
			}
		}
	}
}

func checkPool(op string, dst, x, h, w, c int) {
	if h < 1 || w < 1 || c < 1 {
		panic(fmt.Sprintf("kernel: %s: image %d×%d of %d channels; want at least one each",
			op, h, w, c))
	}
	need(op, "output", dst, h*w*c)
	need(op, "input", x, h*w*c)
}
