package kernel

// Resize sets dst to x, of as many channels, resized by bilinear interpolation
// with the corner pixels aligned: row i of dst lies at row i·(x.H-1)/(dst.H-1)
// of x, and columns likewise. dst must not overlap x.
func Resize[F Float](dst, x Image[F]) { ResizePart(dst, x, whole) }

// ResizePart computes a band of rows of Resize.
func ResizePart[F Float](dst, x Image[F], p Piece) {
	checkResize("Resize", dst, x)
	p.check("ResizePart")
	from, to := p.of(dst.H)
	w, dw, c := x.W, dst.W, x.C
	if x.H == dst.H && w == dw {
		copy(dst.Data[from*w*c:to*w*c], x.Data[from*w*c:])
		return
	}
	rows := newAxis(x.H, dst.H)
	for rows.i < from {
		rows.next()
	}
	if single[F]() && useVectors {
		var b blender
		b.resize(as32(dst.Data), Image[float32]{as32(x.Data), x.H, w, c}, dw, rows, to)
		return
	}
	var at corners[F]
	for ; rows.i < to; rows.next() {
		for cols := newAxis(w, dw); cols.i < dw; cols.next() {
			at.set(&rows, &cols, w)
			out := dst.Data[(rows.i*dw+cols.i)*c:][:c]
			for ch := range out {
				var s F
				for k, p := range at.pixel {
					s += at.weight[k] * x.Data[p*c+ch]
				}
				out[ch] = s
			}
		}
	}
}

// ResizeGrad adds to dx the gradient through Resize, for the gradient dy of its
// output.
func ResizeGrad[F Float](dx, dy Image[F]) { ResizeGradPart(dx, dy, whole, nil) }

// ResizeGradPart adds to a band of rows of dx. The vector kernel also adds to
// the rows next to the band, in scratch: C elements, unless there is one part.
func ResizeGradPart[F Float](dx, dy Image[F], p Piece, scratch []F) {
	checkResize("ResizeGrad", dy, dx)
	p.check("ResizeGradPart")
	w, dw, c := dx.W, dy.W, dx.C
	if p.Parts > 1 {
		need("ResizeGradPart", "scratch", len(scratch), c)
	}
	from, to := p.of(dx.H)
	if dx.H == dy.H && w == dw {
		Accumulate(dx.Data[from*w*c:to*w*c], dy.Data[from*w*c:to*w*c])
		return
	}
	if single[F]() && useVectors {
		var b blender
		b.resizeGrad(Image[float32]{as32(dx.Data), dx.H, w, c},
			Image[float32]{as32(dy.Data), dy.H, dw, c}, p, as32(scratch))
		return
	}
	var at corners[F]
	for rows := newAxis(dx.H, dy.H); rows.i < dy.H; rows.next() {
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
			in := dy.Data[(rows.i*dw+cols.i)*c:][:c]
			for k := first; k < end; k++ { // in order: at the border two are the same pixel
				p := at.pixel[k]
				for ch, v := range in {
					dx.Data[p*c+ch] += at.weight[k] * v
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

func checkResize[F Float](op string, resized, original Image[F]) {
	resized.check(op, "resized image")
	original.check(op, "original image")
	same(op, resized.C, original.C)
}
