package kernel

import "fmt"

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
		copy(dst[tile:tile+n], x.Data[pixel:pixel+n])
	})
}

// TilesGrad adds to dx the gradient dy of Tiles.
func TilesGrad[F Float](dx Image[F], dy []F, t int) { TilesGradPart(dx, dy, t, whole) }

// TilesGradPart adds to the rows of dx that belong to a part.
func TilesGradPart[F Float](dx Image[F], dy []F, t int, p Piece) {
	dx.eachTileRow("TilesGrad", t, len(dy), p, func(tile, pixel, n int) {
		Accumulate(dx.Data[pixel:pixel+n], dy[tile:tile+n])
	})
}

// Untile is the inverse of Tiles (depth to space): it sets the image dst from
// its tiles x. dst must not overlap x.
func Untile[F Float](dst Image[F], x []F, t int) { UntilePart(dst, x, t, whole) }

// UntilePart sets the rows of dst that belong to a part.
func UntilePart[F Float](dst Image[F], x []F, t int, p Piece) {
	dst.eachTileRow("Untile", t, len(x), p, func(tile, pixel, n int) {
		copy(dst.Data[pixel:pixel+n], x[tile:tile+n])
	})
}

// UntileGrad adds to dx, the gradient of the tiles, the gradient dy of Untile.
func UntileGrad[F Float](dx []F, dy Image[F], t int) { UntileGradPart(dx, dy, t, whole) }

// UntileGradPart adds to the rows of tiles of dx that belong to a part.
func UntileGradPart[F Float](dx []F, dy Image[F], t int, p Piece) {
	dy.eachTileRow("UntileGrad", t, len(dx), p, func(tile, pixel, n int) {
		Accumulate(dx[tile:tile+n], dy.Data[pixel:pixel+n])
	})
}

// eachTileRow calls do for each row of each tile of t×t pixels in a part of the
// rows of tiles. It passes the places of the row among the tiles, which hold
// tiles values, and in the image. The n = t·C values of a row stand together in
// both.
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
			tile, pixel := r*t*w*c+i*n, (r*t+i)*w*c
			for range w / t {
				do(tile, pixel, n)
				tile, pixel = tile+t*n, pixel+n
			}
		}
	}
}
