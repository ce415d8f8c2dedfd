package kernel

import "unsafe"

// The convolution by Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2016): an output tile of 4×4 pixels takes
// 36 products per pair of channels in place of 144. Tiles of 6×6 input pixels are transformed, channel by channel; then for
// each of the 36 planes there is one matrix product of tiles × Cin by Cin × Cout; then tiles of 4×4 are transformed back. A
// convolution dilated by d is d² convolutions, one for each phase of rows and columns modulo d, all in one product. The
// gradient of the weights has the same shape, F(3×3, 4×4), with tiles of the output's gradient as filters. gen/winograd.go
// has the transforms, and the points they rest on.

const (
	tileOut   = 4  // rows and columns of an output tile
	planes    = 36 // 6×6
	roomTile  = planes * 8
	planeSkew = lineFloats // between planes, lest their same elements all fall into the same few sets of the cache
)

// winogradTiles are the arguments of the transforms of a run of tiles along a row; strides in bytes.
type winogradTiles struct {
	image   unsafe.Pointer // first pixel of the first tile
	tiles   unsafe.Pointer // its transform in the first plane
	room    unsafe.Pointer // [36][8] float32
	bias    unsafe.Pointer // [channels], output only
	row     int            // in the image, from a row of the tile to the next
	pixel   int
	step    int // from a tile to the next
	plane   int
	vectors int // eights of channels
	count   int // tiles, at least one; counted down
	rows    int // of an output tile to store, 1 to 4
	columns int
	add     int // 1: add to the image
	imageAt uintptr
	tilesAt uintptr
}

// winogradWeights are the arguments of the transforms of filters; strides in bytes.
type winogradWeights struct {
	taps    unsafe.Pointer // the first of nine
	planes  unsafe.Pointer // the first of 36
	room    unsafe.Pointer
	tap     int
	plane   int
	vectors int
}

// winogradProduct are the arguments of the products of matrices C = A·B or AᵀB in each plane; strides in bytes. In the first,
// where B is in panels, bPlane counts from the end of a plane to the next.
type winogradProduct struct {
	a, b, c                unsafe.Pointer
	aRow, bRow, cRow       int
	aPlane, bPlane, cPlane int
	rows                   int // of C
	k                      int
	panels                 int // columns of C by 16
	planes                 int // counted down
	add                    int // 1: add to C
	left                   int
	aAt, bAt, cAt, panelAt uintptr
}

// winogradGrid is the division of an image into tiles: phase by phase, row by row.
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

// The work that doesn't depend on the number of tiles, in tiles: it is what filters of small images cost.
const (
	convolveOverhead = 1
	gradOverhead     = 3
)

// winogradPays reports whether Winograd's filtering is faster than the direct method, a function of the shape alone. It has
// fewer products to make, tiles·36 in place of pixels·9, but the transforms cost about as much as 16 more channels would:
// they weigh less the more channels there are. CALIBRATION.md has the measurements.
func winogradPays(h, w, d, cin, cout, overhead int) bool {
	g := newWinogradGrid(h, w, d)
	channels := 2 * cin * cout / (cin + cout)
	return h*w*9*channels >= (g.tiles+overhead)*planes*(channels+16)
}

// padded is the size of the image with d zero pixels before it and as many after as the tiles reach.
func (g *winogradGrid) padded() (h, w int) {
	return max(g.h, g.d*g.rows*tileOut) + 2*g.d, max(g.w, g.d*g.cols*tileOut) + 2*g.d
}

// run describes count tiles from tile number t on, all in one row: the first pixel of their output.
func (g *winogradGrid) run(t, limit int) (r, c, count int) {
	col, row, phase := t%g.cols, t/g.cols%g.rows, t/(g.cols*g.rows)
	phases := min(g.d, g.w)
	return phase/phases + g.d*tileOut*row, phase%phases + g.d*tileOut*col, min(g.cols-col, limit)
}

// winogradBlock is the number of tiles transformed and multiplied at once, such that they stay in a second-level cache.
func winogradBlock(tiles, cin, cout int) int {
	const floats = 96 << 10
	block := max(48, floats/(planes*(cin+cout))/tileRows*tileRows)
	return min(tiles, block)
}

