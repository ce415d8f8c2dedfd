package kernel

import "unsafe"

// The tiled convolution: an implicit matrix product of pixels × (taps × Cin) by (taps × Cin) × Cout. The image is copied
// once into scratch with its zero padding; a register tile takes six pixels and up to 16 output channels, and walks over
// the runs of input values that are contiguous in memory ("segments": with dilation 1 the three taps of a filter row).

const (
	tileRows = 6  // pixels of a register tile; in GradWeights, weights
	tileCols = 16 // output channels of a wide panel; a narrow one has 8
)

// convArgs are the arguments of the tile kernels avx2Conv16 and avx2Conv8; strides in bytes.
type convArgs struct {
	src      unsafe.Pointer // first pixel; advanced
	dst      unsafe.Pointer // its output; advanced
	panel    unsafe.Pointer // [count·length][columns] weights
	bias     unsafe.Pointer // [columns] where the sums start
	segments *int           // [count] byte offsets from a pixel
	mask     *int32         // [8] columns to store; nil: all; narrow kernel only
	count    int            // segments
	length   int            // values in a segment
	left     int            // pixels left in the image row of src; advanced
	width    int            // pixels in an image row
	step     int            // from pixel to pixel
	skip     int            // from the end of a row to the next
	stride   int            // from output to output
	tiles    int            // tiles of six pixels, at least one; counted down
	add      int            // 0: set the output; 1: add to it
}

// gradArgs are the arguments of avx2GradWeights16 and avx2GradWeights8; strides in bytes.
type gradArgs struct {
	rows   [tileRows]unsafe.Pointer // first pixel of the input value of each weight
	dy     unsafe.Pointer
	dw     unsafe.Pointer
	mask   *int32
	height int // pixel rows
	width  int
	step   int // in x, from pixel to pixel
	skip   int // in x, from the end of a row to the next
	dyStep int
	dwStep int
}

// masks holds at 8-n the mask of n columns.
var masks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// panels is a weight matrix cut into column panels for the tile kernels: wide ones of 16, then narrow ones of 8, the last
// filled up with zeros.
type panels struct {
	rows, cols int
	data       []float32 // aligned to a cache line
}

func newPanels(rows, cols int) panels {
	return panels{rows, cols, aligned(make([]float32, rows*((cols+7)/8*8)+lineFloats))}
}

// each visits the panels: the first column, the width (16 or 8) and the data of each.
func (p *panels) each(visit func(col, width int, data []float32)) {
	at := 0
	for col := 0; col < p.cols; {
		width := tileCols
		if p.cols-col < tileCols {
			width = 8
		}
		visit(col, width, p.data[at:][:p.rows*width])
		at += p.rows * width
		col += width
	}
}

// set fills the panels from the matrix whose element (row, col) is at(row, col).
func (p *panels) set(at func(row, col int) float32) {
	p.each(func(col, width int, data []float32) {
		for row := range p.rows {
			for j := range width {
				v := float32(0)
				if col+j < p.cols {
					v = at(row, col+j)
				}
				data[row*width+j] = v
			}
		}
	})
}

const lineFloats = 16 // float32 in a cache line

// aligned returns x from its first element on a cache line on.
func aligned(x []float32) []float32 {
	if len(x) == 0 {
		return x
	}
	past := int(uintptr(unsafe.Pointer(&x[0]))) / 4 % lineFloats
	return x[(lineFloats-past)%lineFloats:]
}

// tiledFilter is the convolution of a Filter[float32] by tiles.
type tiledFilter struct {
	cin, cout, k, dilation int
	forward                panels // rows (ky,kx,ci), columns co
	backward               panels // the flipped and transposed filter: rows (ky,kx,co), columns ci
}

func newTiledFilter(cin, cout, k, dilation int) *tiledFilter {
	return &tiledFilter{cin, cout, k, dilation, newPanels(k*k*cin, cout), newPanels(k*k*cout, cin)}
}

func (f *tiledFilter) pack(w []float32) {
	taps := f.k * f.k
	f.forward.set(func(row, co int) float32 { return w[row*f.cout+co] })
	f.backward.set(func(row, ci int) float32 {
		tap, co := row/f.cout, row%f.cout
		return w[((taps-1-tap)*f.cin+ci)*f.cout+co]
	})
}

func (f *tiledFilter) pad() int { return f.k / 2 * f.dilation }

// scratch is what the padded copy of the larger of input and output takes, with room for the pixels of a last, partial tile
// and that tile's output.
func (f *tiledFilter) scratch(h, w int) int {
	pad := f.pad()
	rows := h + 2*pad + (tileRows+w-2)/w
	channels := max(f.cin, f.cout)
	return lineFloats + (channels+15)/16*16 + tileRows*tileCols + rows*(w+2*pad)*channels
}

// padded copies the image x of c channels into room with pad zero pixels around it.
func padded(room, x []float32, h, w, c, pad int) {
	row, edge := (w+2*pad)*c, pad*c
	clear(room[:pad*row])
	for r := range h {
		out := room[(r+pad)*row:][:row]
		clear(out[:edge])
		copy(out[edge:], x[r*w*c:][:w*c])
		clear(out[edge+w*c:])
	}
	clear(room[(h+pad)*row:][:pad*row])
}

