package kernel

// With Bᵀ (6×6), G₃ and G₄ (6×3, 6×4), A₄ᵀ and A₃ᵀ (4×6, 3×6) the matrices of F(4, 3) and F(3, 4), for each tile and each
// channel, element (i, j) of a transform being in plane 6i+j:

// avx2WinogradInput is: V = Bᵀ·X·B, X being 6×6 pixels.
//
//go:noescape
func avx2WinogradInput(a *winogradTiles)

// avx2WinogradGradient is: E = G₄·dY·G₄ᵀ, dY being 4×4 pixels.
//
//go:noescape
func avx2WinogradGradient(a *winogradTiles)

// avx2WinogradOutput is: Y = A₄ᵀ·M·A₄ + bias, or Y += that, for the first rows and columns of 4×4 pixels.
//
//go:noescape
func avx2WinogradOutput(a *winogradTiles)

// avx2WinogradFilter is: U = G₃·W·G₃ᵀ, W being nine taps, for each of 8·vectors weights.
//
//go:noescape
func avx2WinogradFilter(a *winogradWeights)

// avx2WinogradFilterGradient is: dW += A₃ᵀ·dU·A₃.
//
//go:noescape
func avx2WinogradFilterGradient(a *winogradWeights)

// avx2WinogradMultiply is, for each plane: for i := range rows { for j := range 16·panels { C[i,j] = Σ_k A[i,k]·B[j/16][k][j%16] } },
// the planes of B following each other. k must be a multiple of four.
//
//go:noescape
func avx2WinogradMultiply(a *winogradProduct)

// avx2WinogradOuter is, for each plane: for i := range rows { for j := range 16·panels { C[i,j] = Σ_k A[k,i]·B[k,j] } }, or
// += that. rows must be a multiple of 16.
//
//go:noescape
func avx2WinogradOuter(a *winogradProduct)
