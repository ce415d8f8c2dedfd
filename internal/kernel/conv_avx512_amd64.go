package kernel

import "unsafe"

// The direct convolution for AVX-512. Panels have 32 columns, the last one 16
// or 32. Tiles are pieces of image rows, all of nearly the same length, so that
// the pixels of one are evenly spaced. Columns that do not exist are masked,
// and need no room in scratch.

const (
	tileRowsAVX512 = 14 // pixels of a register tile at most; in GradWeights, weights
	tileColsAVX512 = 32
)

// convArgsAVX512 are the arguments of conv32AVX512 and conv16AVX512; strides in
// bytes.
type convArgsAVX512 struct {
	src      unsafe.Pointer // first pixel
	dst      unsafe.Pointer // its output
	panel    unsafe.Pointer // [count·length][columns] weights
	bias     unsafe.Pointer // [columns] where the sums start
	segments *int           // [count] byte offsets from a pixel
	count    int            // segments
	length   int            // values in a segment
	step     int            // from pixel to pixel
	skip     int            // from the end of the pieces in a row to the next row's
	stride   int            // from output to output
	dstSkip  int            // likewise
	pixels   int            // of a piece, 1 to 14
	pieces   int            // of a row, one after the other
	rows     int            // counted down
	add      int            // 0: set the output; 1: add to it
	mask     int            // of the last sixteen columns, the ones that exist
	//lint:ignore U1000 cursors of the kernel
	left, dstAt uintptr
}

// gradArgsAVX512 are the arguments of gradWeights32AVX512 and
// gradWeights16AVX512; strides in bytes.
type gradArgsAVX512 struct {
	x       unsafe.Pointer // first pixel of the input value of the first weight
	dy      unsafe.Pointer
	dw      unsafe.Pointer
	weights int // that follow each other in x, 1 to 14
	height  int // pixel rows
	width   int
	step    int // in x, from pixel to pixel
	skip    int // in x, from the end of a row to the next
	dyStep  int
	dwStep  int
	mask    int // of the last sixteen columns, the ones that exist
}

// conv32AVX512 is, for each of rows, for each of pieces, for each of its pixels
// p:
//
//	for j := range 32 { // the last sixteen masked
//		sum := bias[j]
//		for s := range count {
//			for k := range length {
//				sum += p[segments[s]+k] · panel[s·length+k][j]
//			}
//		}
//		dst[j] = sum // or +=
//	}
//
// Pieces of fewer than four pixels sum the even and the odd k of each four
// separately.
//
//go:noescape
func conv32AVX512(a *convArgsAVX512)

// conv16AVX512 is conv32AVX512 for sixteen columns. Pieces of fewer than eight
// pixels sum even and odd k separately.
//
//go:noescape
func conv16AVX512(a *convArgsAVX512)

// gradWeights32AVX512 is the following loop, for each weight i:
//
//	for j := range 32 { // the last sixteen masked
//		sum := 0
//		for r := range height {
//			for c := range width {
//				v := x[r·(width·step+skip)+c·step+i]
//				sum += v · dy[(r·width+c)·dyStep+j]
//			}
//		}
//		dw[i·dwStep+j] += sum
//	}
//
// Fewer than four weights sum even and odd columns separately.
//
//go:noescape
func gradWeights32AVX512(a *gradArgsAVX512)

// gradWeights16AVX512 is gradWeights32AVX512 for sixteen columns. Fewer than
// eight weights sum even and odd columns separately.
//
//go:noescape
func gradWeights16AVX512(a *gradArgsAVX512)

// cut cuts n into parts of at most tileRowsAVX512 that differ by one at most:
// count parts of the given size, then lesser parts of one less.
func cut(n int) (size, count, lesser int) {
	parts := ceil(n, tileRowsAVX512)
	size = ceil(n, parts)
	lesser = parts*size - n
	return size, parts - lesser, lesser
}

// columnMask is the mask of the last sixteen of a number of columns, of which n
// exist.
func columnMask(columns, n int) int { return 1<<min(16, n-(columns-16)) - 1 }

// image returns the pixels of x with their padding, which are in room unless
// there is no padding, and the rows and columns to go through: for a 1×1
// convolution all pixels are one row.
func (f *tiledFilter) image(room, x []float32, h, w int) ([]float32, int, int) {
	if f.k == 1 {
		return x, 1, h * w
	}
	return room, h, w
}

