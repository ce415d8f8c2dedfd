package kernel

// With Bᵀ (6×6), G₃ and G₄ (6×3, 6×4), A₄ᵀ and A₃ᵀ (4×6, 3×6) the matrices of F(4, 3) and F(3, 4), for each tile and each
// channel, element (i, j) of a transform being in plane 6i+j:

// winogradInputAVX2 is: V = Bᵀ·X·B, X being 6×6 pixels.
//
//go:noescape
func winogradInputAVX2(a *winogradTiles)

// winogradGradientAVX2 is: E = G₄·dY·G₄ᵀ, dY being 4×4 pixels.
//
//go:noescape
func winogradGradientAVX2(a *winogradTiles)

// winogradOutputAVX2 is: Y = A₄ᵀ·M·A₄ + bias, or Y += that, for the first rows and columns of 4×4 pixels.
//
//go:noescape
func winogradOutputAVX2(a *winogradTiles)

// winogradFilterAVX2 is: U = G₃·W·G₃ᵀ, W being nine taps, for each of 8·vectors weights.
//
//go:noescape
func winogradFilterAVX2(a *winogradWeights)

// winogradFilterGradientAVX2 is: dW += A₃ᵀ·dU·A₃.
//
//go:noescape
func winogradFilterGradientAVX2(a *winogradWeights)

// winogradMultiplyAVX2 is, for each plane: for i := range rows { for j := range 16·panels { C[i,j] = Σ_k A[i,k]·B[j/16][k][j%16] } },
// the planes of B following each other. k must be a multiple of four.
//
//go:noescape
func winogradMultiplyAVX2(a *winogradProduct)

// winogradOuterAVX2 is, for each plane: for i := range rows { for j := range 16·panels { C[i,j] = Σ_k A[k,i]·B[k,j] } }, or
// += that. rows must be a multiple of 16.
//
//go:noescape
func winogradOuterAVX2(a *winogradProduct)
