package kernel

// convTilesVector runs the tile kernel for panels of 16 or 8 columns.
func convTilesVector(a *convArgs, columns int) {
	if columns == tileCols {
		conv16NEON(a)
	} else {
		conv8NEON(a)
	}
}

// gradTileVector runs the kernel of GradWeights for 16 or 8 columns.
func gradTileVector(a *gradArgs, columns int) {
	if columns == tileCols {
		gradWeights16NEON(a)
	} else {
		gradWeights8NEON(a)
	}
}

// The kernels of NEON have the meaning of the kernels of AVX2 with the same
// names: conv_amd64.go has the loops.

//go:noescape
func conv16NEON(a *convArgs)

//go:noescape
func conv8NEON(a *convArgs)

//go:noescape
func gradWeights16NEON(a *gradArgs)

//go:noescape
func gradWeights8NEON(a *gradArgs)

// peakRoundsVector makes n rounds of independent multiply-adds and returns the
// number of operations.
func peakRoundsVector(n int) int {
	peakNEON(n)
	return n * 24 * 4 * 2
}

// peakNEON makes n rounds of 24 independent multiply-adds of four float32.
func peakNEON(n int)
