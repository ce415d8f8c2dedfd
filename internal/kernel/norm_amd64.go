package kernel

// normPass runs the kernel of a pass.
func normPass(op normOp, elu bool, a *normArgs) {
	switch {
	case useAVX512:
		wideNormPass(op, elu, a)
	case op == normSums:
		avx2NormSums(a)
	case op == normSquares:
		avx2NormSquares(a)
	case op == normApply && elu:
		avx2NormApplyELU(a)
	case op == normApply:
		avx2NormApply(a)
	case op == normGradSums && elu:
		avx2NormGradSumsELU(a)
	case op == normGradSums:
		avx2NormGradSums(a)
	case elu:
		avx2NormGradApplyELU(a)
	default:
		avx2NormGradApply(a)
	}
}

// For each channel i of 8·vectors, with g = dy[p,i], times min(y[p,i], 0) + 1 in the ELU kernels:

// avx2NormSums is: first[i] = Σ_p x[p,i], the sum taken in four parts, p modulo 4.
//
//go:noescape
func avx2NormSums(a *normArgs)

// avx2NormSquares is: first[i] = Σ_p (x[p,i]-mean[i])², likewise.
//
//go:noescape
func avx2NormSquares(a *normArgs)

// avx2NormApply is: for p { dst[p,i] = first[i]·(x[p,i]-mean[i]) + second[i] }.
//
//go:noescape
func avx2NormApply(a *normArgs)

// avx2NormApplyELU is avx2NormApply followed by ELU.
//
//go:noescape
func avx2NormApplyELU(a *normArgs)

// avx2NormGradSums is: first[i] = Σ_p g, second[i] = Σ_p g·(x[p,i]-mean[i]), likewise.
//
//go:noescape
func avx2NormGradSums(a *normArgs)

//go:noescape
func avx2NormGradSumsELU(a *normArgs)

// avx2NormGradApply is: for p { dst[p,i] += first[i]·g + (second[i]·(x[p,i]-mean[i]) + third[i]) }.
//
//go:noescape
func avx2NormGradApply(a *normArgs)

//go:noescape
func avx2NormGradApplyELU(a *normArgs)
