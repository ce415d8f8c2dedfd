package classic

// Products of matrices for NEON. A tile is six rows of four vectors, or two: 24 accumulators, V0 to V23, row by row. A
// multiply-add takes one lane of a vector, so that four values of a row are loaded at once, V24 to V29, and columns two
// vectors at a time, V30 and V31: 14 loads for 96 multiply-adds.

// neonZero clears registers V[from] to V[to-1].
func neonZero(t *text, from, to int) {
	for v := from; v < to; v++ {
		t.arm("VEOR V%d.B16, V%d.B16, V%d.B16", v, v, v)
	}
}

// neonRow loads, or with store stores, n vectors from V[first] on, two at a time.
func neonRow(t *text, store bool, pointer string, first, n int) {
	for v := 0; v < n; v += 2 {
		if store {
			t.arm("FSTPQ (F%d, F%d), %d(%s)", first+v, first+v+1, 16*v, pointer)
		} else {
			t.arm("FLDPQ %d(%s), (F%d, F%d)", 16*v, pointer, first+v, first+v+1)
		}
	}
}

// neonFour emits four steps k of a tile of n rows: acc[i] += a[i][k]·b[k], the a of row i at index R5 of pointer R8+i, the b at
// R2, the accumulators from V[first(k)] on.
func neonFour(t *text, n, vectors int, first func(k int) int) {
	for i := range n {
		t.arm("LDR Q%d, [X%d, X5]", 24+i, 8+i)
	}
	for k := range 4 {
		for v := 0; v < vectors; v += 2 {
			t.arm("FLDPQ %d(R2), (F30, F31)", 16*(k*vectors+v))
			for i := range n {
				for j := range 2 {
					t.arm("FMLA V%d.4S, V%d.4S, V%d.S[%d]", first(k)+i*vectors+v+j, 30+j, 24+i, k)
				}
			}
		}
	}
}

// neonOne emits one step, with the a as neonFour and the b at R2, which are in V28 to V31 at once.
func neonOne(t *text, n, vectors int) {
	neonRow(t, false, "R2", 28, vectors)
	for i := range n {
		t.arm("FMOVS (R%d)(R5), F%d", 8+i, 24+i%4)
		for j := range vectors {
			t.arm("FMLA V%d.4S, V%d.4S, V%d.S[0]", i*vectors+j, 28+j, 24+i%4)
		}
	}
}

// neonAdd adds to the accumulators of n rows what is at the pointer, rows stride apart, using V24 to V27.
func neonAdd(t *text, n, vectors int, pointer, stride string) {
	for i := range n {
		neonRow(t, false, pointer, 24, vectors)
		for j := range vectors {
			t.arm("FADD V%d.4S, V%d.4S, V%d.4S", i*vectors+j, i*vectors+j, 24+j)
		}
		if i < n-1 {
			t.arm("ADD %s, %s", stride, pointer)
		}
	}
}

// neonStore stores the accumulators of n rows at the pointer, which it leaves at the next row.
func neonStore(t *text, n, vectors int, pointer, stride string) {
	for i := range n {
		neonRow(t, true, pointer, i*vectors, vectors)
		t.arm("ADD %s, %s", stride, pointer)
	}
}

// neonFields loads fields of the struct at R0 into registers.
func neonFields(t *text, args string, fields ...[2]string) {
	for _, f := range fields {
		t.arm("MOVD %s_%s(R0), %s", args, f[0], f[1])
	}
}

