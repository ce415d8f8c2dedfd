package kernel

func max5Vector(a *poolArgs) {
	if useAVX512 {
		max5AVX512(a)
	} else {
		max5AVX2(a)
	}
}

func max5IndexVector(a *poolArgs) {
	if useAVX512 {
		max5IndexAVX512(a)
	} else {
		max5IndexAVX2(a)
	}
}

func max5ArgVector(a *poolArgs) {
	if useAVX512 {
		max5ArgAVX512(a)
	} else {
		max5ArgAVX2(a)
	}
}

func sum5Vector(a *poolArgs) {
	if useAVX512 {
		sum5AVX512(a)
	} else {
		sum5AVX2(a)
	}
}

func sum5AddVector(a *poolArgs) {
	if useAVX512 {
		sum5AddAVX512(a)
	} else {
		sum5AddAVX2(a)
	}
}

func blend4Vector(a *blendArgs) {
	if useAVX512 {
		blend4AVX512(a)
	} else {
		blend4AVX2(a)
	}
}

func spread4Vector(a *blendArgs) {
	if useAVX512 {
		spread4AVX512(a)
	} else {
		spread4AVX2(a)
	}
}

// The loops of AVX2, on vectors of sixteen.

//go:noescape
func max5AVX512(a *poolArgs)

//go:noescape
func max5IndexAVX512(a *poolArgs)

//go:noescape
func max5ArgAVX512(a *poolArgs)

//go:noescape
func sum5AVX512(a *poolArgs)

//go:noescape
func sum5AddAVX512(a *poolArgs)

//go:noescape
func blend4AVX512(a *blendArgs)

//go:noescape
func spread4AVX512(a *blendArgs)
