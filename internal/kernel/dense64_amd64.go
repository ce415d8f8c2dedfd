package kernel

func tileProductVector(c, a tilesAt[float64], b tileAt[float64], tiles int, set bool) {
	if useAVX512 {
		tileProductAVX512(c, a, b, tiles, set)
	} else {
		tileProductAVX2(c, a, b, tiles, set)
	}
}

// tileUpdateVector reports whether there is a kernel for the whole update.
func tileUpdateVector(c, a Strided[float64], d, scratch []float64, t Triangle) bool {
	if useAVX512 {
		tileUpdateAVX512(c.at(), a.at(), scaledAt{&scratch[0], len(d), &d[0]},
			triangleShape{t.Tiles, t.Columns}, t.Set)
	}
	return useAVX512
}

func tileProductComplexVector(c, a tilesAt[complex128], b tileAt[complex128], tiles int, set bool) {
	tileProductComplexAVX2(c, a, b, tiles, set)
}

func tileEliminateVector(x tilesAt[float64], l, inv *float64, tiles int) {
	tileEliminateAVX2(x, l, inv, tiles)
}

func tileScaleVector(dst, a, d *float64, k int) { tileScaleAVX2(dst, a, d, k) }

func tileForwardVector(y *float64, a tilesAt[float64], x *float64, tiles, k int) {
	tileForwardAVX2(y, a, x, tiles, k)
}

func tileBackwardVector(y *float64, a tilesAt[float64], x *float64, tiles, k int) {
	if useAVX512 {
		tileBackwardAVX512(y, a, x, tiles, k)
	} else {
		tileBackwardAVX2(y, a, x, tiles, k)
	}
}

func tileAddVector(dst, src tilesAt[float64], rows, n, grow int) {
	if useAVX512 {
		tileAddAVX512(dst, src, rows, n, grow)
	} else {
		tileAddAVX2(dst, src, rows, n, grow)
	}
}

func prefetchVector(first *float64, lines int) { prefetchAVX2(first, lines) }

// The loops of dense64.go are the contracts of these kernels. Pointers point
// at the first number, counts are positive, k is a multiple of four and n of
// sixteen. tileProductAVX512 sums even and odd columns of tiles separately.

//go:noescape
func tileProductAVX2(c, a tilesAt[float64], b tileAt[float64], tiles int, set bool)

//go:noescape
func tileProductAVX512(c, a tilesAt[float64], b tileAt[float64], tiles int, set bool)

//go:noescape
func tileUpdateAVX512(c, a tilesAt[float64], b scaledAt, shape triangleShape, set bool)

//go:noescape
func tileProductComplexAVX2(c, a tilesAt[complex128], b tileAt[complex128], tiles int, set bool)

//go:noescape
func tileEliminateAVX2(x tilesAt[float64], l, inv *float64, tiles int)

//go:noescape
func tileScaleAVX2(dst, a, d *float64, k int)

//go:noescape
func tileForwardAVX2(y *float64, a tilesAt[float64], x *float64, tiles, k int)

//go:noescape
func tileBackwardAVX2(y *float64, a tilesAt[float64], x *float64, tiles, k int)

//go:noescape
func tileBackwardAVX512(y *float64, a tilesAt[float64], x *float64, tiles, k int)

//go:noescape
func tileAddAVX2(dst, src tilesAt[float64], rows, n, grow int)

//go:noescape
func tileAddAVX512(dst, src tilesAt[float64], rows, n, grow int)

//go:noescape
func prefetchAVX2(first *float64, lines int)
