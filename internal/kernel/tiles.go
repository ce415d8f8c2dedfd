package kernel

import (
	"fmt"
	"unsafe"
)

// Tiles sets dst to the tiles of t×t pixels of an image x (t divides H and W)
// as pixels of t²·C channels (space to depth; Shi et al. 2016):
//
//	dst[R, S, (i·t + j)·C + ch] = x[R·t + i, S·t + j, ch]
//
// dst must not overlap x.
func Tiles[F Float](dst []F, x Image[F], t int) { TilesPart(dst, x, t, whole) }

// TilesPart sets the rows of dst that belong to a part.
func TilesPart[F Float](dst []F, x Image[F], t int, p Piece) {
	x.eachTileRow("Tiles", t, len(dst), p, func(tile, pixel, n int) {
		copyRuns(dst[tile:], x.Data[pixel:], tileRuns{x.W / t, n, t * n, n})
	})
}

// TilesGrad adds to dx the gradient dy of Tiles.
func TilesGrad[F Float](dx Image[F], dy []F, t int) { TilesGradPart(dx, dy, t, whole) }

// TilesGradPart adds to the rows of dx that belong to a part.
func TilesGradPart[F Float](dx Image[F], dy []F, t int, p Piece) {
	dx.eachTileRow("TilesGrad", t, len(dy), p, func(tile, pixel, n int) {
		addRuns(dx.Data[pixel:], dy[tile:], tileRuns{dx.W / t, n, n, t * n})
	})
}

// Untile is the inverse of Tiles (depth to space): it sets the image dst from
// its tiles x. dst must not overlap x.
func Untile[F Float](dst Image[F], x []F, t int) { UntilePart(dst, x, t, whole) }

// UntilePart sets the rows of dst that belong to a part.
func UntilePart[F Float](dst Image[F], x []F, t int, p Piece) {
	dst.eachTileRow("Untile", t, len(x), p, func(tile, pixel, n int) {
		copyRuns(dst.Data[pixel:], x[tile:], tileRuns{dst.W / t, n, n, t * n})
	})
}

// UntileGrad adds to dx, the gradient of the tiles, the gradient dy of Untile.
func UntileGrad[F Float](dx []F, dy Image[F], t int) { UntileGradPart(dx, dy, t, whole) }

// UntileGradPart adds to the rows of tiles of dx that belong to a part.
func UntileGradPart[F Float](dx []F, dy Image[F], t int, p Piece) {
	dy.eachTileRow("UntileGrad", t, len(dx), p, func(tile, pixel, n int) {
		addRuns(dx[tile:], dy.Data[pixel:], tileRuns{dy.W / t, n, t * n, n})
	})
}

// eachTileRow calls do for each row of pixels in a part of the rows of tiles.
// It passes the places of the row's first tile among the tiles, which hold
// tiles values, and in the image. A tile has n = t·C values of the row, which
// stand together in both.
func (x Image[F]) eachTileRow(op string, t, tiles int, p Piece, do func(tile, pixel, n int)) {
	h, w, c := x.H, x.W, x.C
	if t < 1 || h%t != 0 || w%t != 0 {
		panic(fmt.Sprintf("kernel: %s: %d×%d pixels in tiles of %d×%d; the tiles must fit",
			op, h, w, t, t))
	}
	need(op, "tiles", tiles, x.size())
	need(op, "image", len(x.Data), x.size())
	p.check(op)
	from, to := p.of(h / t)
	n := t * c
	for r := from; r < to; r++ {
		for i := range t {
			do(r*t*w*c+i*n, (r*t+i)*w*c, n)
		}
	}
}

// tileRuns are count runs of n values, with steps from run to run.
type tileRuns struct{ count, n, dstStep, srcStep int }

// copyRuns copies runs of src to runs of dst.
func copyRuns[F Float](dst, src []F, r tileRuns) {
	if single[F]() && useVectors {
		a := r.args(as32(dst), as32(src))
		copyRunsVector(&a)
		return
	}
	for i := range r.count {
		copy(dst[i*r.dstStep:][:r.n], src[i*r.srcStep:])
	}
}

// addRuns adds runs of src to runs of dst.
func addRuns[F Float](dst, src []F, r tileRuns) {
	if single[F]() && useVectors {
		a := r.args(as32(dst), as32(src))
		addRunsVector(&a)
		return
	}
	for i := range r.count {
		Accumulate(dst[i*r.dstStep:][:r.n], src[i*r.srcStep:][:r.n])
	}
}

// runArgs are the arguments of copyRunsAVX2 and addRunsAVX2; steps in bytes.
type runArgs struct {
	dst, src         unsafe.Pointer
	dstStep, srcStep int
	n                int
	count            int // at least one; counted down
}

// args returns the arguments for the vector kernels.
func (r tileRuns) args(dst, src []float32) runArgs {
	last := r.count - 1
	need("copyRuns", "dst", len(dst), last*r.dstStep+r.n)
	need("copyRuns", "src", len(src), last*r.srcStep+r.n)
	return runArgs{unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), 4 * r.dstStep,
		4 * r.srcStep, r.n, r.count}
}
