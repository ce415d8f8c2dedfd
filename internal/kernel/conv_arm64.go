package kernel

// convTiles runs the tile kernel for panels of 16 or 8 columns.
func convTiles(a *convArgs, columns int) {
	if columns == tileCols {
		neonConv16(a)
	} else {
		neonConv8(a)
	}
}

// gradTile runs the kernel of GradWeights for 16 or 8 columns.
func gradTile(a *gradArgs, columns int) {
	if columns == tileCols {
		neonGradWeights16(a)
	} else {
		neonGradWeights8(a)
	}
}

// The kernels of NEON mean what those of AVX2 with the same names do: conv_amd64.go has the loops.

//go:noescape
func neonConv16(a *convArgs)

//go:noescape
func neonConv8(a *convArgs)

//go:noescape
func neonGradWeights16(a *gradArgs)

//go:noescape
func neonGradWeights8(a *gradArgs)

// peakRounds makes n rounds of independent multiply-adds and returns how many operations those are.
func peakRounds(n int) int {
	peakNEON(n)
	return n * 24 * 4 * 2
}

// peakNEON makes n rounds of 24 independent multiply-adds of four float32.
func peakNEON(n int)
