package kernel

func tileProductVector(
	c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool,
) {
	if useAVX512 {
		tileProductAVX512(c, cs, a, as, b, tiles, k, set)
	} else {
		tileProductAVX2(c, cs, a, as, b, tiles, k, set)
	}
}

func tileProductComplexVector(
	c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool,
) {
	tileProductComplexAVX2(c, cs, a, as, b, tiles, k, set)
}

func tileEliminateVector(x *float64, xs int, l, inv *float64, tiles int) {
	tileEliminateAVX2(x, xs, l, inv, tiles)
}

func tileScaleVector(dst, a, d *float64, k int) { tileScaleAVX2(dst, a, d, k) }

func tileForwardVector(y, a *float64, as int, x *float64, tiles, k int) {
	tileForwardAVX2(y, a, as, x, tiles, k)
}

func tileBackwardVector(y, a *float64, as int, x *float64, tiles, k int) {
	tileBackwardAVX2(y, a, as, x, tiles, k)
}

func tileAddVector(dst *float64, ds int, src *float64, ss, rows, n, grow int) {
	tileAddAVX2(dst, ds, src, ss, rows, n, grow)
}

// The loops of dense64.go are the contracts of these kernels. Pointers point
// at the first number, counts are positive, k is a multiple of four and n of
// sixteen. tileProductAVX512 sums even and odd columns of tiles separately.

//go:noescape
func tileProductAVX2(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)

//go:noescape
func tileProductAVX512(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)

//go:noescape
func tileProductComplexAVX2(
	c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool,
)

//go:noescape
func tileEliminateAVX2(x *float64, xs int, l, inv *float64, tiles int)

//go:noescape
func tileScaleAVX2(dst, a, d *float64, k int)

//go:noescape
func tileForwardAVX2(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func tileBackwardAVX2(y, a *float64, as int, x *float64, tiles, k int)

//go:noescape
func tileAddAVX2(dst *float64, ds int, src *float64, ss, rows, n, grow int)
