package kernel

func winogradInput(a *winogradTiles) {
	if useAVX512 {
		avx512WinogradInput(a)
	} else {
		avx2WinogradInput(a)
	}
}

func winogradGradient(a *winogradTiles) {
	if useAVX512 {
		avx512WinogradGradient(a)
	} else {
		avx2WinogradGradient(a)
	}
}

func winogradOutput(a *winogradTiles) {
	if useAVX512 {
		avx512WinogradOutput(a)
	} else {
		avx2WinogradOutput(a)
	}
}

func winogradFilter(a *winogradWeights) {
	if useAVX512 {
		avx512WinogradFilter(a)
	} else {
		avx2WinogradFilter(a)
	}
}

func winogradFilterGradient(a *winogradWeights) {
	if useAVX512 {
		avx512WinogradFilterGradient(a)
	} else {
		avx2WinogradFilterGradient(a)
	}
}

func winogradMultiply(a *winogradProduct) {
	if useAVX512 {
		avx512WinogradMultiply(a)
	} else {
		avx2WinogradMultiply(a)
	}
}

func winogradOuter(a *winogradProduct) {
	if useAVX512 {
		avx512WinogradOuter(a)
	} else {
		avx2WinogradOuter(a)
	}
}

// The transforms are those of AVX2 on vectors of sixteen: vectors, a number of eights, must be even.

//go:noescape
func avx512WinogradInput(a *winogradTiles)

//go:noescape
func avx512WinogradGradient(a *winogradTiles)

//go:noescape
func avx512WinogradOutput(a *winogradTiles)

//go:noescape
func avx512WinogradFilter(a *winogradWeights)

//go:noescape
func avx512WinogradFilterGradient(a *winogradWeights)

// avx512WinogradMultiply is avx2WinogradMultiply with B in panels of 32 columns, the last of 16 where panels is odd.
//
//go:noescape
func avx512WinogradMultiply(a *winogradProduct)

// avx512WinogradOuter is avx2WinogradOuter.
//
//go:noescape
func avx512WinogradOuter(a *winogradProduct)