// winogradPlanes is the room for the planes of n tiles of c channels, and the distance of two.
func winogradPlanes(n, c int) (size, plane int) {
	plane = n*c + planeSkew
	return planes * plane, plane
}

// transformFilter sets u ([36][panel][cin][16], a skew between the planes) from the direct panels of a 3×3 filter, all of which are wide.
func transformFilter(u []float32, p *panels, room []float32) {
	cin := p.rows / 9
	p.each(func(col, width int, data []float32) {
		winogradFilter(&winogradWeights{
			taps: unsafe.Pointer(&data[0]), planes: unsafe.Pointer(&u[col*cin]), room: unsafe.Pointer(&room[0]),
			tap: 4 * cin * width, plane: 4 * (cin*p.cols + planeSkew), vectors: cin * width / 8,
		})
	})
}

// winogradScratch is the scratch of a convolution of cin to cout channels, or the gradient of its weights.
func winogradScratch(h, w, d, cin, cout int) int {
	g := newWinogradGrid(h, w, d)
	ph, pw := g.padded()
	block := winogradBlock(g.tiles, cin, cout)
	in, _ := winogradPlanes(block, cin)
	out, _ := winogradPlanes(block, cout)
	return lineFloats + roomTile + (cout+15)/16*16 + ph*pw*cin + in + out
}

// winogradConvolve sets or adds to dst the convolution of x with the filter transformed in u.
func winogradConvolve(u, dst, x, bias []float32, h, w, d, cin, cout int, add bool, scratch []float32) {
	g := newWinogradGrid(h, w, d)
	block := winogradBlock(g.tiles, cin, cout)
	room, scratch := take(aligned(scratch), roomTile)
	biasRow, scratch := take(scratch, (cout+15)/16*16)
	clear(biasRow)
	copy(biasRow, bias)
	vSize, vPlane := winogradPlanes(block, cin)
	mSize, mPlane := winogradPlanes(block, cout)
	v, scratch := take(scratch, vSize)
	m, image := take(scratch, mSize)
	ph, pw := g.padded()
	embed(image, x, h, w, cin, d, ph, pw)
	for t := 0; t < g.tiles; t += block {
		n := min(block, g.tiles-t)
		in := winogradTiles{
			room: unsafe.Pointer(&room[0]), row: 4 * d * pw * cin, pixel: 4 * d * cin, step: 4 * d * tileOut * cin,
			plane: 4 * vPlane, vectors: cin / 8,
		}
		for i := 0; i < n; {
			r, c, count := g.run(t+i, n-i)
			in.image, in.tiles, in.count = unsafe.Pointer(&image[(r*pw+c)*cin]), unsafe.Pointer(&v[i*cin]), count
			winogradInput(&in)
			i += count
		}
		winogradMultiply(&winogradProduct{
			a: unsafe.Pointer(&v[0]), b: unsafe.Pointer(&u[0]), c: unsafe.Pointer(&m[0]),
			aRow: 4 * cin, cRow: 4 * cout, aPlane: 4 * vPlane, bPlane: 4 * planeSkew, cPlane: 4 * mPlane,
			rows: n, k: cin, panels: cout / tileCols, planes: planes,
		})
		out := winogradTiles{
			room: unsafe.Pointer(&room[0]), bias: unsafe.Pointer(&biasRow[0]),
			row: 4 * d * w * cout, pixel: 4 * d * cout, step: 4 * d * tileOut * cout,
			plane: 4 * mPlane, vectors: cout / 8, add: flag(add),
		}
		for i := 0; i < n; {
			r, c, count := g.run(t+i, n-i)
			out.rows = min(tileOut, ceil(h-r, d))
			// Whole tiles together; one that reaches past the image on its own; one outside, not at all.
			whole := min(count, (ceil(w-c, d))/tileOut)
			out.columns = tileOut
			if whole == 0 {
				whole, out.columns = 1, ceil(w-c, d)
			}
			if out.rows > 0 && out.columns > 0 {
				out.image, out.tiles, out.count = unsafe.Pointer(&dst[(r*w+c)*cout]), unsafe.Pointer(&m[i*cout]), whole
				winogradOutput(&out)
			}
			i += whole
		}
	}
}

