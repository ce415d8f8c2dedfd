package kernel

func winogradInputVector(a *winogradTiles) {
	if useAVX512 {
		winogradInputAVX512(a)
	} else {
		winogradInputAVX2(a)
	}
}

func winogradGradientVector(a *winogradTiles) {
	if useAVX512 {
		winogradGradientAVX512(a)
	} else {
		winogradGradientAVX2(a)
	}
}

func winogradOutputVector(a *winogradTiles) {
	if useAVX512 {
		winogradOutputAVX512(a)
	} else {
		winogradOutputAVX2(a)
	}
}

func winogradFilterVector(a *winogradWeights) {
	if useAVX512 {
		winogradFilterAVX512(a)
	} else {
		winogradFilterAVX2(a)
	}
}

func winogradFilterGradientVector(a *winogradWeights) {
	if useAVX512 {
		winogradFilterGradientAVX512(a)
	} else {
		winogradFilterGradientAVX2(a)
	}
}

func winogradMultiplyVector(a *winogradProduct) {
	if useAVX512 {
		winogradMultiplyAVX512(a)
	} else {
		winogradMultiplyAVX2(a)
	}
}

func winogradOuterVector(a *winogradProduct) {
	if useAVX512 {
		winogradOuterAVX512(a)
	} else {
		winogradOuterAVX2(a)
	}
}

// The transforms are the transforms of AVX2 on vectors of sixteen. vectors, a
// number of eights, must be even.

//go:noescape
func winogradInputAVX512(a *winogradTiles)

//go:noescape
func winogradGradientAVX512(a *winogradTiles)

//go:noescape
func winogradOutputAVX512(a *winogradTiles)

//go:noescape
func winogradFilterAVX512(a *winogradWeights)

//go:noescape
func winogradFilterGradientAVX512(a *winogradWeights)

// winogradMultiplyAVX512 is winogradMultiplyAVX2 with B in panels of 32
// columns, the last of 16 where panels is odd.
//
//go:noescape
func winogradMultiplyAVX512(a *winogradProduct)

// winogradOuterAVX512 is winogradOuterAVX2.
//
//go:noescape
func winogradOuterAVX512(a *winogradProduct)
