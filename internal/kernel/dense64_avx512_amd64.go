package kernel

// tileProductVector is the loop of tileProduct, for tiles and k that are positive and k a multiple of four.
func tileProductVector(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool) {
	if useAVX512 {
		avx512TileProduct(c, cs, a, as, b, tiles, k, set)
	} else {
		tileProductFast(c, cs, a, as, b, tiles, k, set)
	}
}

// avx512TileProduct is tileProductFast with the even and the odd columns of tiles summed apart.
//
//go:noescape
func avx512TileProduct(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)
