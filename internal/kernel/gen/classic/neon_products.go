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

func neonConv(t *text) {
	neonConvTiles(t, "neonConv16", 4)
	neonConvTiles(t, "neonConv8", 2)
	neonGradWeights(t, "neonGradWeights16", 4)
	neonGradWeights(t, "neonGradWeights8", 2)
}

// neonConvTiles emits the kernel that convolves consecutive tiles of six pixels, 4·vectors output channels at a time.
func neonConvTiles(t *text, name string, vectors int) {
	t.function(name, 8, "func "+name+"(a *convArgs)")
	t.arm("MOVD a+0(FP), R0")
	neonFields(t, "convArgs", [][2]string{
		{"src", "R21"}, {"dst", "R22"}, {"step", "R14"}, {"skip", "R15"}, {"width", "R19"}, {"left", "R20"}, {"stride", "R23"},
		{"tiles", "R24"}, {"bias", "R6"}, {"length", "R7"},
	}...)
	t.label("tile")
	t.line("\t// Six pixels: each follows the one before, or starts the next row.")
	for i := range rows {
		next := t.fresh("pixel")
		t.arm("MOVD R21, R%d", 8+i)
		t.arm("ADD R14, R21")
		t.arm("SUBS $1, R20")
		t.arm("BNE %s", next)
		t.arm("ADD R15, R21")
		t.arm("MOVD R19, R20")
		t.label(next)
	}
	for i := range rows {
		neonRow(t, false, "R6", i*vectors, vectors)
	}
	first := func(int) int { return 0 }
	if vectors == 2 {
		t.line("\t// A second set for odd steps: twelve chains alone hide the latency of the multiply-add on few processors.")
		neonZero(t, 12, 24)
		first = func(k int) int { return k % 2 * 12 }
	}
	neonFields(t, "convArgs", [][2]string{{"panel", "R2"}, {"segments", "R1"}, {"count", "R4"}}...)
	t.label("segment")
	t.arm("MOVD.P 8(R1), R5")
	t.arm("SUBS $4, R7, R3")
	t.arm("BLT rest")
	t.arm("PCALIGN $16")
	t.label("four")
	neonFour(t, rows, vectors, first)
	t.arm("ADD $16, R5")
	t.arm("ADD $%d, R2", 64*vectors)
	t.arm("SUBS $4, R3")
	t.arm("BGE four")
	t.label("rest")
	t.arm("ADDS $4, R3")
	t.arm("BEQ done")
	t.label("one")
	neonOne(t, rows, vectors)
	t.arm("ADD $4, R5")
	t.arm("ADD $%d, R2", 16*vectors)
	t.arm("SUBS $1, R3")
	t.arm("BNE one")
	t.label("done")
	t.arm("SUBS $1, R4")
	t.arm("BNE segment")
	if vectors == 2 {
		for v := range 12 {
			t.arm("FADD V%d.4S, V%d.4S, V%d.4S", v, v, 12+v)
		}
	}
	t.arm("MOVD convArgs_add(R0), R3")
	t.arm("CBZ R3, store")
	t.arm("MOVD R22, R3")
	neonAdd(t, rows, vectors, "R3", "R23")
	t.label("store")
	neonStore(t, rows, vectors, "R22", "R23")
	t.arm("SUBS $1, R24")
	t.arm("BNE tile")
	t.ret()
}

// neonGradWeights emits the kernel that adds to six rows of weights, 4·vectors output channels of each, their sums over pixels.
func neonGradWeights(t *text, name string, vectors int) {
	t.function(name, 8, "func "+name+"(a *gradArgs)")
	t.arm("MOVD a+0(FP), R0")
	for i := range rows {
		t.arm("MOVD gradArgs_rows+%d(R0), R%d", 8*i, 8+i)
	}
	neonZero(t, 0, rows*vectors)
	neonFields(t, "gradArgs", [][2]string{
		{"dy", "R2"}, {"step", "R14"}, {"dyStep", "R15"}, {"height", "R4"}, {"width", "R19"}, {"skip", "R20"}, {"dw", "R6"}, {"dwStep", "R7"},
	}...)
	t.arm("MOVD $0, R5")
	t.label("row")
	t.arm("MOVD R19, R3")
	t.arm("PCALIGN $16")
	t.label("pixel")
	neonOne(t, rows, vectors)
	t.arm("ADD R14, R5")
	t.arm("ADD R15, R2")
	t.arm("SUBS $1, R3")
	t.arm("BNE pixel")
	t.arm("ADD R20, R5")
	t.arm("SUBS $1, R4")
	t.arm("BNE row")
	t.arm("MOVD R6, R3")
	neonAdd(t, rows, vectors, "R3", "R7")
	neonStore(t, rows, vectors, "R6", "R7")
	t.ret()
}

func neonProducts(t *text) {
	neonMultiply(t)
	neonOuter(t)
}

// neonPlanes emits the loop over planes of both products: R19, first and R21 go along A, B and C.
func neonPlanes(t *text, first string, plane func()) {
	t.arm("MOVD a+0(FP), R0")
	neonFields(t, "winogradProduct", [][2]string{{"a", "R19"}, {"b", first}, {"c", "R21"}, {"planes", "R23"}, {"cRow", "R7"}}...)
	t.label("plane")
	t.arm("MOVD winogradProduct_panels(R0), R14")
	plane()
	for _, m := range [][2]string{{"aPlane", "R19"}, {"bPlane", first}, {"cPlane", "R21"}} {
		t.arm("MOVD winogradProduct_%s(R0), R25", m[0])
		t.arm("ADD R25, %s", m[1])
	}
	t.arm("SUBS $1, R23")
	t.arm("BNE plane")
	t.ret()
}

