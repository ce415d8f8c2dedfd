package classic

// rows is the number of pixels (or weights) a register tile holds; with 16 columns it takes 12 of the 16 registers.
const rows = 6

// pointers hold the addresses of the rows of a tile.
var pointers = [rows]string{"R8", "R9", "R10", "R11", "R12", "R13"}

func conv(t *text) {
	convTiles(t, 2)
	convTiles(t, 1)
	gradWeights(t, 2)
	gradWeights(t, 1)
}

// multiply emits one step of a tile: acc[i] += a[i]·b, with a broadcast from offset bytes past pointer i plus index AX and b
// at boff(BX). vectors is the number of column vectors; the accumulators are Y[first], Y[first+1], … row by row.
func multiply(t *text, vectors, offset, boff, first int) {
	if vectors == 2 {
		t.op("VMOVUPS %d(BX), Y12", boff)
		t.op("VMOVUPS %d(BX), Y13", boff+32)
	} else {
		t.op("VMOVUPS %d(BX), Y12", boff)
	}
	for i := range rows {
		a := 14 + i%2
		t.op("VBROADCASTSS %d(%s)(AX*1), Y%d", offset, pointers[i], a)
		for v := range vectors {
			t.op("VFMADD231PS Y%d, Y%d, Y%d", 12+v, a, first+i*vectors+v)
		}
	}
}

// convTiles emits the kernel that convolves consecutive tiles of six pixels, 8·vectors output channels at a time.
func convTiles(t *text, vectors int) {
	name := map[int]string{2: "avx2Conv16", 1: "avx2Conv8"}[vectors]
	width := 32 * vectors
	t.function(name, 8, "func "+name+"(a *convArgs)")
	t.op("MOVQ a+0(FP), DI")
	start(t, "convArgs", "src", "dst")
	t.label("tile")
	t.line("\t// Six pixels: each follows the one before, or starts the next row.")
	t.op("MOVQ convArgs_srcAt(DI), AX")
	t.op("MOVQ convArgs_left(DI), BX")
	for i, p := range pointers {
		t.op("MOVQ AX, %s", p)
		t.op("ADDQ convArgs_step(DI), AX")
		t.op("DECQ BX")
		t.op("JNZ  pixel%d", i)
		t.op("ADDQ convArgs_skip(DI), AX")
		t.op("MOVQ convArgs_width(DI), BX")
		t.label("pixel" + string(rune('0'+i)))
	}
	t.op("MOVQ AX, convArgs_srcAt(DI)")
	t.op("MOVQ BX, convArgs_left(DI)")
	t.op("MOVQ convArgs_bias(DI), AX")
	for i := range rows {
		for v := range vectors {
			t.op("VMOVUPS %d(AX), Y%d", 32*v, i*vectors+v)
		}
	}
	if vectors == 1 {
		t.line("\t// A second set for odd steps: six chains alone don't hide the latency of the multiply-add.")
		for i := range rows {
			t.op("VXORPS Y%d, Y%d, Y%d", rows+i, rows+i, rows+i)
		}
	}
	t.op("MOVQ convArgs_panel(DI), BX")
	t.op("MOVQ convArgs_segments(DI), SI")
	t.op("MOVQ convArgs_count(DI), DX")
	t.label("segment")
	t.op("MOVQ (SI), AX")
	t.op("ADDQ $8, SI")
	t.op("MOVQ convArgs_length(DI), CX")
	t.op("SUBQ $4, CX")
	t.op("JLT  rest")
	t.op("PCALIGN $32")
	t.label("four")
	for k := range 4 {
		first := 0
		if vectors == 1 && k%2 == 1 {
			first = rows
		}
		multiply(t, vectors, 4*k, width*k, first)
	}
	t.op("ADDQ $16, AX")
	t.op("ADDQ $%d, BX", 4*width)
	t.op("SUBQ $4, CX")
	t.op("JGE  four")
	t.label("rest")
	t.op("ADDQ $4, CX")
	t.op("JZ   done")
	t.label("one")
	multiply(t, vectors, 0, 0, 0)
	t.op("ADDQ $4, AX")
	t.op("ADDQ $%d, BX", width)
	t.op("DECQ CX")
	t.op("JNZ  one")
	t.label("done")
	t.op("DECQ DX")
	t.op("JNZ  segment")
	t.op("MOVQ convArgs_dstAt(DI), AX")
	t.op("MOVQ convArgs_stride(DI), BX")
	if vectors == 1 {
		for i := range rows {
			t.op("VADDPS Y%d, Y%d, Y%d", rows+i, i, i)
		}
	}
	t.op("CMPQ convArgs_add(DI), $0")
	t.op("JEQ  store")
	t.op("MOVQ AX, CX")
	for i := range rows {
		for v := range vectors {
			acc := i*vectors + v
			t.op("VADDPS %d(CX), Y%d, Y%d", 32*v, acc, acc)
		}
		if i < rows-1 {
			t.op("ADDQ BX, CX")
		}
	}
	t.label("store")
	for i := range rows {
		for v := range vectors {
			t.op("VMOVUPS Y%d, %d(AX)", i*vectors+v, 32*v)
		}
		t.op("ADDQ BX, AX")
	}
	t.op("MOVQ AX, convArgs_dstAt(DI)")
	t.op("DECQ convArgs_tiles(DI)")
	t.op("JNZ  tile")
	t.ret()
}

