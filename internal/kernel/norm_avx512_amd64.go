package kernel

// wideNormPass is normPass for AVX-512.
func wideNormPass(op normOp, elu bool, a *normArgs) {
	switch {
	case op == normSums:
		avx512NormSums(a)
	case op == normSquares:
		avx512NormSquares(a)
	case op == normApply && elu:
		avx512NormApplyELU(a)
	case op == normApply:
		avx512NormApply(a)
	case op == normGradSums && elu:
		avx512NormGradSumsELU(a)
	case op == normGradSums:
		avx512NormGradSums(a)
	case elu:
		avx512NormGradApplyELU(a)
	default:
		avx512NormGradApply(a)
	}
}

// The passes of AVX2, on vectors of sixteen; an eight that is left goes by half a mask.

//go:noescape
func avx512NormSums(a *normArgs)

//go:noescape
func avx512NormSquares(a *normArgs)

//go:noescape
func avx512NormApply(a *normArgs)

//go:noescape
func avx512NormApplyELU(a *normArgs)

//go:noescape
func avx512NormGradSums(a *normArgs)

//go:noescape
func avx512NormGradSumsELU(a *normArgs)

//go:noescape
func avx512NormGradApply(a *normArgs)

//go:noescape
func avx512NormGradApplyELU(a *normArgs)
