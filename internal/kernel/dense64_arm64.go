package kernel

func tileProductVector(c, a tilesAt[float64], b tileAt[float64], tiles int, set bool) {
	tileProductNEON(c, a, b, tiles, set)
}

// tileUpdateVector reports that there is no kernel for the whole update.
func tileUpdateVector(_, _ Strided[float64], _, _ []float64, _ Triangle) bool { return false }

func tileProductComplexVector(c, a tilesAt[complex128], b tileAt[complex128], tiles int, set bool) {
	tileProductComplexNEON(c, a, b, tiles, set)
}

func tileEliminateVector(x tilesAt[float64], l, inv *float64, tiles int) {
	tileEliminateNEON(x, l, inv, tiles)
}

func tileScaleVector(dst, a, d *float64, k int) { tileScaleNEON(dst, a, d, k) }

func tileForwardVector(y *float64, a tilesAt[float64], x *float64, tiles, k int) {
	tileForwardNEON(y, a, x, tiles, k)
}

func tileBackwardVector(y *float64, a tilesAt[float64], x *float64, tiles, k int) {
	tileBackwardNEON(y, a, x, tiles, k)
}

func tileAddVector(dst, src tilesAt[float64], rows, n, grow int) {
	tileAddNEON(dst, src, rows, n, grow)
}

func prefetchVector(first *float64, lines int) {} // the processor prefetches

// Their contracts are the loops of dense64.go. Pointers point at the first
// number, counts are positive, k is a multiple of four and n of sixteen.

//go:noescape
func tileProductNEON(c, a tilesAt[float64], b tileAt[float64], tiles int, set bool)

//go:noescape
func tileProductComplexNEON(c, a tilesAt[complex128], b tileAt[complex128], tiles int, set bool)

//go:noescape
func tileEliminateNEON(x tilesAt[float64], l, inv *float64, tiles int)

//go:noescape
func tileScaleNEON(dst, a, d *float64, k int)

//go:noescape
func tileForwardNEON(y *float64, a tilesAt[float64], x *float64, tiles, k int)

//go:noescape
func tileBackwardNEON(y *float64, a tilesAt[float64], x *float64, tiles, k int)

//go:noescape
func tileAddNEON(dst, src tilesAt[float64], rows, n, grow int)
