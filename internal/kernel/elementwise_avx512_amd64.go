package kernel

func eluVector(dst, x *float32, n int) {
	if useAVX512 {
		eluAVX512(dst, x, n)
	} else {
		eluAVX2(dst, x, n)
	}
}

func eluGradVector(dx, dy, y *float32, n int) {
	if useAVX512 {
		eluGradAVX512(dx, dy, y, n)
	} else {
		eluGradAVX2(dx, dy, y, n)
	}
}

func addVector(dst, a, b *float32, n int) {
	if useAVX512 {
		addAVX512(dst, a, b, n)
	} else {
		addAVX2(dst, a, b, n)
	}
}

func axpyVector(dst, x *float32, n int, alpha float32) {
	if useAVX512 {
		axpyAVX512(dst, x, n, alpha)
	} else {
		axpyAVX2(dst, x, n, alpha)
	}
}

func copyRunsVector(a *runArgs) {
	if useAVX512 {
		copyRunsAVX512(a)
	} else {
		copyRunsAVX2(a)
	}
}

func addRunsVector(a *runArgs) {
	if useAVX512 {
		addRunsAVX512(a)
	} else {
		addRunsAVX2(a)
	}
}

func adamVector(a adamArrays, s *adamStep) {
	if useAVX512 {
		adamAVX512(a, s)
	} else {
		adamAVX2(a, s)
	}
}

// The loops of AVX2, on vectors of sixteen, with the same bits as results.

//go:noescape
func eluAVX512(dst, x *float32, n int)

//go:noescape
func eluGradAVX512(dx, dy, y *float32, n int)

//go:noescape
func addAVX512(dst, a, b *float32, n int)

//go:noescape
func axpyAVX512(dst, x *float32, n int, alpha float32)

//go:noescape
func copyRunsAVX512(a *runArgs)

//go:noescape
func addRunsAVX512(a *runArgs)

//go:noescape
func adamAVX512(a adamArrays, s *adamStep)