// neonMultiply emits, for each of the planes, the product of tiles × k by k × 16·panels.
func neonMultiply(t *text) {
	t.function("neonWinogradMultiply", 8, "func neonWinogradMultiply(a *winogradProduct)")
	tile := func(n int) {
		t.arm("MOVD winogradProduct_aRow(R0), R25")
		for i := range n {
			t.arm("MOVD R1, R%d", 8+i)
			t.arm("ADD R25, R1")
		}
		neonZero(t, 0, 4*n)
		t.arm("MOVD $0, R5")
		t.arm("MOVD R20, R2")
		t.arm("MOVD winogradProduct_k(R0), R3")
		loop := t.fresh("k")
		t.arm("PCALIGN $16")
		t.label(loop)
		neonFour(t, n, 4, func(int) int { return 0 })
		t.arm("ADD $16, R5")
		t.arm("ADD $256, R2")
		t.arm("SUBS $4, R3")
		t.arm("BNE %s", loop)
		neonStore(t, n, 4, "R4", "R7")
		t.arm("SUBS $%d, R15", n)
		t.arm("BNE rows")
	}
	neonPlanes(t, "R20", func() {
		t.arm("MOVD R21, R22")
		t.label("panel")
		t.arm("MOVD R22, R4")
		t.arm("MOVD R19, R1")
		t.arm("MOVD winogradProduct_rows(R0), R15")
		t.label("rows")
		t.line("\t// Seven and eight rows are four and three or four: fewer than three don't hide the latency.")
		t.arm("CMP $8, R15")
		t.arm("BHI rows6")
		for n := 8; n >= 1; n-- {
			part := n
			if n > rows {
				part = 4
			}
			if n != rows {
				t.arm("CMP $%d, R15", n)
				t.arm("BEQ rows%d", part)
			}
		}
		t.label("rows6")
		tile(rows)
		t.label("next")
		t.arm("MOVD R2, R20")
		t.arm("ADD $64, R22")
		t.arm("SUBS $1, R14")
		t.arm("BNE panel")
	})
	for n := rows - 1; n >= 1; n-- {
		t.label("rows" + string(rune('0'+n)))
		tile(n)
		t.arm("B next")
	}
}

// neonOuter emits, for each of the planes, the product of the transposed of k × rows by k × 16·panels.
func neonOuter(t *text) {
	t.function("neonWinogradOuter", 8, "func neonWinogradOuter(a *winogradProduct)")
	tile := func(n int) {
		neonZero(t, 0, 4*n)
		t.arm("MOVD R11, R5")
		t.arm("MOVD R12, R2")
		t.arm("MOVD winogradProduct_k(R0), R3")
		loop, set := t.fresh("k"), t.fresh("set")
		t.arm("PCALIGN $16")
		t.label(loop)
		t.arm("FMOVQ (R5), F24")
		if n > 4 {
			t.arm("FMOVD 16(R5), F25")
		}
		neonRow(t, false, "R2", 28, 4)
		for i := range n {
			for j := range 4 {
				t.arm("FMLA V%d.4S, V%d.4S, V%d.S[%d]", 4*i+j, 28+j, 24+i/4, i%4)
			}
		}
		t.arm("ADD R8, R5")
		t.arm("ADD R9, R2")
		t.arm("SUBS $1, R3")
		t.arm("BNE %s", loop)
		t.arm("CBZ R6, %s", set)
		t.arm("MOVD R4, R5")
		neonAdd(t, n, 4, "R5", "R7")
		t.label(set)
		neonStore(t, n, 4, "R4", "R7")
		t.arm("ADD $%d, R11", 4*n)
		t.arm("SUBS $%d, R15", n)
		t.arm("BNE rows")
	}
	neonPlanes(t, "R20", func() {
		neonFields(t, "winogradProduct", [][2]string{{"aRow", "R8"}, {"bRow", "R9"}, {"add", "R6"}}...)
		t.arm("MOVD R20, R12")
		t.arm("MOVD R21, R13")
		t.label("panel")
		t.arm("MOVD R13, R4")
		t.arm("MOVD R19, R11")
		t.arm("MOVD winogradProduct_rows(R0), R15")
		t.label("rows")
		t.line("\t// Sixteen rows are six, six and four.")
		t.arm("CMP $4, R15")
		t.arm("BEQ four")
		t.arm("CMP $8, R15")
		t.arm("BEQ four")
		tile(rows)
		t.arm("B next")
		t.label("four")
		tile(4)
		t.label("next")
		t.arm("ADD $64, R13")
		t.arm("ADD $64, R12")
		t.arm("SUBS $1, R14")
		t.arm("BNE panel")
	})
}

// neonPeak emits a loop of independent multiply-adds that measures what the machine can do.
func neonPeak(t *text) {
	t.function("neonPeak", 8, "func neonPeak(n int)")
	t.arm("MOVD n+0(FP), R3")
	neonZero(t, 0, 32)
	t.arm("PCALIGN $16")
	t.label("loop")
	for i := range 24 {
		t.arm("VFMLA V30.S4, V31.S4, V%d.S4", i)
	}
	t.arm("SUBS $1, R3")
	t.arm("BNE loop")
	t.ret()
}
