package kernel

// Bᵀ (6×6), G₃ and G₄ (6×3, 6×4), A₄ᵀ and A₃ᵀ (4×6, 3×6) are the matrices of
// F(4, 3) and F(3, 4). The transforms are for each tile and each channel.
// Element (i, j) of a transform is in plane 6i+j.

// winogradInputAVX2 is V = Bᵀ·X·B, for X of 6×6 pixels.
//
//go:noescape
func winogradInputAVX2(a *winogradTiles)

// winogradGradientAVX2 is E = G₄·dY·G₄ᵀ, for dY of 4×4 pixels.
//
//go:noescape
func winogradGradientAVX2(a *winogradTiles)

// winogradOutputAVX2 is Y = A₄ᵀ·M·A₄ + bias, or Y += A₄ᵀ·M·A₄ + bias, for the
// first rows and columns of 4×4 pixels.
//
//go:noescape
func winogradOutputAVX2(a *winogradTiles)

// winogradFilterAVX2 is U = G₃·W·G₃ᵀ, for nine taps W of each of 8·vectors
// weights.
//
//go:noescape
func winogradFilterAVX2(a *winogradWeights)

// winogradFilterGradientAVX2 is dW += A₃ᵀ·dU·A₃.
//
//go:noescape
func winogradFilterGradientAVX2(a *winogradWeights)

// winogradMultiplyAVX2 is the following loop, for each plane. The planes of B
// follow each other. k must be a multiple of four.
//
//	for i := range rows {
//		for j := range 16·panels {
//			C[i,j] = Σ_k A[i,k]·B[j/16][k][j%16]
//		}
//	}
//
//go:noescape
func winogradMultiplyAVX2(a *winogradProduct)

// winogradOuterAVX2 is the following loop, for each plane. rows must be a
// multiple of 16.
//
//	for i := range rows {
//		for j := range 16·panels {
//			C[i,j] = Σ_k A[k,i]·B[k,j] // or +=
//		}
//	}
//
//go:noescape
func winogradOuterAVX2(a *winogradProduct)
