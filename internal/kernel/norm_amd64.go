package kernel

// normPassVector runs the kernel of a pass.
func normPassVector(op normOp, elu bool, a *normArgs) {
	switch {
	case useAVX512:
		normPassAVX512(op, elu, a)
	case op == normSums:
		normSumsAVX2(a)
	case op == normSquares:
		normSquaresAVX2(a)
	case op == normApply && elu:
		normApplyELUAVX2(a)
	case op == normApply:
		normApplyAVX2(a)
	case op == normGradSums && elu:
		normGradSumsELUAVX2(a)
	case op == normGradSums:
		normGradSumsAVX2(a)
	case elu:
		normGradApplyELUAVX2(a)
	default:
		normGradApplyAVX2(a)
	}
}

// The passes are for each channel i of 8·vectors. g is dy[p,i], in the ELU
// kernels times min(y[p,i], 0) + 1.

// normSumsAVX2 is: first[i] = Σ_p x[p,i], the sum taken in four parts, p modulo
// 4.
//
//go:noescape
func normSumsAVX2(a *normArgs)

// normSquaresAVX2 is: first[i] = Σ_p (x[p,i]-mean[i])², likewise.
//
//go:noescape
func normSquaresAVX2(a *normArgs)

// normApplyAVX2 is: for p { dst[p,i] = first[i]·(x[p,i]-mean[i]) + second[i] }.
//
//go:noescape
func normApplyAVX2(a *normArgs)

// normApplyELUAVX2 is normApplyAVX2 followed by ELU.
//
//go:noescape
func normApplyELUAVX2(a *normArgs)

// normGradSumsAVX2 is: first[i] = Σ_p g, second[i] = Σ_p g·(x[p,i]-mean[i]),
// likewise.
//
//go:noescape
func normGradSumsAVX2(a *normArgs)

//go:noescape
func normGradSumsELUAVX2(a *normArgs)

// normGradApplyAVX2 is: for p { dst[p,i] += first[i]·g +
// (second[i]·(x[p,i]-mean[i]) + third[i]) }.
//
//go:noescape
func normGradApplyAVX2(a *normArgs)

//go:noescape
func normGradApplyELUAVX2(a *normArgs)
