package gen

// neonExp are the registers that eluLoad fills, by the offsets in expTable.
var neonExp = map[int]int{
	expLog2E: 16, expLog2: 17, expC2: 18, expC3: 19, expC4: 20, expC5: 21, expC6: 22, expC7: 23, expLowest: 24, expOne: 25, expBias: 26,
}

// neonELULoad loads the constants of neonELU, all of them.
func neonELULoad(t *text) {
	t.arm("MOVD $expTable<>(SB), R4")
	for offset := expLog2E; offset <= expBias; offset += 32 {
		t.arm("FMOVQ %d(R4), F%d", offset/2, neonExp[offset])
	}
	neonZero(t, 27, 28)
}

// neonELU is elu for NEON, which adds to the destination only: of two registers one is added to, the other read.
func neonELU(t *text) {
	t.arm("FMAX V1.4S, V0.4S, V%d.4S", neonExp[expLowest]) // a NaN stays
	t.arm("FMUL V2.4S, V1.4S, V%d.4S", neonExp[expLog2E])
	t.arm("FCVTNS V2.4S, V2.4S")
	t.arm("SCVTF V3.4S, V2.4S")
	t.arm("VFMLS V%d.S4, V3.S4, V1.S4", neonExp[expLog2]) // r
	t.arm("VADD V%d.S4, V2.S4, V2.S4", neonExp[expBias])
	t.arm("VSHL $23, V2.S4, V2.S4") // 2ⁿ
	sum, term := 3, neonExp[expC7]
	for offset := expC6; offset >= expC2; offset -= 32 {
		t.arm("VMOV V%d.B16, V%d.B16", neonExp[offset], sum)
		t.arm("VFMLA V%d.S4, V1.S4, V%d.S4", term, sum)
		sum, term = 7-sum, sum
	}
	t.arm("FMUL V5.4S, V1.4S, V1.4S")
	t.arm("VFMLA V%d.S4, V5.S4, V1.S4", term) // exp(r)-1 = r + r²·q
	t.arm("FSUB V5.4S, V2.4S, V%d.4S", neonExp[expOne])
	t.arm("VFMLA V1.S4, V2.S4, V5.S4")
	t.arm("FCMGT V3.4S, V0.4S, V27.4S")
	t.arm("VBIF V3.B16, V5.B16, V0.B16")
}

// neonDot emits the sum of products in float64, in four interleaved sums.
func neonDot(t *text) {
	t.function("neonDot", 32, "func neonDot(a, b *float32, n int) float64")
	t.arm("MOVD a+0(FP), R1")
	t.arm("MOVD b+8(FP), R2")
	t.arm("MOVD n+16(FP), R3")
	neonZero(t, 8, 10)
	vectorLoop(t, func(load func(string, int), _ func(int, string)) {
		load("SI", 0)
		load("BX", 1)
		t.arm("FCVTL V2.2D, V0.2S")
		t.arm("FCVTL V3.2D, V1.2S")
		t.arm("FCVTL2 V4.2D, V0.4S")
		t.arm("FCVTL2 V5.2D, V1.4S")
		t.arm("VFMLA V2.D2, V3.D2, V8.D2")
		t.arm("VFMLA V4.D2, V5.D2, V9.D2")
	})
	t.arm("FADD V8.2D, V8.2D, V9.2D")
	t.arm("FADDP D8, V8.2D")
	t.arm("FMOVD F8, ret+24(FP)")
	t.ret()
}
