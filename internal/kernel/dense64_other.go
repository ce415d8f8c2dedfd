//go:build !amd64 && !arm64

package kernel

// Never called: useVectors is false.
func tileProductVector(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool) {}
func tileProductComplexFast(c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool) {
}
func tileEliminateFast(x *float64, xs int, l, inv *float64, tiles int)      {}
func tileScaleFast(dst, a, d *float64, k int)                               {}
func tileForwardFast(y, a *float64, as int, x *float64, tiles, k int)       {}
func tileBackwardFast(y, a *float64, as int, x *float64, tiles, k int)      {}
func tileAddFast(dst *float64, ds int, src *float64, ss, rows, n, grow int) {}
