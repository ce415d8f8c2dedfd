package kernel

func elu32(dst, x *float32, n int) {
	if useAVX512 {
		avx512ELU(dst, x, n)
	} else {
		avx2ELU(dst, x, n)
	}
}

func eluGrad32(dx, dy, y *float32, n int) {
	if useAVX512 {
		avx512ELUGrad(dx, dy, y, n)
	} else {
		avx2ELUGrad(dx, dy, y, n)
	}
}

func add32(dst, a, b *float32, n int) {
	if useAVX512 {
		avx512Add(dst, a, b, n)
	} else {
		avx2Add(dst, a, b, n)
	}
}

func axpy32(dst, x *float32, n int, alpha float32) {
	if useAVX512 {
		avx512Axpy(dst, x, n, alpha)
	} else {
		avx2Axpy(dst, x, n, alpha)
	}
}

func adam32(w, m, v, avg, grad *float32, n int, s *adamStep) {
	if useAVX512 {
		avx512Adam(w, m, v, avg, grad, n, s)
	} else {
		avx2Adam(w, m, v, avg, grad, n, s)
	}
}

// The loops of AVX2, on vectors of sixteen, with the same bits as results.

//go:noescape
func avx512ELU(dst, x *float32, n int)

//go:noescape
func avx512ELUGrad(dx, dy, y *float32, n int)

//go:noescape
func avx512Add(dst, a, b *float32, n int)

//go:noescape
func avx512Axpy(dst, x *float32, n int, alpha float32)

//go:noescape
func avx512Adam(w, m, v, avg, grad *float32, n int, s *adamStep)