// convolve sets or adds to dst the convolution of x with a filter of cin input channels in the given panels.
func (f *tiledFilter) convolve(weights *panels, dst, x, bias []float32, h, w, cin int, add bool, scratch []float32) {
	cout, pad, pixels := weights.cols, f.pad(), h*w
	scratch = aligned(scratch)
	biasRow := scratch[:(cout+15)/16*16]
	tail := scratch[len(biasRow):][:tileRows*tileCols]
	room := scratch[len(biasRow)+len(tail):]
	clear(biasRow)
	copy(biasRow, bias[:min(len(bias), cout)])
	row := (w + 2*pad) * cin
	padded(room, x, h, w, cin, pad)

	var segments [9]int
	a := convArgs{
		segments: &segments[0],
		width:    w, step: 4 * cin, skip: 4 * 2 * pad * cin, stride: 4 * cout,
	}
	if add {
		a.add = 1
	}
	if f.dilation == 1 { // the taps of a filter row follow each other
		a.count, a.length = f.k, f.k*cin
		for ky := range f.k {
			segments[ky] = 4 * ky * row
		}
	} else {
		a.count, a.length = f.k*f.k, cin
		for tap := range f.k * f.k {
			segments[tap] = 4 * f.dilation * (tap/f.k*row + tap%f.k*cin)
		}
	}
	full := pixels / tileRows * tileRows
	at := 0
	for col := 0; col < cout; {
		columns := tileCols
		if cout-col < tileCols {
			columns = 8
		}
		stored := min(columns, cout-col)
		a.panel, a.bias = unsafe.Pointer(&weights.data[at]), unsafe.Pointer(&biasRow[col])
		a.mask = nil
		if stored < 8 {
			a.mask = &masks[8-stored]
		}
		a.src, a.left = unsafe.Pointer(&room[0]), w
		if full > 0 {
			a.dst, a.tiles = unsafe.Pointer(&dst[col]), full/tileRows
			convTiles(&a, columns)
		}
		if full < pixels {
			// The last tile computes six pixels too, of which those past the image are nonsense, into a place of its own.
			b := a
			b.dst, b.stride, b.tiles, b.add = unsafe.Pointer(&tail[0]), 4*tileCols, 1, 0
			convTiles(&b, columns)
			for p := full; p < pixels; p++ {
				out, sum := dst[p*cout+col:][:stored], tail[(p-full)*tileCols:][:stored]
				if add {
					accumulate(out, sum)
				} else {
					copy(out, sum)
				}
			}
		}
		at += weights.rows * columns
		col += columns
	}
}

// gradBlockFloats is about how many values of x and dy a block of GradWeights may hold: most of a first-level cache.
const gradBlockFloats = 6 << 10

// gradWeights adds to dw the gradient of the weights.
func (f *tiledFilter) gradWeights(dw, x, dy []float32, h, w int, scratch []float32) {
	cin, cout, pad := f.cin, f.cout, f.pad()
	scratch = aligned(scratch)
	tail := scratch[:tileRows*tileCols]
	room := scratch[len(tail):]
	padded(room, x, h, w, cin, pad)
	row := (w + 2*pad) * cin
	taps := f.k * f.k
	block := max(1, gradBlockFloats/(row+w*min(cout, tileCols)))
	a := gradArgs{width: w, step: 4 * cin, skip: 4 * 2 * pad * cin, dyStep: 4 * cout}
	for r := 0; r < h; r += block {
		a.height = min(block, h-r)
		for col := 0; col < cout; {
			columns := tileCols
			if cout-col < tileCols {
				columns = 8
			}
			stored := min(columns, cout-col)
			a.mask = &masks[8-min(stored, 8)]
			a.dy = unsafe.Pointer(&dy[r*w*cout+col])
			for k := 0; k < taps*cin; k += tileRows {
				for i := range tileRows {
					tap, ci := min(k+i, taps*cin-1)/cin, min(k+i, taps*cin-1)%cin
					offset := (r+tap/f.k*f.dilation)*row + tap%f.k*f.dilation*cin + ci
					a.rows[i] = unsafe.Pointer(&room[offset])
				}
				if rows := taps*cin - k; rows >= tileRows {
					a.dw, a.dwStep = unsafe.Pointer(&dw[k*cout+col]), 4*cout
					gradTile(&a, columns)
				} else {
					clear(tail)
					a.dw, a.dwStep = unsafe.Pointer(&tail[0]), 4*tileCols
					gradTile(&a, columns)
					for i := range rows {
						accumulate(dw[(k+i)*cout+col:][:stored], tail[i*tileCols:])
					}
				}
			}
			col += columns
		}
	}
}

// accumulate is the loop of Accumulate, for short slices.
func accumulate[F Float](dst, a []F) {
	for i := range dst {
		dst[i] += a[i]
	}
}
