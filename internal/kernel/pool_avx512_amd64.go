package kernel

func max5(a *poolArgs) {
	if useAVX512 {
		avx512Max5(a)
	} else {
		avx2Max5(a)
	}
}

func max5Index(a *poolArgs) {
	if useAVX512 {
		avx512Max5Index(a)
	} else {
		avx2Max5Index(a)
	}
}

func max5Arg(a *poolArgs) {
	if useAVX512 {
		avx512Max5Arg(a)
	} else {
		avx2Max5Arg(a)
	}
}

func sum5(a *poolArgs) {
	if useAVX512 {
		avx512Sum5(a)
	} else {
		avx2Sum5(a)
	}
}

func sum5Add(a *poolArgs) {
	if useAVX512 {
		avx512Sum5Add(a)
	} else {
		avx2Sum5Add(a)
	}
}

func blend4(a *blendArgs) {
	if useAVX512 {
		avx512Blend4(a)
	} else {
		avx2Blend4(a)
	}
}

func spread4(a *blendArgs) {
	if useAVX512 {
		avx512Spread4(a)
	} else {
		avx2Spread4(a)
	}
}

// The loops of AVX2, on vectors of sixteen.

//go:noescape
func avx512Max5(a *poolArgs)

//go:noescape
func avx512Max5Index(a *poolArgs)

//go:noescape
func avx512Max5Arg(a *poolArgs)

//go:noescape
func avx512Sum5(a *poolArgs)

//go:noescape
func avx512Sum5Add(a *poolArgs)

//go:noescape
func avx512Blend4(a *blendArgs)

//go:noescape
func avx512Spread4(a *blendArgs)
