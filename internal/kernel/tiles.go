package kernel

import "fmt"

// Tiles sets dst to the tiles of t×t pixels of an image x (h×w pixels of c
// channels; t divides h and w) as pixels of t²·c channels (space to depth;
// Shi et al. 2016):
//
//	dst[R, C, (i·t + j)·c + ch] = x[R·t + i, C·t + j, ch]
//
// dst must not overlap x.
func Tiles[F Float](dst, x []F, h, w, c, t int) { TilesPart(dst, x, h, w, c, t, whole) }

// TilesPart sets the rows of dst that belong to a part.
func TilesPart[F Float](dst, x []F, h, w, c, t int, p Piece) {
	g := tileGrid{h, w, c, t}
	g.eachRow("Tiles", len(dst), len(x), p, func(tile, pixel, n int) {
		copy(dst[tile:tile+n], x[pixel:pixel+n])
	})
}

// TilesGrad adds to dx the gradient dy of Tiles.
func TilesGrad[F Float](dx, dy []F, h, w, c, t int) { TilesGradPart(dx, dy, h, w, c, t, whole) }

// TilesGradPart adds to the rows of dx that belong to a part.
func TilesGradPart[F Float](dx, dy []F, h, w, c, t int, p Piece) {
	g := tileGrid{h, w, c, t}
	g.eachRow("TilesGrad", len(dy), len(dx), p, func(tile, pixel, n int) {
		Accumulate(dx[pixel:pixel+n], dy[tile:tile+n])
	})
}

// Untile is the inverse of Tiles (depth to space): it sets the image dst, h×w
// pixels of c channels, from its tiles x. dst must not overlap x.
func Untile[F Float](dst, x []F, h, w, c, t int) { UntilePart(dst, x, h, w, c, t, whole) }

// UntilePart sets the rows of dst that belong to a part.
func UntilePart[F Float](dst, x []F, h, w, c, t int, p Piece) {
	g := tileGrid{h, w, c, t}
	g.eachRow("Untile", len(x), len(dst), p, func(tile, pixel, n int) {
		copy(dst[pixel:pixel+n], x[tile:tile+n])
	})
}

// UntileGrad adds to dx, the gradient of the tiles, the gradient dy of Untile.
func UntileGrad[F Float](dx, dy []F, h, w, c, t int) { UntileGradPart(dx, dy, h, w, c, t, whole) }

// UntileGradPart adds to the rows of tiles of dx that belong to a part.
func UntileGradPart[F Float](dx, dy []F, h, w, c, t int, p Piece) {
	g := tileGrid{h, w, c, t}
	g.eachRow("UntileGrad", len(dx), len(dy), p, func(tile, pixel, n int) {
		Accumulate(dx[tile:tile+n], dy[pixel:pixel+n])
	})
}

// A tileGrid is an image of h×w pixels of c channels in tiles of t×t.
type tileGrid struct{ h, w, c, t int }

// eachRow calls do for each row of each tile in a part of the rows of tiles,
// with the places of the row in the two layouts, whose lengths are tiles and
// image. The n = t·c values of a row stand together in both.
func (g tileGrid) eachRow(op string, tiles, image int, p Piece, do func(tile, pixel, n int)) {
	h, w, c, t := g.h, g.w, g.c, g.t
	if t < 1 || h%t != 0 || w%t != 0 {
		panic(fmt.Sprintf("kernel: %s: %d×%d pixels in tiles of %d×%d; the tiles must fit",
			op, h, w, t, t))
	}
	need(op, "tiles", tiles, h*w*c)
	need(op, "image", image, h*w*c)
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