// start copies pointers of the arguments at DI to their cursors, which are no pointers for the garbage collector: they may
// come to lie past the end of what they point to.
func start(t *text, args string, names ...string) {
	for _, n := range names {
		t.op("MOVQ %s_%s(DI), AX", args, n)
		t.op("MOVQ AX, %s_%sAt(DI)", args, n)
	}
}

// gradWeights emits the kernel that adds to six rows of weights, 8·vectors output channels of each, their sums over pixels.
func gradWeights(t *text, vectors int) {
	name := map[int]string{2: "avx2GradWeights16", 1: "avx2GradWeights8"}[vectors]
	t.function(name, 8, "func "+name+"(a *gradArgs)")
	t.op("MOVQ a+0(FP), DI")
	for i, p := range pointers {
		t.op("MOVQ gradArgs_rows+%d(DI), %s", 8*i, p)
	}
	for i := range rows * vectors {
		t.op("VXORPS Y%d, Y%d, Y%d", i, i, i)
	}
	t.op("MOVQ gradArgs_dy(DI), BX")
	t.op("MOVQ gradArgs_step(DI), SI")
	t.op("MOVQ gradArgs_dyStep(DI), R15")
	t.op("MOVQ gradArgs_height(DI), DX")
	t.op("XORQ AX, AX")
	step := func() {
		multiply(t, vectors, 0, 0, 0)
		t.op("ADDQ SI, AX")
		t.op("ADDQ R15, BX")
	}
	t.label("row")
	t.op("MOVQ gradArgs_width(DI), CX")
	t.op("SUBQ $2, CX")
	t.op("JLT  last")
	t.op("PCALIGN $32")
	t.label("two")
	step()
	step()
	t.op("SUBQ $2, CX")
	t.op("JGE  two")
	t.label("last")
	t.op("ADDQ $2, CX")
	t.op("JZ   next")
	step()
	t.label("next")
	t.op("ADDQ gradArgs_skip(DI), AX")
	t.op("DECQ DX")
	t.op("JNZ  row")
	t.op("MOVQ gradArgs_dw(DI), AX")
	t.op("MOVQ gradArgs_dwStep(DI), BX")
	for i := range rows {
		for v := range vectors {
			acc := i*vectors + v
			t.op("VADDPS %d(AX), Y%d, Y%d", 32*v, acc, acc)
			t.op("VMOVUPS Y%d, %d(AX)", acc, 32*v)
		}
		t.op("ADDQ BX, AX")
	}
	t.ret()
}
