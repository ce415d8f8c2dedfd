package gen

// pool emits the steps of the 5×5 pools along one axis: from five runs of n floats to one.
func pool(t *text) {
	lanes := make([]uint32, t.lanes())
	for i := range lanes {
		lanes[i] = uint32(i)
	}
	tailMask(t)
	words(t, "lanes", 1, lanes...)
	words(t, "step", 8, uint32(len(lanes)))
	sources := []string{"R8", "R9", "R10", "R11", "R12"}
	start := func() {
		t.op("MOVQ a+0(FP), DX")
		for i, s := range sources {
			t.op("MOVQ poolArgs_src+%d(DX), %s", 8*i, s)
		}
		t.op("MOVQ poolArgs_dst(DX), DI")
		t.op("MOVQ poolArgs_n(DX), CX")
	}

	t.function("avx2Max5", 8, "func avx2Max5(a *poolArgs)")
	start()
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load(sources[0], 0)
		for _, s := range sources[1:] {
			load(s, 1)
			larger(t)
			t.op("VBLENDVPS Y2, Y1, Y0, Y0")
		}
		store(0, "DI")
	})
	t.ret()

	t.function("avx2Max5Index", 8, "func avx2Max5Index(a *poolArgs)")
	start()
	t.op("MOVQ poolArgs_argDst(DX), SI")
	for i := range sources {
		t.op("VPBROADCASTD poolArgs_index+%d(DX), Y%d", 4*i, 8+i)
		t.op("VPADDD lanes<>(SB), Y%d, Y%d", 8+i, 8+i)
	}
	t.op("VMOVDQU step<>(SB), Y14")
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load(sources[0], 0)
		t.op("VMOVDQA Y8, Y3")
		for i, s := range sources[1:] {
			load(s, 1)
			larger(t)
			t.op("VBLENDVPS Y2, Y1, Y0, Y0")
			t.op("VBLENDVPS Y2, Y%d, Y3, Y3", 9+i)
		}
		store(0, "DI")
		store(3, "SI")
		for i := range sources {
			t.op("VPADDD Y14, Y%d, Y%d", 8+i, 8+i)
		}
	})
	t.ret()

	t.function("avx2Max5Arg", 8, "func avx2Max5Arg(a *poolArgs)")
	start()
	t.op("MOVQ poolArgs_argDst(DX), SI")
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load(sources[0], 0)
		t.op("MOVQ poolArgs_arg(DX), BX")
		load("BX", 3)
		for i, s := range sources[1:] {
			load(s, 1)
			larger(t)
			t.op("VBLENDVPS Y2, Y1, Y0, Y0")
			t.op("MOVQ poolArgs_arg+%d(DX), BX", 8+8*i)
			load("BX", 1)
			t.op("VBLENDVPS Y2, Y1, Y3, Y3")
		}
		store(0, "DI")
		store(3, "SI")
	})
	t.ret()

	t.function("avx2Sum5", 8, "func avx2Sum5(a *poolArgs)")
	start()
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load(sources[0], 0)
		for _, s := range sources[1:] {
			load(s, 1)
			t.op("VADDPS Y1, Y0, Y0")
		}
		store(0, "DI")
	})
	t.ret()

	t.function("avx2Sum5Add", 8, "func avx2Sum5Add(a *poolArgs)")
	start()
	t.op("VBROADCASTSS poolArgs_scale(DX), Y3")
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load(sources[0], 0)
		for _, s := range sources[1:] {
			load(s, 1)
			t.op("VADDPS Y1, Y0, Y0")
		}
		load("DI", 1)
		t.op("VFMADD213PS Y1, Y3, Y0")
		store(0, "DI")
	})
	t.ret()

	blend := func() {
		t.op("MOVQ a+0(FP), DX")
		for i, s := range sources[:4] {
			t.op("MOVQ blendArgs_corner+%d(DX), %s", 8*i, s)
			t.op("VBROADCASTSS blendArgs_weight+%d(DX), Y%d", 4*i, 4+i)
		}
		t.op("MOVQ blendArgs_pixel(DX), DI")
		t.op("MOVQ blendArgs_n(DX), CX")
	}
	t.function("avx2Blend4", 8, "func avx2Blend4(a *blendArgs)")
	blend()
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		for i, s := range sources[:4] {
			load(s, 1)
			if i == 0 {
				t.op("VMULPS Y1, Y4, Y0")
			} else {
				t.op("VFMADD231PS Y1, Y%d, Y0", 4+i)
			}
		}
		store(0, "DI")
	})
	t.ret()

	t.function("avx2Spread4", 8, "func avx2Spread4(a *blendArgs)")
	blend()
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load("DI", 0)
		for i, s := range sources[:4] { // one after the other: corners may be the same pixel
			load(s, 1)
			t.op("VFMADD231PS Y0, Y%d, Y1", 4+i)
			store(1, s)
		}
	})
	t.ret()
}

// larger sets the mask Y2 where the candidate Y1 takes the place of Y0: where it is larger, or not a number.
func larger(t *text) {
	t.op("VCMPPS $0x1e, Y0, Y1, Y2")
	t.op("VCMPPS $0x03, Y1, Y1, Y4")
	if t.wide {
		t.op("KORW K4, K2, K2")
	} else {
		t.op("VORPS Y4, Y2, Y2")
	}
}
