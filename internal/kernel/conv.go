package kernel

import "unsafe"

// The tiled convolution: an implicit matrix product of pixels × (taps × Cin) by
// (taps × Cin) × Cout. The image is copied once into scratch with its zero
// padding. A register tile has six pixels and up to 16 output channels, and
// walks over the runs of input values that are contiguous in memory
// ("segments": with dilation 1 the three taps of a filter row).

const (
	tileRows = 6  // pixels of a register tile; in GradWeights, weights
	tileCols = 16 // output channels of a panel; the last one may have 8
)

// convArgs are the arguments of the tile kernels conv16AVX2 and conv8AVX2;
// strides in bytes.
type convArgs struct {
	src      unsafe.Pointer // first pixel
	dst      unsafe.Pointer // its output
	panel    unsafe.Pointer // [count·length][columns] weights
	bias     unsafe.Pointer // [columns] where the sums start
	segments *int           // [count] byte offsets from a pixel
	count    int            // segments
	length   int            // values in a segment
	left     int            // pixels left in the image row of src; counted down
	width    int            // pixels in an image row
	step     int            // from pixel to pixel
	skip     int            // from the end of a row to the next
	stride   int            // from output to output
	tiles    int            // tiles of six pixels, at least one; counted down
	add      int            // 0: set the output; 1: add to it
	//lint:ignore U1000 cursors of the kernel
	srcAt, dstAt uintptr
}

// gradArgs are the arguments of gradWeights16AVX2 and gradWeights8AVX2;
// strides in bytes.
type gradArgs struct {
	rows   [tileRows]unsafe.Pointer // first pixel of the input value of each weight
	dy     unsafe.Pointer
	dw     unsafe.Pointer
	height int // pixel rows
	width  int
	step   int // in x, from pixel to pixel
	skip   int // in x, from the end of a row to the next
	dyStep int
	dwStep int
}

// panels is a weight matrix cut into panels of 16 columns for the tile kernels,
// then of 8. The last one is filled with zeros.
type panels struct {
	rows, cols int
	avx512     bool      // panels of 32 columns, then of 16
	data       []float32 // aligned to a cache line
}

func newPanels(rows, cols int, avx512 bool) panels {
	p := panels{rows: rows, cols: cols, avx512: avx512}
	size := lineFloats
	for col := 0; col < cols; col += p.width(cols - col) {
		size += rows * p.width(cols-col)
	}
	p.data = aligned(OnHugePages(make([]float32, size)))
	return p
}

// width is the width of the panel that begins where left columns are left.
func (p *panels) width(left int) int {
	if p.avx512 {
		if left > tileCols {
			return 2 * tileCols
		}
		return tileCols
	}
	return panelWidth(left)
}

// each visits the panels: the first column, the width and the data of each.
func (p *panels) each(visit func(col, width int, data []float32)) {
	at := 0
	for col := 0; col < p.cols; {
		width := p.width(p.cols - col)
		visit(col, width, p.data[at:][:p.rows*width])
		at += p.rows * width
		col += width
	}
}

// set fills the panels from a matrix: row i is at m[i·cols:].
func (p *panels) set(m []float32) {
	p.each(func(col, width int, data []float32) {
		n := min(width, p.cols-col)
		for i := range p.rows {
			row := data[i*width:][:width]
			clear(row[copy(row, m[i*p.cols+col:][:n]):])
		}
	})
}

// setTransposed fills the panels from blocks of m, each of cols×n, transposed,
// the last block first: row b·n+i is column i of block blocks-1-b.
func (p *panels) setTransposed(m []float32, n int) {
	p.each(func(col, width int, data []float32) {
		used := min(width, p.cols-col)
		for first := 0; first < p.rows; first += n {
			block := m[(p.rows-n-first)*p.cols:][:n*p.cols]
			for i := range n {
				row := data[(first+i)*width:][:width]
				for j := range used {
					row[j] = block[(col+j)*n+i]
				}
				clear(row[used:])
			}
		}
	})
}

const lineFloats = 16 // float32 in a cache line

// aligned returns x from its first element at the start of a cache line.
func aligned(x []float32) []float32 {
	if len(x) == 0 {
		return x
	}
	past := int(uintptr(unsafe.Pointer(&x[0]))) / 4 % lineFloats
	return x[(lineFloats-past)%lineFloats:]
}