// embed copies the image x into room, an image of ph×pw pixels, from pixel (d, d) on, with zeros around it.
func embed(room, x []float32, h, w, c, d, ph, pw int) {
	row, edge := pw*c, d*c
	clear(room[:d*row])
	for r := range h {
		out := room[(r+d)*row:][:row]
		clear(out[:edge])
		copy(out[edge:], x[r*w*c:][:w*c])
		clear(out[edge+w*c:])
	}
	clear(room[(h+d)*row : ph*row])
}

// winogradGradScratch is the scratch of winogradGradWeights.
func winogradGradScratch(h, w, d, cin, cout int) int {
	g := newWinogradGrid(h, w, d)
	ph, pw := g.padded()
	block := winogradBlock(g.tiles, cin, cout)
	in, _ := winogradPlanes(block, cin)
	out, _ := winogradPlanes(block, cout)
	weights, _ := winogradPlanes(cin, cout)
	return lineFloats + roomTile + weights + ph*pw*(cin+cout) + in + out
}

// winogradGradWeights adds the gradient of the weights to dw.
func winogradGradWeights(dw, x, dy []float32, h, w, d, cin, cout int, scratch []float32) {
	g := newWinogradGrid(h, w, d)
	block := winogradBlock(g.tiles, cin, cout)
	room, scratch := take(aligned(scratch), roomTile)
	duSize, duPlane := winogradPlanes(cin, cout)
	du, scratch := take(scratch, duSize)
	vSize, vPlane := winogradPlanes(block, cin)
	eSize, ePlane := winogradPlanes(block, cout)
	v, scratch := take(scratch, vSize)
	e, scratch := take(scratch, eSize)
	ph, pw := g.padded()
	image, gradient := take(scratch, ph*pw*cin)
	embed(image, x, h, w, cin, d, ph, pw)
	embed(gradient, dy, h, w, cout, 0, ph, pw)
	for t := 0; t < g.tiles; t += block {
		n := min(block, g.tiles-t)
		in := winogradTiles{
			room: unsafe.Pointer(&room[0]), row: 4 * d * pw * cin, pixel: 4 * d * cin, step: 4 * d * tileOut * cin,
			plane: 4 * vPlane, vectors: cin / 8,
		}
		out := winogradTiles{
			room: unsafe.Pointer(&room[0]), row: 4 * d * pw * cout, pixel: 4 * d * cout, step: 4 * d * tileOut * cout,
			plane: 4 * ePlane, vectors: cout / 8,
		}
		for i := 0; i < n; {
			r, c, count := g.run(t+i, n-i)
			at := r*pw + c
			in.image, in.tiles, in.count = unsafe.Pointer(&image[at*cin]), unsafe.Pointer(&v[i*cin]), count
			winogradInput(&in)
			out.image, out.tiles, out.count = unsafe.Pointer(&gradient[at*cout]), unsafe.Pointer(&e[i*cout]), count
			winogradGradient(&out)
			i += count
		}
		winogradOuter(&winogradProduct{
			a: unsafe.Pointer(&v[0]), b: unsafe.Pointer(&e[0]), c: unsafe.Pointer(&du[0]),
			aRow: 4 * cin, bRow: 4 * cout, cRow: 4 * cout, aPlane: 4 * vPlane, bPlane: 4 * ePlane, cPlane: 4 * duPlane,
			rows: cin, k: n, panels: cout / tileCols, planes: planes, add: flag(t > 0),
		})
	}
	winogradFilterGradient(&winogradWeights{
		taps: unsafe.Pointer(&dw[0]), planes: unsafe.Pointer(&du[0]), room: unsafe.Pointer(&room[0]),
		tap: 4 * cin * cout, plane: 4 * duPlane, vectors: cin * cout / 8,
	})
}
