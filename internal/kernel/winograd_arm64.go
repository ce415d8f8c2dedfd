package kernel

func winogradInput(a *winogradTiles)            { winogradInputNEON(a) }
func winogradGradient(a *winogradTiles)         { winogradGradientNEON(a) }
func winogradOutput(a *winogradTiles)           { winogradOutputNEON(a) }
func winogradFilter(a *winogradWeights)         { winogradFilterNEON(a) }
func winogradFilterGradient(a *winogradWeights) { winogradFilterGradientNEON(a) }
func winogradMultiply(a *winogradProduct)       { winogradMultiplyNEON(a) }
func winogradOuter(a *winogradProduct)          { winogradOuterNEON(a) }

// The transforms of AVX2 (winograd_amd64.go), on vectors of four, and the products as they are defined there.

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
