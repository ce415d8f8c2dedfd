package kernel

// eluAVX2 is: for i := range n { dst[i] = x[i] > 0 ? x[i] : exp(x[i])-1 },
// within two units in the last place.
//
//go:noescape
func eluAVX2(dst, x *float32, n int)

// eluGradAVX2 is: for i := range n { dx[i] += dy[i]·(min(y[i], 0) + 1) }.
//
//go:noescape
func eluGradAVX2(dx, dy, y *float32, n int)

// addAVX2 is: for i := range n { dst[i] = a[i] + b[i] }.
//
//go:noescape
func addAVX2(dst, a, b *float32, n int)

// axpyAVX2 is: for i := range n { dst[i] += alpha·x[i] }, fused.
//
//go:noescape
func axpyAVX2(dst, x *float32, n int, alpha float32)

// copyRunsAVX2 is: for each of count runs, for i := range n { dst[i] =
// src[i] }.
//
//go:noescape
func copyRunsAVX2(a *runArgs)

// addRunsAVX2 is the same with dst[i] += src[i].
//
//go:noescape
func addRunsAVX2(a *runArgs)

// adamAVX2 is the loop of adamStep.update.
//
//go:noescape
func adamAVX2(a adamArrays, s *adamStep)

// dotAVX2 is: for i := range n { sum += a[i]·b[i] } in float64, in eight
// interleaved sums.
//
//go:noescape
func dotAVX2(a, b *float32, n int) float64

func dotVector(a, b *float32, n int) float64 { return dotAVX2(a, b, n) }
