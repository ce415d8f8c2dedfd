package sparse

// The dense kernels. A tile is four rows of k columns, column by column: entry (i, j) at 4·j + i. These
// Go loops are the definition; kernelsOf may put faster ones in their place.
type kernels[T Number] struct {
	// product subtracts A·Bᵀ: for each t in [0, tiles), the 4×4 block C[t] −= A[t]·Bᵀ, with
	// C[t] at c[t·cs:], A[t] a tile of k columns at a[t·as:], and B one tile of k columns.
	product func(c []T, cs int, a []T, as int, b []T, tiles, k int)
	// eliminate turns blocks X of W = L·D into L: X ← X·(L₀·D₀)⁻ᵀ for each of the blocks at x[t·xs:],
	// with l the unit lower triangle L₀ (4×4, column by column) and inv the inverse of D₀.
	eliminate func(x []T, xs int, l, inv []T, tiles int)
	// add adds src to dst.
	add func(dst, src []T)
	// forward subtracts: dst[i] −= Σ_j A[i, j]·x[j], A one tile of len(x) columns, dst four numbers.
	forward func(dst, a, x []T)
	// backward subtracts the transpose: dst[j] −= Σ_i A[i, j]·x[i], A one tile of len(dst) columns, x four numbers.
	backward func(dst, a, x []T)
}

// kernelsOf returns the kernels for T. This is the one place where others are dropped in.
func kernelsOf[T Number]() kernels[T] {
	return kernels[T]{productGo[T], eliminateGo[T], addGo[T], forwardGo[T], backwardGo[T]}
}

func productGo[T Number](c []T, cs int, a []T, as int, b []T, tiles, k int) {
	b = b[:4*k]
	for t := range tiles {
		at := a[t*as:][:len(b)]
		ct := c[t*cs:][:16]
		// two columns of C at a time: eight accumulators stay in registers
		for j := 0; j < 4; j += 2 {
			var c00, c10, c20, c30, c01, c11, c21, c31 T
			for p := 0; p+4 <= len(b); p += 4 {
				b0, b1 := b[p+j], b[p+j+1]
				a0, a1, a2, a3 := at[p], at[p+1], at[p+2], at[p+3]
				c00 += a0 * b0
				c10 += a1 * b0
				c20 += a2 * b0
				c30 += a3 * b0
				c01 += a0 * b1
				c11 += a1 * b1
				c21 += a2 * b1
				c31 += a3 * b1
			}
			ctj := ct[4*j:][:8]
			ctj[0] -= c00
			ctj[1] -= c10
			ctj[2] -= c20
			ctj[3] -= c30
			ctj[4] -= c01
			ctj[5] -= c11
			ctj[6] -= c21
			ctj[7] -= c31
		}
	}
}

func eliminateGo[T Number](x []T, xs int, l, inv []T, tiles int) {
	l, inv = l[:16], inv[:4]
	l10, l20, l30, l21, l31, l32 := l[1], l[2], l[3], l[6], l[7], l[11]
	for t := range tiles {
		xt := x[t*xs:][:16]
		for i := range 4 {
			w0 := xt[i]
			w1 := xt[4+i] - w0*l10
			w2 := xt[8+i] - w0*l20 - w1*l21
			w3 := xt[12+i] - w0*l30 - w1*l31 - w2*l32
			xt[i], xt[4+i], xt[8+i], xt[12+i] = w0*inv[0], w1*inv[1], w2*inv[2], w3*inv[3]
		}
	}
}

func addGo[T Number](dst, src []T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] += v
	}
}

func forwardGo[T Number](dst, a, x []T) {
	dst, a = dst[:4], a[:4*len(x)]
	var s0, s1, s2, s3 T
	for j, v := range x {
		aj := a[4*j:][:4]
		s0 += aj[0] * v
		s1 += aj[1] * v
		s2 += aj[2] * v
		s3 += aj[3] * v
	}
	dst[0] -= s0
	dst[1] -= s1
	dst[2] -= s2
	dst[3] -= s3
}

func backwardGo[T Number](dst, a, x []T) {
	x, a = x[:4], a[:4*len(dst)]
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	for j := range dst {
		aj := a[4*j:][:4]
		dst[j] -= aj[0]*x0 + aj[1]*x1 + aj[2]*x2 + aj[3]*x3
	}
}
