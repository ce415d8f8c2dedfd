package kernel

// normPassVector runs the kernel of a pass.
func normPassVector(op normOp, elu bool, a *normArgs) {
	switch {
	case op == normSums:
		normSumsNEON(a)
	case op == normSquares:
		normSquaresNEON(a)
	case op == normApply && elu:
		normApplyELUNEON(a)
	case op == normApply:
		normApplyNEON(a)
	case op == normGradSums && elu:
		normGradSumsELUNEON(a)
	case op == normGradSums:
		normGradSumsNEON(a)
	case elu:
		normGradApplyELUNEON(a)
	default:
		normGradApplyNEON(a)
	}
}

// The passes of AVX2 (norm_amd64.go), on vectors of four.

//go:noescape
func normSumsNEON(a *normArgs)

//go:noescape
func normSquaresNEON(a *normArgs)

//go:noescape
func normApplyNEON(a *normArgs)

//go:noescape
func normApplyELUNEON(a *normArgs)

//go:noescape
func normGradSumsNEON(a *normArgs)

//go:noescape
func normGradSumsELUNEON(a *normArgs)

//go:noescape
func normGradApplyNEON(a *normArgs)

//go:noescape
func normGradApplyELUNEON(a *normArgs)
