package kernel

func winogradInput(a *winogradTiles)            { neonWinogradInput(a) }
func winogradGradient(a *winogradTiles)         { neonWinogradGradient(a) }
func winogradOutput(a *winogradTiles)           { neonWinogradOutput(a) }
func winogradFilter(a *winogradWeights)         { neonWinogradFilter(a) }
func winogradFilterGradient(a *winogradWeights) { neonWinogradFilterGradient(a) }
func winogradMultiply(a *winogradProduct)       { neonWinogradMultiply(a) }
func winogradOuter(a *winogradProduct)          { neonWinogradOuter(a) }

// The transforms of AVX2 (winograd_amd64.go), on vectors of four, and the products as they are defined there.

//go:noescape
func neonWinogradInput(a *winogradTiles)

//go:noescape
func neonWinogradGradient(a *winogradTiles)

//go:noescape
func neonWinogradOutput(a *winogradTiles)

//go:noescape
func neonWinogradFilter(a *winogradWeights)

//go:noescape
func neonWinogradFilterGradient(a *winogradWeights)

//go:noescape
func neonWinogradMultiply(a *winogradProduct)

//go:noescape
func neonWinogradOuter(a *winogradProduct)
