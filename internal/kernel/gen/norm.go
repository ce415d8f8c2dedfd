package gen

// norm emits the passes of InstanceNorm++ over a chunk of an image: eight channels at a time down all its pixels.
func norm(t *text) {
	words(t, "expTable", 8, expConstants...)

	// columns emits a pass: for each eight channels (at byte R13 of channel vectors), pixel by pixel at index AX, unrolled
	// so many times, the body knowing which of them it is; what is left over counts as the first.
	columns := func(name string, unroll int, before func(), pixel func(k int), after func()) {
		t.function(name, 8, "func "+name+"(a *normArgs)")
		t.op("MOVQ a+0(FP), R15")
		for _, f := range [][2]string{
			{"x", "SI"}, {"dy", "BX"}, {"y", "R8"}, {"dst", "DI"}, {"mean", "R9"}, {"first", "R10"}, {"second", "R11"}, {"stride", "R12"},
		} {
			t.op("MOVQ normArgs_%s(R15), %s", f[0], f[1])
		}
		t.op("LEAQ expTable<>(SB), DX")
		t.op("XORQ R13, R13")
		if t.neon { // by fours
			t.op("MOVQ normArgs_vectors(R15), AX")
			t.op("ADDQ AX, normArgs_vectors(R15)")
		}
		// down emits the way down a column; last tells its labels from others.
		down := func(last string) {
			before()
			t.op("MOVQ R13, AX")
			t.op("MOVQ normArgs_pixels(R15), CX")
			t.op("SUBQ $%d, CX", unroll)
			t.op("JLT  rest%s", last)
			t.op("PCALIGN $32")
			t.label("pixels" + last)
			for k := range unroll {
				pixel(k)
				t.op("ADDQ R12, AX")
			}
			t.op("SUBQ $%d, CX", unroll)
			t.op("JGE  pixels%s", last)
			t.label("rest" + last)
			t.op("ADDQ $%d, CX", unroll)
			t.op("JEQ  done%s", last)
			t.label("one" + last)
			pixel(0)
			t.op("ADDQ R12, AX")
			t.op("DECQ CX")
			t.op("JNZ  one%s", last)
			t.label("done" + last)
			after()
			t.op("ADDQ $32, R13")
		}
		if t.wide { // by sixteen, and an eight that is left with half a mask
			t.op("SUBQ $2, normArgs_vectors(R15)")
			t.op("JLT  half")
			t.label("column")
			down("")
			t.op("SUBQ $2, normArgs_vectors(R15)")
			t.op("JGE  column")
			t.label("half")
			t.op("ADDQ $2, normArgs_vectors(R15)")
			t.op("JEQ  end")
			t.op("MOVL $0xff, CX")
			t.op("KMOVW CX, K1")
			t.mask = "K1"
			down("Half")
			t.mask = ""
			t.label("end")
			t.ret()
			return
		}
		t.label("column")
		down("")
		t.op("DECQ normArgs_vectors(R15)")
		t.op("JNZ  column")
		t.ret()
	}
	zero := func(from, to int) {
		for y := from; y <= to; y++ {
			t.op("VXORPS Y%d, Y%d, Y%d", y, y, y)
		}
	}
	// fold adds four sums up and stores them. There are four so that no addition waits for the one before.
	fold := func(first int, to string) {
		t.op("VADDPS Y%d, Y%d, Y%d", first+1, first, first)
		t.op("VADDPS Y%d, Y%d, Y%d", first+3, first+2, first+2)
		t.op("VADDPS Y%d, Y%d, Y%d", first+2, first, first)
		t.op("VMOVUPS Y%d, (%s)(R13*1)", first, to)
	}

	columns("avx2NormSums", 4,
		func() { zero(4, 7) },
		func(k int) {
			t.op("VADDPS (SI)(AX*1), Y%d, Y%d", 4+k, 4+k)
		},
		func() { fold(4, "R10") })

	columns("avx2NormSquares", 4,
		func() {
			zero(4, 7)
			t.op("VMOVUPS (R9)(R13*1), Y12")
		},
		func(k int) {
			t.op("VMOVUPS (SI)(AX*1), Y1")
			t.op("VSUBPS Y12, Y1, Y1")
			t.op("VFMADD231PS Y1, Y1, Y%d", 4+k)
		},
		func() { fold(4, "R10") })

	apply := func(name string, withELU bool) {
		columns(name, 1,
			func() {
				t.op("VMOVUPS (R9)(R13*1), Y12")
				t.op("VMOVUPS (R10)(R13*1), Y13")
				t.op("VMOVUPS (R11)(R13*1), Y14")
				if withELU {
					eluLoad(t)
				}
			},
			func(int) {
				t.op("VMOVUPS (SI)(AX*1), Y0")
				t.op("VSUBPS Y12, Y0, Y0")
				t.op("VFMADD213PS Y14, Y13, Y0")
				if withELU {
					elu(t)
				}
				t.op("VMOVUPS Y0, (DI)(AX*1)")
			},
			func() {})
	}
	apply("avx2NormApply", false)
	apply("avx2NormApplyELU", true)

	// gradient puts dy into Y1, through ELU where asked for.
	gradient := func(withELU bool) {
		if withELU {
			t.op("VMOVUPS (R8)(AX*1), Y1")
			eluSlope(t)
			t.op("VMULPS (BX)(AX*1), Y1, Y1")
		} else {
			t.op("VMOVUPS (BX)(AX*1), Y1")
		}
	}
	slopes := func(withELU bool) {
		if withELU {
			zero(2, 2)
			t.op("VMOVUPS %d(DX), Y3", expOne)
		}
	}
	gradSums := func(name string, withELU bool) {
		columns(name, 4,
			func() {
				zero(4, 11)
				slopes(withELU)
				t.op("VMOVUPS (R9)(R13*1), Y12")
			},
			func(k int) {
				gradient(withELU)
				t.op("VADDPS Y1, Y%d, Y%d", 4+k, 4+k)
				t.op("VMOVUPS (SI)(AX*1), Y13")
				t.op("VSUBPS Y12, Y13, Y13")
				t.op("VFMADD231PS Y13, Y1, Y%d", 8+k)
			},
			func() {
				fold(4, "R10")
				fold(8, "R11")
			})
	}
	gradSums("avx2NormGradSums", false)
	gradSums("avx2NormGradSumsELU", true)

	gradApply := func(name string, withELU bool) {
		columns(name, 2,
			func() {
				slopes(withELU)
				t.op("VMOVUPS (R9)(R13*1), Y12")
				t.op("VMOVUPS (R10)(R13*1), Y13")
				t.op("VMOVUPS (R11)(R13*1), Y14")
				t.op("MOVQ normArgs_third(R15), CX")
				t.op("VMOVUPS (CX)(R13*1), Y11")
			},
			func(int) {
				gradient(withELU)
				t.op("VMOVUPS (SI)(AX*1), Y0")
				t.op("VSUBPS Y12, Y0, Y0")
				t.op("VFMADD213PS Y11, Y14, Y0") // b·(x-m) + shift
				t.op("VFMADD231PS Y13, Y1, Y0")  // + a·dy
				t.op("VADDPS (DI)(AX*1), Y0, Y0")
				t.op("VMOVUPS Y0, (DI)(AX*1)")
			},
			func() {})
	}
	gradApply("avx2NormGradApply", false)
	gradApply("avx2NormGradApplyELU", true)
}
