package kernel

import "unsafe"

// The convolution by Winograd's minimal filtering (Winograd 1980; Lavin and
// Gray 2016). An output tile of 4×4 pixels needs 36 products per pair of
// channels instead of 144. Tiles of 6×6 input pixels are transformed, channel
// by channel. Each of the 36 planes is then one matrix product of tiles × Cin
// by Cin × Cout. Last, tiles of 4×4 are transformed back. A convolution dilated
// by d is d² convolutions, one for each phase of rows and columns modulo d, all
// in one product. The gradient of the weights has the same shape, F(3×3, 4×4),
// with tiles of the output's gradient as filters. gen/winograd.go has the
// transforms and their interpolation points.

const (
	tileOut   = 4  // rows and columns of an output tile
	planes    = 36 // 6×6
	roomTile  = planes * 16
	planeSkew = lineFloats // between planes, so that they use different sets of the cache
)

// winogradTiles are the arguments of the transforms of a run of tiles along a
// row; strides in bytes.
type winogradTiles struct {
	lines   [6]unsafe.Pointer // input: the rows of a tile, from pixel 0 on; or zeros
	first   int               // input: the first column of the first tile, in pixels; advanced
	limit   int               // input: columns in the image
	image   unsafe.Pointer    // output: first pixel of the first tile
	tiles   unsafe.Pointer    // transform of the first tile in the first plane
	room    unsafe.Pointer    // [36] vectors
	bias    unsafe.Pointer    // output: [channels]
	row     int               // output: in the image, from a row of the tile to the next
	pixel   int
	step    int // output: from a tile to the next
	plane   int
	vectors int // eights of channels
	count   int // tiles, at least one; counted down
	rows    int // output: of a tile to store, 1 to 4
	columns int
	add     int // output: 1: add to the image
	//lint:ignore U1000 cursors of the kernels
	imageAt, tilesAt uintptr
}

// winogradWeights are the arguments of the transforms of filters; strides in
// bytes.
type winogradWeights struct {
	taps    unsafe.Pointer // the first of nine
	planes  unsafe.Pointer // the first of 36
	room    unsafe.Pointer
	tap     int
	plane   int
	vectors int
}

// winogradProduct are the arguments of the products of matrices C = A·B or AᵀB
// in each plane; strides in bytes. In A·B, where B is in panels, bPlane counts
// from the end of a plane to the next.
type winogradProduct struct {
	a, b, c                unsafe.Pointer
	aRow, bRow, cRow       int
	aPlane, bPlane, cPlane int
	rows                   int // of C
	k                      int
	panels                 int // columns of C by 16
	planes                 int // counted down
	add                    int // 1: add to C
	//lint:ignore U1000 panels left, and cursors of the kernels
	left, aAt, bAt, cAt, panelAt uintptr
}

// winogradGrid is the division of an image into tiles: phase by phase, row by
// row.
type winogradGrid struct {
	h, w, d    int
	rows, cols int // tiles in a phase
	tiles      int // in all
}

func newWinogradGrid(h, w, d int) winogradGrid {
	g := winogradGrid{h: h, w: w, d: d}
	g.rows, g.cols = ceil(ceil(h, d), tileOut), ceil(ceil(w, d), tileOut)
	g.tiles = min(d, h) * min(d, w) * g.rows * g.cols
	return g
}

func ceil(a, b int) int { return (a + b - 1) / b }

// The work that does not depend on the number of tiles, in tiles. It is most of
// the work for small images.
const (
	convolveOverhead = 1
	gradOverhead     = 3
)

// winogradPays reports whether Winograd's filtering is faster than the direct
// method, a function of the shape alone. It has fewer products, tiles·36
// instead of pixels·9, but the transforms cost about as much as 16 more
// channels. CALIBRATION.md has the measurements.
func (f *tiledFilter) winogradPays(h, w, overhead int) bool {
	g := newWinogradGrid(h, w, f.dilation)
	channels := 2 * f.cin * f.cout / (f.cin + f.cout)
	return h*w*9*channels >= (g.tiles+overhead)*planes*(channels+16)
}

// run describes the tiles from tile number t on that are in one row, at most
// limit: the row and column of the image where their phase starts, the row and
// column of tiles in the phase, and their number.
func (g *winogradGrid) run(t, limit int) (r0, c0, row, col, count int) {
	col, row = t%g.cols, t/g.cols%g.rows
	phase, phases := t/(g.cols*g.rows), min(g.d, g.w)
	return phase / phases, phase % phases, row, col, min(g.cols-col, limit)
}

// A winogradSource is an image of c channels to transform. Its tiles go to v,
// tile after tile, in planes that are plane elements apart.
type winogradSource struct {
	gradient    bool // an output's gradient, in tiles of 4×4; else of 6×6, from a pixel before
	x           []float32
	c           int
	v           []float32
	plane       int
	zeros, room []float32 // a row of zeros, and room for one tile
}

