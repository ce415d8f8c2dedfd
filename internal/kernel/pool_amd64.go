package kernel

// max5AVX2 is: for i := range n { dst[i] = the largest of src[k][i] }, a NaN
// counting as larger than all before it.
//
//go:noescape
func max5AVX2(a *poolArgs)

// max5IndexAVX2 is max5AVX2 and: argDst[i] = index[k] + i for the first k that
// has the largest.
//
//go:noescape
func max5IndexAVX2(a *poolArgs)

// max5ArgAVX2 is max5AVX2 and: argDst[i] = arg[k][i] for the first k that has
// the largest.
//
//go:noescape
func max5ArgAVX2(a *poolArgs)

// sum5AVX2 is: for i := range n { dst[i] = Σ_k src[k][i] }.
//
//go:noescape
func sum5AVX2(a *poolArgs)

// sum5AddAVX2 is: for i := range n { dst[i] += scale·Σ_k src[k][i] }.
//
//go:noescape
func sum5AddAVX2(a *poolArgs)

// blend4AVX2 is, for each pixel: for i := range n { pixel[i] = Σ_k
// weight[k]·corner[k][i] }.
//
//go:noescape
func blend4AVX2(a *blendArgs)

// spread4AVX2 is, for each pixel: for i := range n { for k := range 4 {
// corner[k][i] += weight[k]·pixel[i] } }.
//
//go:noescape
func spread4AVX2(a *blendArgs)