// tiledFilter is the convolution of a Filter[float32] by tiles: directly, or by
// Winograd's filtering.
type tiledFilter struct {
	cin, cout, k, dilation int
	avx512                 bool   // for the kernels of AVX-512
	forward                panels // rows (ky,kx,ci), columns co
	backward               panels // the flipped and transposed filter: rows (ky,kx,co), columns ci
	// The same filters transformed, nil where Winograd's filtering is never
	// used.
	forwardPlanes, backwardPlanes []float32
	only                          Method      // if both are possible; "": by shape
	one                           *oneChannel // nil: there are more output channels
}

func newTiledFilter(cin, cout, k, dilation int) *tiledFilter {
	f := &tiledFilter{cin: cin, cout: cout, k: k, dilation: dilation, avx512: useAVX512,
		one: newOneChannel(cin, cout, k)}
	f.forward, f.backward = newPanels(k*k*cin, cout, f.avx512), newPanels(k*k*cout, cin, f.avx512)
	if k == 3 && cin%tileCols == 0 && cout%tileCols == 0 {
		size, _ := winogradPlanes(cin, cout)
		f.forwardPlanes = aligned(OnHugePages(make([]float32, size+lineFloats)))
		f.backwardPlanes = aligned(OnHugePages(make([]float32, size+lineFloats)))
	}
	return f
}

func (f *tiledFilter) pack(w []float32) {
	f.forward.set(w)
	f.backward.setTransposed(w, f.cout)
	if f.one != nil {
		f.one.pack(w)
	}
	if f.forwardPlanes != nil {
		var room [roomTile]float32
		transformFilter(f.forwardPlanes, &f.forward, room[:])
		transformFilter(f.backwardPlanes, &f.backward, room[:])
	}
}

func (f *tiledFilter) pad() int { return f.k / 2 * f.dilation }

// directScratch is the scratch of the direct method: the padded copy of the
// larger of input and output, with room for the pixels of a last, partial tile;
// the output of that tile; and the output of a panel of 8 that is not full.
func (f *tiledFilter) directScratch(h, w int) int {
	pad := f.pad()
	rows := h + 2*pad + (tileRows+w-2)/w
	channels := max(f.cin, f.cout)
	return lineFloats + (channels+15)/16*16 + tileRows*tileCols + (h*w+tileRows)*8 +
		rows*(w+2*pad)*channels
}

// padded copies the rows from up to, and without, to of the image x with pad
// zero pixels around it to their places in room. There are H + 2 pad rows.
func padded(room []float32, x Image[float32], pad, from, to int) {
	h, w, c := x.H, x.W, x.C
	row, edge := (w+2*pad)*c, pad*c
	for r := from; r < to; r++ {
		out := room[r*row:][:row]
		if r < pad || r >= h+pad {
			clear(out)
			continue
		}
		clear(out[:edge])
		copy(out[edge:], x.Data[(r-pad)*w*c:][:w*c])
		clear(out[edge+w*c:])
	}
}

// scratch is the most that any method needs.
func (f *tiledFilter) scratch(h, w int) int {
	n := f.directScratch(h, w)
	if f.one != nil {
		n = max(n, f.one.scratch(h, w))
	}
	if f.forwardPlanes != nil {
		n = max(n, winogradScratch(h, w, f.dilation, f.cin, f.cout),
			winogradScratch(h, w, f.dilation, f.cout, f.cin))
	}
	return n
}

// method is the method for an image and a pass with the given overhead, a
// function of the shape alone.
func (f *tiledFilter) method(h, w, overhead int) Method {
	switch {
	case f.forwardPlanes == nil:
		return Direct
	case f.only != "":
		return f.only
	case f.winogradPays(h, w, overhead):
		return Winograd
	}
	return Direct
}

// A convolution is the arguments of one: it sets a piece of dst to the filtered
// image x of h×w pixels plus bias, or adds that to dst.
type convolution struct {
	dst, x, bias []float32
	h, w         int
	add          bool
	piece        Piece
	scratch      []float32
}

// run computes a convolution; backward, with the flipped and transposed filter.
func (f *tiledFilter) run(backward bool, v convolution) {
	weights, transformed, cin, cout := &f.forward, f.forwardPlanes, f.cin, f.cout
	if backward {
		weights, transformed, cin, cout = &f.backward, f.backwardPlanes, f.cout, f.cin
	}
	if f.method(v.h, v.w, convolveOverhead) == Winograd {
		winogradConvolve(transformed, f.dilation, cin, cout, v)
		return
	}
	if f.one != nil && !backward {
		f.one.convolve(f.dilation, v)
		return
	}
	f.convolve(weights, cin, v)
}

