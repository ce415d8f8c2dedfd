package kernel

// Their contracts are the loops of dense64.go. Pointers point at the first number, counts are positive, k is a multiple of
// four and n of sixteen.

//go:noescape
func tileProductFast(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)

//go:noescape
func tileProductComplexFast(c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool)

//go:noescape
func tileEliminateFast(x *float64, xs int, l, inv *float64, tiles int)

//go:noescape
func tileScaleFast(dst, a, d *float64, k int)

//go:noescape
func tileForwardFast(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func tileBackwardFast(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func tileAddFast(dst *float64, ds int, src *float64, ss, rows, n, grow int)
