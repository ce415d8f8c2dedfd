package kernel

// normPass runs the kernel of a pass.
func normPass(op normOp, elu bool, a *normArgs) {
	switch {
	case op == normSums:
		neonNormSums(a)
	case op == normSquares:
		neonNormSquares(a)
	case op == normApply && elu:
		neonNormApplyELU(a)
	case op == normApply:
		neonNormApply(a)
	case op == normGradSums && elu:
		neonNormGradSumsELU(a)
	case op == normGradSums:
		neonNormGradSums(a)
	case elu:
		neonNormGradApplyELU(a)
	default:
		neonNormGradApply(a)
	}
}

// The passes of AVX2 (norm_amd64.go), on vectors of four.

//go:noescape
func neonNormSums(a *normArgs)

//go:noescape
func neonNormSquares(a *normArgs)

//go:noescape
func neonNormApply(a *normArgs)

//go:noescape
func neonNormApplyELU(a *normArgs)

//go:noescape
func neonNormGradSums(a *normArgs)

//go:noescape
func neonNormGradSumsELU(a *normArgs)

//go:noescape
func neonNormGradApply(a *normArgs)

//go:noescape
func neonNormGradApplyELU(a *normArgs)
