// Package phase unwraps phases, which interferometers measure up to whole
// turns.
package phase

// Unwrap adds multiples of the period to the values of y, an image of
// rows×cols, so that neighbors differ by at most half a period, and subtracts
// the mean. The unknown multiple of the whole image does not matter then. If
// the true phase with its noise changes by less than half a period between
// neighbors, the result is the true phase minus its mean, whatever the path
// (Itoh 1982, "Analysis of the phase unwrapping algorithm").
//
// Otherwise the path determines how far an error spreads. Unwrap joins
// neighbors in the order of their reliability (Herráez, Burton, Lalor and
// Gdeisat 2002, "Fast two-dimensional phase-unwrapping algorithm based on
// sorting by reliability following a noncontinuous path"). A pixel's second
// differences measure its reliability, so a dead pixel is joined late and does
// not affect others. An image of 256×256 takes about 10 ms, and a tenth of that
// where all paths agree. A value that is not finite spoils the image.
func Unwrap(y []float64, rows, cols int, period float64) {
	y = y[:rows*cols]
	g := newGraph(len(y))
	defer g.free()
	for p, v := range y {
		g.value[p] = v / period
	}
	if !g.scan(rows, cols) {
		g.byReliability(rows, cols)
	}
	// The first pixel of the middle row keeps its value.
	kept := g.turns[rows/2*cols]
	mean := 0.0
	for p := range y {
		y[p] -= period * float64(g.turns[p]-kept)
		mean += y[p]
	}
	mean /= float64(len(y))
	for p := range y {
		y[p] -= mean
	}
}
