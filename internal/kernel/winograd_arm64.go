package kernel

func winogradInputVector(a *winogradTiles)            { winogradInputNEON(a) }
func winogradGradientVector(a *winogradTiles)         { winogradGradientNEON(a) }
func winogradOutputVector(a *winogradTiles)           { winogradOutputNEON(a) }
func winogradFilterVector(a *winogradWeights)         { winogradFilterNEON(a) }
func winogradFilterGradientVector(a *winogradWeights) { winogradFilterGradientNEON(a) }
func winogradMultiplyVector(a *winogradProduct)       { winogradMultiplyNEON(a) }
func winogradOuterVector(a *winogradProduct)          { winogradOuterNEON(a) }

// The transforms of AVX2 (winograd_amd64.go), on vectors of four, and the
// products as they are defined there.

//go:noescape
func winogradInputNEON(a *winogradTiles)

//go:noescape
func winogradGradientNEON(a *winogradTiles)

//go:noescape
func winogradOutputNEON(a *winogradTiles)

//go:noescape
func winogradFilterNEON(a *winogradWeights)

//go:noescape
func winogradFilterGradientNEON(a *winogradWeights)

//go:noescape
func winogradMultiplyNEON(a *winogradProduct)

//go:noescape
func winogradOuterNEON(a *winogradProduct)
