package kernel

import "math"

// MaxPool5Scratch returns the number of elements of scratch that MaxPool5
// needs.
func MaxPool5Scratch(h, w, c int) int { return 2 * h * w * c }

// MaxPool5 sets dst (H·W·C) to the maximum of x over the 5×5 window around each
// pixel, channel by channel. Pixels outside the image are ignored. arg (H·W·C)
// receives the index into x of the first maximum in row-major order of the
// window, for MaxPool5Grad; it is nil in inference. A NaN in the window is the
// maximum (the last of several), as in PyTorch. dst must not overlap x.
func MaxPool5[F Float](dst []F, arg []int32, x Image[F], scratch []F) {
	MaxPool5Part(dst, arg, x, whole, scratch)
}

// MaxPool5Part computes a band of rows of MaxPool5.
func MaxPool5Part[F Float](dst []F, arg []int32, x Image[F], p Piece, scratch []F) {
	x.check("MaxPool5", "input")
	need("MaxPool5", "output", len(dst), x.size())
	need("MaxPool5", "scratch", len(scratch), MaxPool5Scratch(x.H, x.W, x.C))
	if arg != nil {
		need("MaxPool5", "arg", len(arg), x.size())
	}
	p.check("MaxPool5Part")
	if single[F]() && useVectors {
		maxPoolVector(as32(dst), arg, as32(x.Data), x.band(p), as32(scratch))
		return
	}
	maxPool5(dst, arg, x.Data, x.band(p))
}

// maxPool5 sets the rows of a band.
func maxPool5[F Float](dst []F, arg []int32, x []F, b band) {
	h, w, c := b.h, b.w, b.c
	for i := b.from * w * c; i < b.to*w*c; i++ {
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

// AvgPool5 sets dst (H·W·C) to the mean of x over the 5×5 window around each
// pixel, channel by channel. Outside the image x is zero, so the divisor is
// always 25. dst must not overlap x.
func AvgPool5[F Float](dst []F, x Image[F], scratch []F) {
	AvgPool5Part(dst, x, whole, scratch)
}

// AvgPool5Part computes a band of rows of AvgPool5.
func AvgPool5Part[F Float](dst []F, x Image[F], p Piece, scratch []F) {
	checkAvgPool("AvgPool5", dst, x, p, scratch)
	b := x.band(p)
	clear(dst[b.from*b.w*b.c : b.to*b.w*b.c])
	avgPool5Add(dst, x.Data, b, scratch)
}

// AvgPool5Grad adds to dx the gradient through AvgPool5. The operation is
// symmetric: dx += AvgPool5(dy).
func AvgPool5Grad[F Float](dx []F, dy Image[F], scratch []F) {
	AvgPool5GradPart(dx, dy, whole, scratch)
}

// AvgPool5GradPart computes a band of rows of AvgPool5Grad.
func AvgPool5GradPart[F Float](dx []F, dy Image[F], p Piece, scratch []F) {
	checkAvgPool("AvgPool5Grad", dx, dy, p, scratch)
	avgPool5Add(dx, dy.Data, dy.band(p), scratch)
}

func checkAvgPool[F Float](op string, dst []F, x Image[F], p Piece, scratch []F) {
	x.check(op, "input")
	need(op, "output", len(dst), x.size())
	need(op, "scratch", len(scratch), AvgPool5Scratch(x.H, x.W, x.C))
	p.check(op)
}

// avgPool5Add adds a band of rows of AvgPool5(x) to dst. It sums five values
// along rows into rows, then five rows.
func avgPool5Add[F Float](dst, x []F, b band, rows []F) {
	if single[F]() && useVectors {
		avgPoolVector(as32(dst), as32(x), b, as32(rows))
		return
	}
	h, c := b.h, b.c
	n := b.w * c
	for r := max(b.from-2, 0); r < min(b.to+2, h); r++ {
		in, out := x[r*n:][:n], rows[r*n:][:n]
		for i := range out {
			var s F
			for j := max(i-2*c, i%c); j < min(i+3*c, n); j += c {
				s += in[j]
			}
			out[i] = s
		}
	}
	for r := b.from; r < b.to; r++ {
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

// MeanPool2 sets dst ((H/2)·(W/2)·C) to the means over disjoint 2×2 blocks of
// x. An odd last row or column is ignored.
func MeanPool2[F Float](dst []F, x Image[F]) { MeanPool2Part(dst, x, whole) }

// MeanPool2Part computes a band of rows of MeanPool2.
func MeanPool2Part[F Float](dst []F, x Image[F], p Piece) {
	h, w, c := x.H, x.W, x.C
	need("MeanPool2", "output", len(dst), (h/2)*(w/2)*c)
	need("MeanPool2", "input", len(x.Data), x.size())
	n := w * c
	p.check("MeanPool2Part")
	if single[F]() && useVectors {
		var b blender
		b.meanPool(as32(dst), Image[float32]{as32(x.Data), h, w, c}, p, false)
		return
	}
	from, to := p.of(h / 2)
	for r := from; r < to; r++ {
		for col := range w / 2 {
			out := dst[(r*(w/2)+col)*c:][:c]
			a := x.Data[2*r*n+2*col*c:][:2*c]
			b := x.Data[(2*r+1)*n+2*col*c:][:2*c]
			for ch := range out {
				out[ch] = ((a[ch] + a[c+ch]) + (b[ch] + b[c+ch])) * 0.25
			}
		}
	}
}

// MeanPool2Grad adds to dx the gradient through MeanPool2, for the gradient dy
// ((H/2)·(W/2)·C) of its output.
func MeanPool2Grad[F Float](dx Image[F], dy []F) { MeanPool2GradPart(dx, dy, whole) }

// MeanPool2GradPart computes a band of rows of MeanPool2Grad.
func MeanPool2GradPart[F Float](dx Image[F], dy []F, p Piece) {
	h, w, c := dx.H, dx.W, dx.C
	need("MeanPool2Grad", "output", len(dx.Data), dx.size())
	need("MeanPool2Grad", "input", len(dy), (h/2)*(w/2)*c)
	p.check("MeanPool2GradPart")
	if single[F]() && useVectors {
		var b blender
		b.meanPool(as32(dy), Image[float32]{as32(dx.Data), h, w, c}, p, true)
		return
	}
	n := w * c
	from, to := p.of(h / 2)
	for r := from; r < to; r++ {
		for col := range w / 2 {
			in := dy[(r*(w/2)+col)*c:][:c]
			a := dx.Data[2*r*n+2*col*c:][:2*c]
			b := dx.Data[(2*r+1)*n+2*col*c:][:2*c]
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