// A gradient is the arguments of a gradient of weights: it adds to dw the
// gradient for an image x of h×w pixels and the gradient dy of its output.
type gradient struct {
	dw, x, dy []float32
	h, w      int
}

// gradWeights adds to dw the gradient of the weights.
func (f *tiledFilter) gradWeights(g gradient, scratch []float32) {
	if f.method(g.h, g.w, gradOverhead) == Winograd {
		f.winogradGradWeights(g, scratch)
		return
	}
	f.directGradWeights(g, scratch)
}

// convolve computes a convolution directly, with a filter of cin input channels
// in the given panels. A piece is a range of tiles, which are all independent.
func (f *tiledFilter) convolve(weights *panels, cin int, v convolution) {
	if f.avx512 {
		f.convolveAVX512(weights, cin, v)
		return
	}
	dst, bias, h, w, add := v.dst, v.bias, v.h, v.w, v.add
	cout, pad, pixels := weights.cols, f.pad(), h*w
	full := pixels / tileRows
	from, to := v.piece.of(full) // tiles
	first, end, rest := from*tileRows, to*tileRows, 0
	if v.piece.Part == v.piece.Parts-1 {
		end, rest = pixels, pixels-full*tileRows
	}
	if first == end {
		return
	}
	scratch := aligned(v.scratch)
	biasRow, scratch := take(scratch, (cout+15)/16*16)
	tail, scratch := take(scratch, tileRows*tileCols)
	narrow, room := take(scratch, (pixels+tileRows)*8)
	clear(biasRow)
	copy(biasRow, bias[:min(len(bias), cout)])
	row := (w + 2*pad) * cin
	padded(room, Image[float32]{v.x, h, w, cin}, pad, first/w, (end-1)/w+2*pad+1)

	var segments [9]int
	a := convArgs{segments: &segments[0], width: w, step: 4 * cin, skip: 4 * 2 * pad * cin}
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
	start := func(pixel int) { // the first pixel of the next tiles
		r, c := pixel/w, pixel%w
		a.src, a.left = unsafe.Pointer(&room[r*row+c*cin]), w-c
	}
	at := 0
	for col := 0; col < cout; {
		columns := panelWidth(cout - col)
		a.panel, a.bias = unsafe.Pointer(&weights.data[at]), unsafe.Pointer(&biasRow[col])
		at += weights.rows * columns
		start(first)
		if columns > cout-col {
			// The last panel has columns that do not exist: compute all of it
			// in scratch, and copy the others.
			a.dst, a.stride, a.add = unsafe.Pointer(&narrow[first*columns]), 4*columns, 0
			a.tiles = to - from + flag(rest > 0)
			convTilesVector(&a, columns)
			merge(Strided[float32]{dst[first*cout+col:], cout},
				Strided[float32]{narrow[first*columns:], columns}, end-first, cout-col, add)
			return
		}
		if from < to {
			a.dst, a.stride, a.add = unsafe.Pointer(&dst[first*cout+col]), 4*cout, flag(add)
			a.tiles = to - from
			convTilesVector(&a, columns)
		}
		if rest > 0 {
			// The last tile has pixels that do not exist.
			start(full * tileRows)
			a.dst, a.stride, a.add, a.tiles = unsafe.Pointer(&tail[0]), 4*columns, 0, 1
			convTilesVector(&a, columns)
			merge(Strided[float32]{dst[full*tileRows*cout+col:], cout},
				Strided[float32]{tail, columns}, rest, columns, add)
		}
		col += columns
	}
}

// take cuts the first n elements off scratch.
func take(scratch []float32, n int) (head, rest []float32) { return scratch[:n], scratch[n:] }

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// panelWidth is the width of the panel that begins where left columns are left.
func panelWidth(left int) int {
	if left >= tileCols {
		return tileCols
	}
	return 8
}

// merge sets the first n columns of rows of dst to the same columns of src, or
// adds them.
func merge(dst, src Strided[float32], rows, n int, add bool) {
	for i := range rows {
		out, in := dst.Data[i*dst.Stride:][:n], src.Data[i*src.Stride:][:n]
		if add {
			for j, v := range in {
				out[j] += v
			}
		} else {
			copy(out, in)
		}
	}
}
