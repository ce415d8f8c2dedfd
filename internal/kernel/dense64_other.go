//go:build !amd64 && !arm64

package kernel

// Never called: useVectors is false.
func tileProductVector(*float64, int, *float64, int, *float64, int, int, bool) {}
func tileProductComplexVector(
	*complex128, int, *complex128, int, *complex128, int, int, bool,
) {
}
func tileEliminateVector(x *float64, xs int, l, inv *float64, tiles int)      {}
func tileScaleVector(dst, a, d *float64, k int)                               {}
func tileForwardVector(y, a *float64, as int, x *float64, tiles, k int)       {}
func tileBackwardVector(y, a *float64, as int, x *float64, tiles, k int)      {}
func tileAddVector(dst *float64, ds int, src *float64, ss, rows, n, grow int) {}
