package classic

// winogradMultiply emits, for each of the planes, the product of tiles × k by k × 16·panels.
func winogradMultiply(t *text) {
	t.function("avx2WinogradMultiply", 8, "func avx2WinogradMultiply(a *winogradProduct)")
	t.op("MOVQ a+0(FP), DI")
	start(t, "winogradProduct", "a", "b", "c")
	t.label("plane")
	t.op("MOVQ winogradProduct_panels(DI), AX")
	t.op("MOVQ AX, winogradProduct_left(DI)")
	t.op("MOVQ winogradProduct_cAt(DI), DX")
	t.label("panel")
	t.op("MOVQ DX, winogradProduct_panelAt(DI)")
	t.op("MOVQ winogradProduct_aAt(DI), SI")
	t.op("MOVQ winogradProduct_rows(DI), R15")
	t.label("rows")
	t.line("\t// Seven and eight rows are four and three or four: fewer than three don't hide the latency.")
	t.op("CMPQ R15, $8")
	t.op("JHI  rows6")
	for n := 8; n >= 1; n-- {
		part := n
		if n > rows {
			part = 4
		}
		if n != rows {
			t.op("CMPQ R15, $%d", n)
			t.op("JEQ  rows%d", part)
		}
	}
	t.label("rows6")
	tile := func(n int) {
		for i := range n {
			t.op("MOVQ SI, %s", pointers[i])
			t.op("ADDQ winogradProduct_aRow(DI), SI")
		}
		for i := range 2 * n {
			t.op("VXORPS Y%d, Y%d, Y%d", i, i, i)
		}
		t.op("XORQ AX, AX")
		t.op("MOVQ winogradProduct_bAt(DI), BX")
		t.op("MOVQ winogradProduct_k(DI), CX")
		loop := t.fresh("k")
		t.op("PCALIGN $32")
		t.label(loop)
		for k := range 4 {
			t.op("PREFETCHT0 %d(BX)", 64*k+2048) // weights of large networks come from afar
			t.op("VMOVUPS %d(BX), Y12", 64*k)
			t.op("VMOVUPS %d(BX), Y13", 64*k+32)
			for i := range n {
				a := 14 + i%2
				t.op("VBROADCASTSS %d(%s)(AX*1), Y%d", 4*k, pointers[i], a)
				t.op("VFMADD231PS Y12, Y%d, Y%d", a, 2*i)
				t.op("VFMADD231PS Y13, Y%d, Y%d", a, 2*i+1)
			}
		}
		t.op("ADDQ $16, AX")
		t.op("ADDQ $256, BX")
		t.op("SUBQ $4, CX")
		t.op("JNZ  %s", loop)
		t.op("MOVQ winogradProduct_cRow(DI), AX")
		for i := range n {
			t.op("VMOVUPS Y%d, (DX)", 2*i)
			t.op("VMOVUPS Y%d, 32(DX)", 2*i+1)
			t.op("ADDQ AX, DX")
		}
	}
	tile(rows)
	t.op("SUBQ $%d, R15", rows)
	t.op("JNZ  rows")
	t.label("next")
	t.op("MOVQ BX, winogradProduct_bAt(DI)")
	t.op("MOVQ winogradProduct_panelAt(DI), DX")
	t.op("ADDQ $64, DX")
	t.op("DECQ winogradProduct_left(DI)")
	t.op("JNZ  panel")
	nextPlane(t)
	t.op("DECQ winogradProduct_planes(DI)")
	t.op("JNZ  plane")
	t.ret()
	for n := rows - 1; n >= 1; n-- {
		t.label("rows" + string(rune('0'+n)))
		tile(n)
		t.op("SUBQ $%d, R15", n)
		t.op("JNZ  rows")
		t.op("JMP  next")
	}
}

// winogradOuter emits, for each of the planes, the product of the transposed of k × rows by k × 16·panels.
func winogradOuter(t *text) {
	t.function("avx2WinogradOuter", 8, "func avx2WinogradOuter(a *winogradProduct)")
	t.op("MOVQ a+0(FP), DI")
	start(t, "winogradProduct", "a", "b", "c")
	t.op("MOVQ winogradProduct_aRow(DI), R8")
	t.op("MOVQ winogradProduct_bRow(DI), R9")
	t.op("MOVQ winogradProduct_cRow(DI), R10")
	t.label("plane")
	t.op("MOVQ winogradProduct_panels(DI), AX")
	t.op("MOVQ AX, winogradProduct_left(DI)")
	t.op("MOVQ winogradProduct_cAt(DI), R13")
	t.op("MOVQ winogradProduct_bAt(DI), R12")
	t.label("panel")
	t.op("MOVQ R13, DX")
	t.op("MOVQ winogradProduct_aAt(DI), R11")
	t.op("MOVQ winogradProduct_rows(DI), R15")
	t.label("rows")
	t.op("CMPQ R15, $4")
	t.op("JEQ  four")
	t.op("CMPQ R15, $8")
	t.op("JEQ  four")
	tile := func(n int) {
		for i := range 2 * n {
			t.op("VXORPS Y%d, Y%d, Y%d", i, i, i)
		}
		t.op("MOVQ R11, AX")
		t.op("MOVQ R12, BX")
		t.op("MOVQ winogradProduct_k(DI), CX")
		loop := t.fresh("k")
		t.op("PCALIGN $32")
		t.label(loop)
		t.op("VMOVUPS (BX), Y12")
		t.op("VMOVUPS 32(BX), Y13")
		for i := range n {
			a := 14 + i%2
			t.op("VBROADCASTSS %d(AX), Y%d", 4*i, a)
			t.op("VFMADD231PS Y12, Y%d, Y%d", a, 2*i)
			t.op("VFMADD231PS Y13, Y%d, Y%d", a, 2*i+1)
		}
		t.op("ADDQ R8, AX")
		t.op("ADDQ R9, BX")
		t.op("DECQ CX")
		t.op("JNZ  %s", loop)
		set := t.fresh("set")
		t.op("CMPQ winogradProduct_add(DI), $0")
		t.op("JEQ  %s", set)
		t.op("MOVQ DX, AX")
		for i := range n {
			t.op("VADDPS (AX), Y%d, Y%d", 2*i, 2*i)
			t.op("VADDPS 32(AX), Y%d, Y%d", 2*i+1, 2*i+1)
			if i < n-1 {
				t.op("ADDQ R10, AX")
			}
		}
		t.label(set)
		for i := range n {
			t.op("VMOVUPS Y%d, (DX)", 2*i)
			t.op("VMOVUPS Y%d, 32(DX)", 2*i+1)
			t.op("ADDQ R10, DX")
		}
		t.op("ADDQ $%d, R11", 4*n)
		t.op("SUBQ $%d, R15", n)
		t.op("JNZ  rows")
	}
	tile(rows)
	t.op("JMP  next")
	t.label("four")
	tile(4)
	t.label("next")
	t.op("ADDQ $64, R13")
	t.op("ADDQ $64, R12")
	t.op("DECQ winogradProduct_left(DI)")
	t.op("JNZ  panel")
	nextPlane(t)
	t.op("DECQ winogradProduct_planes(DI)")
	t.op("JNZ  plane")
	t.ret()
}

// nextPlane moves the cursors of the three matrices on.
func nextPlane(t *text) {
	for _, m := range []string{"a", "b", "c"} {
		t.op("MOVQ winogradProduct_%sPlane(DI), AX", m)
		t.op("ADDQ AX, winogradProduct_%sAt(DI)", m)
	}
}
