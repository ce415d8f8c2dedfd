package kernel

import "unsafe"

// The gradient of the weights of a direct convolution: first copies of x and dy
// as the kernels need them, which goroutines can share, then the products. Each
// weight is a sum over all pixels in their order, so a piece is a range of
// tiles of weights.

// gradBlockFloats is about the number of values of x and dy in a block of
// gradProducts: most of a first-level cache.
const gradBlockFloats = 6 << 10

// directGradWeights adds to dw the gradient of the weights.
func (f *tiledFilter) directGradWeights(g gradient, scratch []float32) {
	tail, copies := take(aligned(scratch), tileRows*tileCols)
	f.gradCopies(copies, g, whole)
	f.gradProducts(g, copies, tail, whole)
}

// narrowFloats is the room for the columns of dy that do not fill a panel.
func (f *tiledFilter) narrowFloats(h, w int) int {
	if f.avx512 || f.cout%8 == 0 {
		return 0
	}
	return h * w * 8
}

// gradCopiesFloats is the room for gradCopies.
func (f *tiledFilter) gradCopiesFloats(h, w int) int {
	if f.one != nil {
		return h * w * taps
	}
	if f.avx512 && f.k == 1 {
		return 0
	}
	pad := f.pad()
	return f.narrowFloats(h, w) + (h+2*pad)*(w+2*pad)*f.cin
}

// gradCopies copies a piece of x with its padding, and of the last columns of
// dy.
func (f *tiledFilter) gradCopies(copies []float32, g gradient, p Piece) {
	h, w := g.h, g.w
	if f.one != nil {
		f.one.shift(copies, g, f.dilation, p)
		return
	}
	if f.gradCopiesFloats(h, w) == 0 {
		return
	}
	narrow, room := take(copies, f.narrowFloats(h, w))
	from, to := p.of(h + 2*f.pad())
	padded(room, Image[float32]{g.x, h, w, f.cin}, f.pad(), from, to)
	if len(narrow) == 0 {
		return
	}
	n := f.cout % 8 // the last panel gets columns of zeros
	if from, to := p.of(h * w); from < to {
		clear(narrow[8*from : 8*to])
		merge(Strided[float32]{narrow[8*from:], 8},
			Strided[float32]{g.dy[from*f.cout+f.cout-n:], f.cout}, to-from, n, false)
	}
}

// gradProducts adds a piece of the gradient of the weights to dw, from the
// copies. tail has room for a tile.
func (f *tiledFilter) gradProducts(g gradient, copies, tail []float32, p Piece) {
	if f.one != nil {
		f.one.gradient.gradProducts(gradient{g.dw, copies, g.x, g.h, g.w}, copies, tail, p)
		return
	}
	if f.avx512 {
		f.gradProductsAVX512(g, copies, p)
		return
	}
	dw, dy, h, w := g.dw, g.dy, g.h, g.w
	cin, cout, pad := f.cin, f.cout, f.pad()
	narrow, room := take(copies, f.narrowFloats(h, w))
	row := (w + 2*pad) * cin
	weights := f.k * f.k * cin
	tiles := ceil(weights, tileRows)
	panels, width := cout/tileCols+ceil(cout%tileCols, 8), tileCols
	if tiles*panels < p.Parts { // more and narrower panels leave fewer goroutines idle
		panels, width = ceil(cout, 8), 8
	}
	from, to := p.of(tiles * panels)
	block := max(1, gradBlockFloats/(row+w*min(cout, tileCols)))
	a := gradArgs{width: w, step: 4 * cin, skip: 4 * 2 * pad * cin}
	for r := 0; r < h; r += block {
		a.height = min(block, h-r)
		for panel, col := 0, 0; col < cout; panel++ {
			columns := min(width, panelWidth(cout-col))
			stored := min(columns, cout-col)
			a.dy, a.dyStep = unsafe.Pointer(&dy[r*w*cout+col]), 4*cout
			if stored < columns {
				a.dy, a.dyStep = unsafe.Pointer(&narrow[r*w*columns]), 4*columns
			}
			last := min(tiles, to-panel*tiles) * tileRows
			for k := max(0, from-panel*tiles) * tileRows; k < min(weights, last); k += tileRows {
				for i := range tileRows {
					tap, ci := min(k+i, weights-1)/cin, min(k+i, weights-1)%cin
					offset := (r+tap/f.k*f.dilation)*row + tap%f.k*f.dilation*cin + ci
					a.rows[i] = unsafe.Pointer(&room[offset])
				}
				if weights-k >= tileRows && stored == columns {
					a.dw, a.dwStep = unsafe.Pointer(&dw[k*cout+col]), 4*cout
					gradTileVector(&a, columns)
					continue
				}
				clear(tail[:tileRows*tileCols])
				a.dw, a.dwStep = unsafe.Pointer(&tail[0]), 4*columns
				gradTileVector(&a, columns)
				merge(Strided[float32]{dw[k*cout+col:], cout}, Strided[float32]{tail, columns},
					min(tileRows, weights-k), stored, true)
			}
			col += columns
		}
	}
}
