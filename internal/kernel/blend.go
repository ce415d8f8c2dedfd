package kernel

import "unsafe"

// blendPixels is the number of pixels that the vector kernels blend at a time.
const blendPixels = 128

// blendArgs are the arguments of blend4AVX2 and spread4AVX2: a run of pixels of
// n values, and for each of them four pixels of another image, its corners, two
// in each of two rows. Offsets and steps are in bytes.
type blendArgs struct {
	rows    [2]unsafe.Pointer
	at      [2]*[2]int // of each pixel, the places of its corners in a row
	weights *[4]float32
	pixel   unsafe.Pointer
	step    int // from pixel to pixel
	pixels  int // at least one; counted down
	n       int
}

// A blender relates pixels of a row to their corners in two rows.
type blender struct {
	at      [blendPixels][2]int
	right   [blendPixels]float64 // weight of the right corners
	weights [blendPixels][4]float32
}

// nowhere holds the places of corners that are all the same pixel.
var nowhere [blendPixels][2]int

// columns sets the places of the corners of up to blendPixels columns, of c
// values each, and moves cols past them. It returns the number of columns.
func (b *blender) columns(cols *axis, c int) (n int) {
	for n < blendPixels && cols.i < cols.n {
		x0, x1, t := cols.between()
		b.at[n], b.right[n] = [2]int{4 * x0 * c, 4 * x1 * c}, t
		n++
		cols.next()
	}
	return n
}

// weigh sets the weights of n columns, where the second row has weight t.
func (b *blender) weigh(n int, t float64) {
	for i, right := range b.right[:n] {
		left := 1 - right
		b.weights[i] = [4]float32{float32((1 - t) * left), float32((1 - t) * right),
			float32(t * left), float32(t * right)}
	}
}

// args returns the arguments for n pixels of c values at pixel, and two rows.
func (b *blender) args(pixel []float32, n, c int, top, bottom []float32) blendArgs {
	return blendArgs{
		rows: [2]unsafe.Pointer{unsafe.Pointer(&top[0]), unsafe.Pointer(&bottom[0])},
		at:   [2]*[2]int{&b.at[0], &b.at[0]}, weights: &b.weights[0],
		pixel: unsafe.Pointer(&pixel[0]), step: 4 * c, pixels: n, n: c,
	}
}

// resize is the loop of ResizePart, to images of dw columns, for rows up to,
// and without, to.
func (b *blender) resize(dst []float32, x Image[float32], dw int, rows axis, to int) {
	n, c := 0, x.C
	for ; rows.i < to; rows.next() {
		y0, y1, t := rows.between()
		cols := newAxis(x.W, dw)
		for col := 0; col < dw; col += n {
			if n < dw { // else the columns are the same in all rows
				n = b.columns(&cols, c)
			}
			b.weigh(n, t)
			a := b.args(dst[(rows.i*dw+col)*c:], n, c, x.Data[y0*x.W*c:], x.Data[y1*x.W*c:])
			blend4Vector(&a)
		}
	}
}

// resizeGrad is the loop of ResizeGradPart.
func (b *blender) resizeGrad(dx, dy Image[float32], p Piece, scratch []float32) {
	n, c, dw := 0, dx.C, dy.W
	from, to := p.of(dx.H)
	for rows := newAxis(dx.H, dy.H); rows.i < dy.H; rows.next() {
		y0, y1, t := rows.between()
		if y1 < from || y0 >= to {
			continue
		}
		cols := newAxis(dx.W, dw)
		for col := 0; col < dw; col += n {
			if n < dw {
				n = b.columns(&cols, c)
			}
			b.weigh(n, t)
			a := b.args(dy.Data[(rows.i*dw+col)*c:], n, c, dx.Data[y0*dx.W*c:],
				dx.Data[y1*dx.W*c:])
			if y0 < from {
				a.rows[0], a.at[0] = unsafe.Pointer(&scratch[0]), &nowhere[0]
			}
			if y1 >= to {
				a.rows[1], a.at[1] = unsafe.Pointer(&scratch[0]), &nowhere[0]
			}
			spread4Vector(&a)
		}
	}
}

// pairs sets the places and the weights of n columns whose corners are the two
// columns 2i and 2i+1, of c values each.
func (b *blender) pairs(n, c int) {
	for i := range n {
		b.at[i] = [2]int{8 * i * c, (8*i + 4) * c}
		b.weights[i] = [4]float32{0.25, 0.25, 0.25, 0.25}
	}
}

// meanPool is the loop of MeanPool2Part, and with grad of MeanPool2GradPart,
// for the rows of means in a piece.
func (b *blender) meanPool(means []float32, x Image[float32], p Piece, grad bool) {
	w, c := x.W/2, x.C
	b.pairs(min(w, blendPixels), c)
	from, to := p.of(x.H / 2)
	for r := from; r < to; r++ {
		for col := 0; col < w; col += blendPixels {
			top := x.Data[(2*r*x.W+2*col)*c:]
			a := b.args(means[(r*w+col)*c:], min(blendPixels, w-col), c, top, top[x.W*c:])
			if grad {
				spread4Vector(&a)
			} else {
				blend4Vector(&a)
			}
		}
	}
}
