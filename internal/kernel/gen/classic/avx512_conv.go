package classic

func wideConv(t *text) {
	wideConvolve(t, 2)
	wideConvolve(t, 1)
	wideGradWeights(t, 2)
	wideGradWeights(t, 1)
}

// loadMask loads the mask of the last vector of columns.
func loadMask(t *text, field string) {
	t.op("MOVQ %s(DI), AX", field)
	t.op("KMOVW AX, K1")
}

// wideConvolve emits the kernel that convolves pieces of image rows, up to 16·vectors output channels at a time.
func wideConvolve(t *text, vectors int) {
	name := map[int]string{2: "avx512Conv32", 1: "avx512Conv16"}[vectors]
	t.function(name, 8, "func "+name+"(a *wideConvArgs)")
	t.op("MOVQ a+0(FP), DI")
	loadMask(t, "wideConvArgs_mask")
	start(t, "wideConvArgs", "dst")
	t.op("MOVQ wideConvArgs_src(DI), R8")
	t.op("MOVQ wideConvArgs_step(DI), R12")
	t.op("LEAQ (R12)(R12*2), R15")
	t.op("MOVQ wideConvArgs_pixels(DI), AX")
	choose(t, "AX", "pixels", 1, wideRows)
	for n := wideRows; n >= 1; n-- {
		w := alternating(n, vectors)
		width := 64 * vectors
		label := func(stem string) string { return numbered(stem, n) + "_" }
		t.label(numbered("pixels", n))
		t.label(label("row"))
		t.op("MOVQ wideConvArgs_pieces(DI), AX")
		t.op("MOVQ AX, wideConvArgs_left(DI)")
		t.label(label("piece"))
		t.op("MOVQ wideConvArgs_bias(DI), AX")
		for i := range n {
			for v := range vectors {
				t.op("VMOVUPS %d(AX), Z%d", 64*v, w.sum(i, v))
			}
		}
		w.clearSecond(t)
		t.op("MOVQ wideConvArgs_panel(DI), BX")
		t.op("MOVQ wideConvArgs_segments(DI), SI")
		t.op("MOVQ wideConvArgs_count(DI), DX")
		t.label(label("segment"))
		t.op("MOVQ (SI), R9")
		t.op("ADDQ $8, SI")
		t.op("ADDQ R8, R9")
		w.bases(t)
		t.op("MOVQ wideConvArgs_length(DI), CX")
		t.op("SUBQ $4, CX")
		t.op("JLT  %s", label("rest"))
		t.op("PCALIGN $32")
		t.label(label("four"))
		for k := range 4 {
			w.step(t, func(i int) string { return w.row(i, 4*k) }, width*k, false, k)
		}
		w.advance(t, 16)
		t.op("ADDQ $%d, BX", 4*width)
		t.op("SUBQ $4, CX")
		t.op("JGE  %s", label("four"))
		t.label(label("rest"))
		t.op("ADDQ $4, CX")
		t.op("JEQ  %s", label("done"))
		t.label(label("one"))
		w.step(t, func(i int) string { return w.row(i, 0) }, 0, false, 0)
		w.advance(t, 4)
		t.op("ADDQ $%d, BX", width)
		t.op("DECQ CX")
		t.op("JNZ  %s", label("one"))
		t.label(label("done"))
		t.op("DECQ DX")
		t.op("JNZ  %s", label("segment"))
		w.fold(t)
		t.op("MOVQ wideConvArgs_dstAt(DI), AX")
		t.op("MOVQ wideConvArgs_stride(DI), BX")
		t.op("CMPQ wideConvArgs_add(DI), $0")
		t.op("JEQ  %s", label("store"))
		t.op("MOVQ AX, CX")
		w.addFrom(t, "CX", "BX")
		t.label(label("store"))
		w.storeTo(t, "AX", "BX")
		t.op("IMUL3Q $%d, R12, CX", n)
		t.op("ADDQ CX, R8")
		t.op("MOVQ AX, wideConvArgs_dstAt(DI)")
		t.op("DECQ wideConvArgs_left(DI)")
		t.op("JNZ  %s", label("piece"))
		t.op("ADDQ wideConvArgs_skip(DI), R8")
		t.op("ADDQ wideConvArgs_dstSkip(DI), AX")
		t.op("MOVQ AX, wideConvArgs_dstAt(DI)")
		t.op("DECQ wideConvArgs_rows(DI)")
		t.op("JNZ  %s", label("row"))
		t.ret()
	}
}

// wideGradWeights emits the kernel that adds to weights that follow each other, of up to 16·vectors output channels, their
// sums over pixels.
func wideGradWeights(t *text, vectors int) {
	name := map[int]string{2: "avx512GradWeights32", 1: "avx512GradWeights16"}[vectors]
	t.function(name, 8, "func "+name+"(a *wideGradArgs)")
	t.op("MOVQ a+0(FP), DI")
	loadMask(t, "wideGradArgs_mask")
	t.op("MOVQ wideGradArgs_x(DI), R8")
	t.op("MOVQ wideGradArgs_dy(DI), BX")
	t.op("MOVQ wideGradArgs_step(DI), SI")
	t.op("MOVQ wideGradArgs_dyStep(DI), R15")
	t.op("MOVQ wideGradArgs_height(DI), DX")
	t.op("MOVQ wideGradArgs_weights(DI), AX")
	choose(t, "AX", "weights", 1, wideRows)
	for n := wideRows; n >= 1; n-- {
		w := alternating(n, vectors)
		label := func(stem string) string { return numbered(stem, n) + "_" }
		step := func(set int) {
			w.step(t, func(i int) string { return at(4*i, "R8") }, 0, true, set)
			t.op("ADDQ SI, R8")
			t.op("ADDQ R15, BX")
		}
		t.label(numbered("weights", n))
		w.clear(t)
		t.label(label("row"))
		t.op("MOVQ wideGradArgs_width(DI), CX")
		t.op("SUBQ $2, CX")
		t.op("JLT  %s", label("last"))
		t.op("PCALIGN $32")
		t.label(label("two"))
		step(0)
		step(1)
		t.op("SUBQ $2, CX")
		t.op("JGE  %s", label("two"))
		t.label(label("last"))
		t.op("ADDQ $2, CX")
		t.op("JEQ  %s", label("next"))
		step(0)
		t.label(label("next"))
		t.op("ADDQ wideGradArgs_skip(DI), R8")
		t.op("DECQ DX")
		t.op("JNZ  %s", label("row"))
		w.fold(t)
		t.op("MOVQ wideGradArgs_dw(DI), AX")
		t.op("MOVQ AX, CX")
		t.op("MOVQ wideGradArgs_dwStep(DI), BX")
		w.addFrom(t, "CX", "BX")
		w.storeTo(t, "AX", "BX")
		t.ret()
	}
}
