package kernel

// normPassAVX512 is normPassVector for AVX-512.
func normPassAVX512(op normOp, elu bool, a *normArgs) {
	switch {
	case op == normSums:
		normSumsAVX512(a)
	case op == normSquares:
		normSquaresAVX512(a)
	case op == normApply && elu:
		normApplyELUAVX512(a)
	case op == normApply:
		normApplyAVX512(a)
	case op == normGradSums && elu:
		normGradSumsELUAVX512(a)
	case op == normGradSums:
		normGradSumsAVX512(a)
	case elu:
		normGradApplyELUAVX512(a)
	default:
		normGradApplyAVX512(a)
	}
}

// The passes of AVX2, on vectors of sixteen; an eight that is left goes by half
// a mask.

//go:noescape
func normSumsAVX512(a *normArgs)

//go:noescape
func normSquaresAVX512(a *normArgs)

//go:noescape
func normApplyAVX512(a *normArgs)

//go:noescape
func normApplyELUAVX512(a *normArgs)

//go:noescape
func normGradSumsAVX512(a *normArgs)

//go:noescape
func normGradSumsELUAVX512(a *normArgs)

//go:noescape
func normGradApplyAVX512(a *normArgs)

//go:noescape
func normGradApplyELUAVX512(a *normArgs)
