//go:build !amd64 && !arm64

package kernel

// Never called: useVectors is false.
func tileProductVector(_, _ tilesAt[float64], _ tileAt[float64], _ int, _ bool) {}
func tileUpdateVector(_, _ Strided[float64], _, _ []float64, _ Triangle) bool   { return false }
func tileProductComplexVector(_, _ tilesAt[complex128], _ tileAt[complex128], _ int, _ bool) {
}
func tileEliminateVector(x tilesAt[float64], l, inv *float64, tiles int)          {}
func tileScaleVector(dst, a, d *float64, k int)                                   {}
func tileForwardVector(y *float64, a tilesAt[float64], x *float64, tiles, k int)  {}
func tileBackwardVector(y *float64, a tilesAt[float64], x *float64, tiles, k int) {}
func tileAddVector(dst, src tilesAt[float64], rows, n, grow int)                  {}
func prefetchVector(first *float64, lines int)                                    {}
