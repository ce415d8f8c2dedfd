package kernel

// avx2Max5 is: for i := range n { dst[i] = the largest of src[k][i] }, a NaN counting as larger than all before it.
//
//go:noescape
func avx2Max5(a *poolArgs)

// avx2Max5Index is avx2Max5 and: argDst[i] = index[k] + i for the first k that has the largest.
//
//go:noescape
func avx2Max5Index(a *poolArgs)

// avx2Max5Arg is avx2Max5 and: argDst[i] = arg[k][i] for the first k that has the largest.
//
//go:noescape
func avx2Max5Arg(a *poolArgs)

// avx2Sum5 is: for i := range n { dst[i] = Σ_k src[k][i] }.
//
//go:noescape
func avx2Sum5(a *poolArgs)

// avx2Sum5Add is: for i := range n { dst[i] += scale·Σ_k src[k][i] }.
//
//go:noescape
func avx2Sum5Add(a *poolArgs)

// avx2Blend4 is: for i := range n { pixel[i] = Σ_k weight[k]·corner[k][i] }.
//
//go:noescape
func avx2Blend4(a *blendArgs)

// avx2Spread4 is: for i := range n { for k := range 4 { corner[k][i] += weight[k]·pixel[i] } }.
//
//go:noescape
func avx2Spread4(a *blendArgs)
