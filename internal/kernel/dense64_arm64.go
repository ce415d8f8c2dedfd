package kernel

func tileProductVector(
	c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool,
) {
	tileProductNEON(c, cs, a, as, b, tiles, k, set)
}

func tileProductComplexVector(
	c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool,
) {
	tileProductComplexNEON(c, cs, a, as, b, tiles, k, set)
}

func tileEliminateVector(x *float64, xs int, l, inv *float64, tiles int) {
	tileEliminateNEON(x, xs, l, inv, tiles)
}

func tileScaleVector(dst, a, d *float64, k int) { tileScaleNEON(dst, a, d, k) }

func tileForwardVector(y, a *float64, as int, x *float64, tiles, k int) {
	tileForwardNEON(y, a, as, x, tiles, k)
}

func tileBackwardVector(y, a *float64, as int, x *float64, tiles, k int) {
	tileBackwardNEON(y, a, as, x, tiles, k)
}

func tileAddVector(dst *float64, ds int, src *float64, ss, rows, n, grow int) {
	tileAddNEON(dst, ds, src, ss, rows, n, grow)
}

// Their contracts are the loops of dense64.go. Pointers point at the first
// number, counts are positive, k is a multiple of four and n of sixteen.

//go:noescape
func tileProductNEON(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)

//go:noescape
func tileProductComplexNEON(
	c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool,
)

//go:noescape
func tileEliminateNEON(x *float64, xs int, l, inv *float64, tiles int)

//go:noescape
func tileScaleNEON(dst, a, d *float64, k int)

//go:noescape
func tileForwardNEON(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func tileBackwardNEON(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func tileAddNEON(dst *float64, ds int, src *float64, ss, rows, n, grow int)
