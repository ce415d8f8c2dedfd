package kernel

func eluVector(dst, x *float32, n int)                 { eluNEON(dst, x, n) }
func eluGradVector(dx, dy, y *float32, n int)          { eluGradNEON(dx, dy, y, n) }
func addVector(dst, a, b *float32, n int)              { addNEON(dst, a, b, n) }
func axpyVector(dst, x *float32, n int, alpha float32) { axpyNEON(dst, x, n, alpha) }
func copyRunsVector(a *runArgs)                        { copyRunsNEON(a) }
func addRunsVector(a *runArgs)                         { addRunsNEON(a) }
func adamVector(a adamArrays, s *adamStep) {
	adamNEON(a, s)
}
func dotVector(a, b *float32, n int) float64 { return dotNEON(a, b, n) }

// The loops of AVX2 (elementwise_amd64.go), on vectors of four.

//go:noescape
func eluNEON(dst, x *float32, n int)

//go:noescape
func eluGradNEON(dx, dy, y *float32, n int)

//go:noescape
func addNEON(dst, a, b *float32, n int)

//go:noescape
func axpyNEON(dst, x *float32, n int, alpha float32)

//go:noescape
func copyRunsNEON(a *runArgs)

//go:noescape
func addRunsNEON(a *runArgs)

//go:noescape
func adamNEON(a adamArrays, s *adamStep)

// dotNEON is: for i := range n { sum += a[i]·b[i] } in float64, in four
// interleaved sums.
//
//go:noescape
func dotNEON(a, b *float32, n int) float64