// transform transforms n tiles of a source, from number t on.
func (g *winogradGrid) transform(s *winogradSource, t, n int) {
	size, before, x, c, v := 6, 1, s.x, s.c, s.v
	if s.gradient {
		size, before = tileOut, 0
	}
	a := winogradTiles{room: unsafe.Pointer(&s.room[0]), pixel: 4 * g.d * c}
	a.plane, a.vectors = 4*s.plane, c/8
	for i := 0; i < n; {
		r0, c0, row, col, count := g.run(t+i, n-i)
		for j := range size {
			a.lines[j] = unsafe.Pointer(&s.zeros[0])
			if r := r0 + g.d*(row*tileOut+j-before); r >= 0 && r < g.h {
				a.lines[j] = unsafe.Pointer(&x[(r*g.w+c0)*c])
			}
		}
		a.first, a.limit, a.count = col*tileOut-before, ceil(g.w-c0, g.d), count
		a.tiles = unsafe.Pointer(&v[i*c])
		if s.gradient {
			winogradGradientVector(&a)
		} else {
			winogradInputVector(&a)
		}
		i += count
	}
}

// winogradBlock is the number of tiles that are transformed and multiplied at
// once. They stay in a second-level cache. The tiles of an image are divided
// into equal blocks, because each block reads the whole filter.
func winogradBlock(tiles, cin, cout int) int {
	const floats = 96 << 10
	block := max(48, floats/(planes*(cin+cout)))
	return ceil(tiles, max(1, (tiles+block/2)/block))
}

// winogradPlanes is the room for the planes of n tiles of c channels, and the
// distance between two planes.
func winogradPlanes(n, c int) (size, plane int) {
	plane = n*c + planeSkew
	return planes * plane, plane
}

// transformFilter sets u ([36][panel][cin][16], with a skew between the planes)
// from the direct panels of a 3×3 filter, which all have 16 columns or more.
func transformFilter(u []float32, p *panels, room []float32) {
	cin := p.rows / 9
	p.each(func(col, width int, data []float32) {
		winogradFilterVector(&winogradWeights{
			taps: unsafe.Pointer(&data[0]), planes: unsafe.Pointer(&u[col*cin]),
			room: unsafe.Pointer(&room[0]),
			tap:  4 * cin * width, plane: 4 * (cin*p.cols + planeSkew), vectors: cin * width / 8,
		})
	})
}

// winogradScratch is the scratch of a convolution of cin to cout channels, or
// of the gradient of its weights.
func winogradScratch(h, w, d, cin, cout int) int {
	g := newWinogradGrid(h, w, d)
	block := winogradBlock(g.tiles, cin, cout)
	in, _ := winogradPlanes(block, cin)
	out, _ := winogradPlanes(block, cout)
	weights, _ := winogradPlanes(cin, cout)
	return lineFloats + roomTile + in + out + max(w*max(cin, cout)+weights, w*cin+cout)
}

// fewTiles is the number of tiles of a part below which most of its time goes
// into reading all filters.
const fewTiles = 6

// winogradConvolve computes a convolution, dilated by d, with the transformed
// filter u. A piece is a range of tiles, or of the tiles of each panel if there
// are few.
func winogradConvolve(u []float32, d, cin, cout int, conv convolution) {
	g := newWinogradGrid(conv.h, conv.w, d)
	if parts := conv.piece.Parts; parts == 1 || g.tiles >= fewTiles*parts {
		first, end := conv.piece.of(g.tiles)
		winogradTile(&g, winogradPacked{u, cin, cout}, &conv, winogradRange{first, end, 0, cout})
		return
	}
	width := tileCols
	if useAVX512 {
		width = 2 * tileCols
	}
	from, to := conv.piece.of(g.tiles * ceil(cout, width))
	for from < to {
		first, col := from%g.tiles, from/g.tiles*width
		end := min(g.tiles, first+to-from)
		winogradTile(&g, winogradPacked{u, cin, cout}, &conv, winogradRange{first, end, col,
			min(width, cout-col)})
		from += end - first
	}
}

// winogradRange is the tiles from first up to, and without, end of some
// channels of an output.
type winogradRange struct{ first, end, col, cols int }

// winogradPacked is a transformed filter with its numbers of channels.
type winogradPacked struct {
	u         []float32
	cin, cout int
}

// winogradTile computes a range of a convolution.
func winogradTile(g *winogradGrid, f winogradPacked, conv *convolution, r winogradRange) {
	u, cin, cout := f.u, f.cin, f.cout
	bias, first, end := conv.bias, r.first, r.end
	block := winogradBlock(g.tiles, cin, cout)
	vSize, vPlane := winogradPlanes(block, cin)
	mSize, mPlane := winogradPlanes(block, r.cols)
	room, scratch := take(aligned(conv.scratch), roomTile)
	v, scratch := take(scratch, vSize)
	m, scratch := take(scratch, mSize)
	zeros, scratch := take(scratch, g.w*cin)
	clear(zeros)
	if bias == nil {
		bias = scratch[:cout]
		clear(bias)
	}
	source := winogradSource{x: conv.x, c: cin, v: v, plane: vPlane, zeros: zeros, room: room}
	target := winogradTarget{dst: conv.dst[r.col:], channels: cout, cols: r.cols, tiles: m,
		plane: mPlane, bias: bias[r.col:], add: conv.add, room: room}
	for t := first; t < end; t += block {
		n := min(block, end-t)
		g.transform(&source, t, n)
		winogradMultiplyVector(&winogradProduct{
			a: unsafe.Pointer(&v[0]), b: unsafe.Pointer(&u[r.col*cin]), c: unsafe.Pointer(&m[0]),
			aRow: 4 * cin, cRow: 4 * r.cols,
			aPlane: 4 * vPlane, bPlane: 4 * (planeSkew + (cout-r.cols)*cin), cPlane: 4 * mPlane,
			rows: n, k: cin, panels: r.cols / tileCols, planes: planes,
		})
		g.store(&target, t, n)
	}
}

