package kernel

// avx2ELU is: for i := range n { dst[i] = x[i] > 0 ? x[i] : exp(x[i])-1 }, within two units in the last place.
//
//go:noescape
func avx2ELU(dst, x *float32, n int)

// avx2ELUGrad is: for i := range n { dx[i] += dy[i]·(min(y[i], 0) + 1) }.
//
//go:noescape
func avx2ELUGrad(dx, dy, y *float32, n int)

// avx2Add is: for i := range n { dst[i] = a[i] + b[i] }.
//
//go:noescape
func avx2Add(dst, a, b *float32, n int)

// avx2Axpy is: for i := range n { dst[i] += alpha·x[i] }, fused.
//
//go:noescape
func avx2Axpy(dst, x *float32, n int, alpha float32)

// avx2Adam is the loop of adamStep.update.
//
//go:noescape
func avx2Adam(w, m, v, avg, grad *float32, n int, s *adamStep)

// avx2Dot is: for i := range n { sum += a[i]·b[i] } in float64, in eight interleaved sums.
//
//go:noescape
func avx2Dot(a, b *float32, n int) float64

func dot32(a, b *float32, n int) float64 { return avx2Dot(a, b, n) }
