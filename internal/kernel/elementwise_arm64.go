package kernel

func elu32(dst, x *float32, n int)                           { neonELU(dst, x, n) }
func eluGrad32(dx, dy, y *float32, n int)                    { neonELUGrad(dx, dy, y, n) }
func add32(dst, a, b *float32, n int)                        { neonAdd(dst, a, b, n) }
func axpy32(dst, x *float32, n int, alpha float32)           { neonAxpy(dst, x, n, alpha) }
func adam32(w, m, v, avg, grad *float32, n int, s *adamStep) { neonAdam(w, m, v, avg, grad, n, s) }
func dot32(a, b *float32, n int) float64                     { return neonDot(a, b, n) }

// The loops of AVX2 (elementwise_amd64.go), on vectors of four.

//go:noescape
func neonELU(dst, x *float32, n int)

//go:noescape
func neonELUGrad(dx, dy, y *float32, n int)

//go:noescape
func neonAdd(dst, a, b *float32, n int)

//go:noescape
func neonAxpy(dst, x *float32, n int, alpha float32)

//go:noescape
func neonAdam(w, m, v, avg, grad *float32, n int, s *adamStep)

// neonDot is: for i := range n { sum += a[i]·b[i] } in float64, in four interleaved sums.
//
//go:noescape
func neonDot(a, b *float32, n int) float64
