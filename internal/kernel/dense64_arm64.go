package kernel

func tileProductVector(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool) {
	neonTileProduct(c, cs, a, as, b, tiles, k, set)
}

func tileProductComplexFast(c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool) {
	neonTileProductComplex(c, cs, a, as, b, tiles, k, set)
}

func tileEliminateFast(x *float64, xs int, l, inv *float64, tiles int) {
	neonTileEliminate(x, xs, l, inv, tiles)
}

func tileScaleFast(dst, a, d *float64, k int) { neonTileScale(dst, a, d, k) }

func tileForwardFast(y, a *float64, as int, x *float64, tiles, k int) {
	neonTileForward(y, a, as, x, tiles, k)
}

func tileBackwardFast(y, a *float64, as int, x *float64, tiles, k int) {
	neonTileBackward(y, a, as, x, tiles, k)
}

func tileAddFast(dst *float64, ds int, src *float64, ss, rows, n, grow int) {
	neonTileAdd(dst, ds, src, ss, rows, n, grow)
}

// Their contracts are the loops of dense64.go. Pointers point at the first number, counts are positive, k is a multiple of
// four and n of sixteen.

//go:noescape
func neonTileProduct(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)

//go:noescape
func neonTileProductComplex(c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool)

//go:noescape
func neonTileEliminate(x *float64, xs int, l, inv *float64, tiles int)

//go:noescape
func neonTileScale(dst, a, d *float64, k int)

//go:noescape
func neonTileForward(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func neonTileBackward(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func neonTileAdd(dst *float64, ds int, src *float64, ss, rows, n, grow int)