// A winogradTarget is an image that transformed tiles are stored to, in some of
// its channels.
type winogradTarget struct {
	dst      []float32 // from the first of the channels on
	channels int       // of the image
	cols     int       // channels to store
	tiles    []float32 // the transforms, tile after tile, in planes
	plane    int       // from a plane to the next
	bias     []float32 // of the channels to store
	add      bool
	room     []float32 // for one tile
}

// store transforms n tiles back, from number t on, whose transforms are the
// first of s.tiles.
func (g *winogradGrid) store(s *winogradTarget, t, n int) {
	d, c := g.d, s.channels
	out := winogradTiles{
		room: unsafe.Pointer(&s.room[0]), bias: unsafe.Pointer(&s.bias[0]),
		row: 4 * d * g.w * c, pixel: 4 * d * c, step: 4 * d * tileOut * c,
		plane: 4 * s.plane, vectors: s.cols / 8, add: flag(s.add),
	}
	for i := 0; i < n; {
		r0, c0, tileRow, tileCol, count := g.run(t+i, n-i)
		row, col := r0+d*tileOut*tileRow, c0+d*tileOut*tileCol
		out.rows = min(tileOut, ceil(g.h-row, d))
		// Whole tiles together, a tile that reaches past the image alone, and a
		// tile outside not at all.
		whole := min(count, ceil(g.w-col, d)/tileOut)
		out.columns = tileOut
		if whole == 0 {
			whole, out.columns = 1, ceil(g.w-col, d)
		}
		if out.rows > 0 && out.columns > 0 {
			out.image = unsafe.Pointer(&s.dst[(row*g.w+col)*c])
			out.tiles, out.count = unsafe.Pointer(&s.tiles[i*s.cols]), whole
			winogradOutputVector(&out)
		}
		i += whole
	}
}

// winogradGradWeights adds the gradient of the weights to dw.
func (f *tiledFilter) winogradGradWeights(a gradient, scratch []float32) {
	cin, cout := f.cin, f.cout
	g := newWinogradGrid(a.h, a.w, f.dilation)
	block := winogradBlock(g.tiles, cin, cout)
	vSize, vPlane := winogradPlanes(block, cin)
	eSize, ePlane := winogradPlanes(block, cout)
	// Where one block has all tiles, the products of a few input channels at a
	// time are transformed back while they are in a near cache.
	rows := cin
	if block == g.tiles {
		rows = min(cin, gradRows)
	}
	duSize, duPlane := winogradPlanes(rows, cout)
	room, scratch := take(aligned(scratch), roomTile)
	v, scratch := take(scratch, vSize)
	e, scratch := take(scratch, eSize)
	du, scratch := take(scratch, duSize)
	zeros := scratch[:a.w*max(cin, cout)]
	clear(zeros)
	in := winogradSource{x: a.x, c: cin, v: v, plane: vPlane, zeros: zeros, room: room}
	out := winogradSource{x: a.dy, c: cout, v: e, plane: ePlane, zeros: zeros, room: room}
	out.gradient = true
	for t := 0; t < g.tiles; t += block {
		n := min(block, g.tiles-t)
		g.transform(&in, t, n)
		g.transform(&out, t, n)
		for r := 0; r < cin; r += rows {
			winogradOuterVector(&winogradProduct{
				a: unsafe.Pointer(&v[r]), b: unsafe.Pointer(&e[0]), c: unsafe.Pointer(&du[0]),
				aRow: 4 * cin, bRow: 4 * cout, cRow: 4 * cout,
				aPlane: 4 * vPlane, bPlane: 4 * ePlane, cPlane: 4 * duPlane,
				rows: rows, k: n, panels: cout / tileCols, planes: planes, add: flag(t > 0),
			})
			if t+n == g.tiles {
				winogradFilterGradientVector(&winogradWeights{
					taps: unsafe.Pointer(&a.dw[r*cout]), planes: unsafe.Pointer(&du[0]),
					room: unsafe.Pointer(&room[0]),
					tap:  4 * cin * cout, plane: 4 * duPlane, vectors: rows * cout / 8,
				})
			}
		}
	}
}

// gradRows is the number of input channels whose products are transformed back
// together.
const gradRows = 16