// taps lists the runs of input values of a pixel: their offsets in bytes from
// the first, in a padded image whose rows have row values, and their length.
// With dilation 1, the taps of a filter row follow each other.
func (f *tiledFilter) taps(segments *[9]int, row, cin int) (count, length int) {
	if f.dilation == 1 || f.k == 1 {
		for ky := range f.k {
			segments[ky] = 4 * ky * row
		}
		return f.k, f.k * cin
	}
	for tap := range f.k * f.k {
		segments[tap] = 4 * f.dilation * (tap/f.k*row + tap%f.k*cin)
	}
	return f.k * f.k, cin
}

// convolveAVX512 is convolve for panels of 32 columns. A piece is a range of
// rows, or for a 1×1 convolution of the pieces of its only row.
func (f *tiledFilter) convolveAVX512(weights *panels, cin int, v convolution) {
	cout, pad, dst, bias := weights.cols, f.pad(), v.dst, v.bias
	biasRow, room := take(aligned(v.scratch), (cout+tileColsAVX512-1)/tileColsAVX512*tileColsAVX512)
	clear(biasRow)
	copy(biasRow, bias[:min(len(bias), cout)])
	rows, pieces := v.piece, whole
	if f.k == 1 {
		rows, pieces = whole, v.piece
	}
	src, h, w := f.image(room, v.x, v.h, v.w)
	row := (w + 2*pad) * cin
	top, bottom := rows.of(h)
	if top == bottom {
		return
	}
	if f.k > 1 {
		padded(room, Image[float32]{v.x, h, w, cin}, pad, top, bottom+2*pad)
	}

	var segments [9]int
	a := convArgsAVX512{segments: &segments[0], step: 4 * cin, stride: 4 * cout, add: flag(v.add)}
	a.count, a.length = f.taps(&segments, row, cin)
	size, count, lesser := cut(w)
	weights.each(func(col, columns int, data []float32) {
		a.panel, a.bias = unsafe.Pointer(&data[0]), unsafe.Pointer(&biasRow[col])
		a.mask = columnMask(columns, cout-col)
		first := 0
		for _, part := range [2]struct{ pixels, pieces int }{{size, count}, {size - 1, lesser}} {
			from, to := pieces.of(part.pieces)
			at, n := first+from*part.pixels, (to-from)*part.pixels
			first += part.pixels * part.pieces
			if n == 0 {
				continue
			}
			a.src = unsafe.Pointer(&src[top*row+at*cin])
			a.dst = unsafe.Pointer(&dst[(top*w+at)*cout+col])
			a.pixels, a.pieces, a.rows = part.pixels, to-from, bottom-top
			a.skip, a.dstSkip = 4*(row-n*cin), 4*(w-n)*cout
			if columns == tileColsAVX512 {
				conv32AVX512(&a)
			} else {
				conv16AVX512(&a)
			}
		}
	})
}

// gradProductsAVX512 is gradProducts for panels of 32 columns.
func (f *tiledFilter) gradProductsAVX512(g gradient, copies []float32, p Piece) {
	cin, cout, pad := f.cin, f.cout, f.pad()
	src, h, w := f.image(copies, g.x, g.h, g.w)
	row := (w + 2*pad) * cin
	var segments [9]int
	count, length := f.taps(&segments, row, cin)
	size, equal, lesser := cut(length)
	from, to := p.of(count * (equal + lesser) * ceil(cout, tileColsAVX512)) // tiles of weights
	a := gradArgsAVX512{step: 4 * cin, skip: 4 * 2 * pad * cin, dyStep: 4 * cout, dwStep: 4 * cout}
	if f.k == 1 { // one long row: any part of it is a block
		h, w = w, 1
		row = cin
	}
	block := max(1, gradBlockFloats/(row+w*min(cout, tileColsAVX512)))
	for r := 0; r < h; r += block {
		a.height, a.width = min(block, h-r), w
		if f.k == 1 {
			a.height, a.width = 1, a.height
		}
		for tile, col := 0, 0; col < cout; {
			columns := f.forward.width(cout - col)
			a.dy, a.mask = unsafe.Pointer(&g.dy[r*w*cout+col]), columnMask(columns, cout-col)
			for s := range count {
				for i, part := 0, 0; i < length; part++ {
					a.weights = size
					if part < lesser {
						a.weights--
					}
					if tile++; tile <= from || tile > to {
						i += a.weights
						continue
					}
					a.x = unsafe.Pointer(&src[r*row+segments[s]/4+i])
					a.dw = unsafe.Pointer(&g.dw[(s*length+i)*cout+col])
					if columns == tileColsAVX512 {
						gradWeights32AVX512(&a)
					} else {
						gradWeights16AVX512(&a)
					}
					i += a.weights
				}
			}
			col += columns
		}
	}
}
