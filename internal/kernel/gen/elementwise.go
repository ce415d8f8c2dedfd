package gen

import "math"

// vectorLoop emits a loop over CX elements, eight at a time: the body loads and stores at index AX of its pointers through
// the functions it gets. What is left after the last eight goes through the same body, with masked loads and stores and
// the mask in Y15, which the body must leave alone.
// A wide text has sixteen for eight, and the mask of loads and stores in K1; one for arm64 has four, and no mask.
func vectorLoop(t *text, body func(load func(pointer string, y int), store func(y int, pointer string))) {
	if t.wide {
		wideLoop(t, body)
		return
	}
	if t.neon {
		neonLoop(t, body)
		return
	}
	loop, tail, done := t.fresh("loop"), t.fresh("tail"), t.fresh("done")
	t.op("XORQ AX, AX")
	t.op("SUBQ $8, CX")
	t.op("JLT  %s", tail)
	t.op("PCALIGN $32")
	t.label(loop)
	body(
		func(pointer string, y int) { t.op("VMOVUPS (%s)(AX*1), Y%d", pointer, y) },
		func(y int, pointer string) { t.op("VMOVUPS Y%d, (%s)(AX*1)", y, pointer) },
	)
	t.op("ADDQ $32, AX")
	t.op("SUBQ $8, CX")
	t.op("JGE  %s", loop)
	t.label(tail)
	t.op("NEGQ CX") // 8 minus what is left
	t.op("CMPQ CX, $8")
	t.op("JEQ  %s", done)
	t.op("LEAQ tailMask<>(SB), R15")
	t.op("VMOVUPS (R15)(CX*4), Y15")
	body(
		func(pointer string, y int) { t.op("VMASKMOVPS (%s)(AX*1), Y15, Y%d", pointer, y) },
		func(y int, pointer string) { t.op("VMASKMOVPS Y%d, Y15, (%s)(AX*1)", y, pointer) },
	)
	t.label(done)
}

// words emits a read-only table of 32-bit words, each repeated n times: 1, or 8 for a vector.
func words(t *text, name string, n int, values ...uint32) {
	if n == 8 {
		n = t.lanes()
	}
	t.line("")
	offset := 0
	for _, v := range values {
		for range n {
			t.line("DATA %s<>+%d(SB)/4, $0x%08x", name, offset, v)
			offset += 4
		}
	}
	t.line("GLOBL %s<>(SB), RODATA|NOPTR, $%d", name, offset)
}

// expConstants are the constants of expm1 in the order of expTable, for both ELU and norm kernels.
var expConstants = []uint32{
	math.Float32bits(math.Log2E),
	math.Float32bits(math.Ln2), // n·log 2 - x is fused, and its error of n·2e-9 is nothing beside 1-2ⁿ
	// exp(r) = 1 + r + r²·(c₂ + c₃r + … + c₇r⁵) within 2e-9 of r for |r| ≤ ½·log 2: interpolation at Chebyshev nodes.
	0x3f000000, 0x3e2aaaab, 0x3d2aaa74, 0x3c088870, 0x3ab6a1b1, 0x39509294,
	math.Float32bits(-30), // below it exp(x)-1 is -1
	math.Float32bits(1),
	127,
}

const (
	expLog2E = 32 * iota
	expLog2
	expC2
	expC3
	expC4
	expC5
	expC6
	expC7
	expLowest
	expOne
	expBias
)

// eluLoad loads the constants of elu: the table's address into DX, the busiest ones into Y6 to Y11.
func eluLoad(t *text) {
	if t.neon {
		neonELULoad(t)
		return
	}
	t.op("LEAQ expTable<>(SB), DX")
	for i, c := range []int{expLog2E, expC7, expC6, expC5, expC4, expC3} {
		t.op("VMOVUPS %d(DX), Y%d", c, 6+i)
	}
}

// elu replaces Y0 by ELU of it, using Y1 to Y4, with n = round(x·log₂e), r = x - n·log 2 and exp(x)-1 = 2ⁿ(exp(r)-1) + (2ⁿ-1):
// without cancellation near zero, where n is 0.
func elu(t *text) {
	if t.neon {
		neonELU(t)
		return
	}
	t.op("VMOVUPS %d(DX), Y1", expLowest)
	t.op("VMAXPS Y0, Y1, Y1") // a NaN in Y0 stays
	t.op("VMULPS Y1, Y6, Y2")
	t.op("VCVTPS2DQ Y2, Y2")
	t.op("VCVTDQ2PS Y2, Y3")
	t.op("VFNMADD231PS %d(DX), Y3, Y1", expLog2) // r
	t.op("VPADDD %d(DX), Y2, Y2", expBias)
	t.op("VPSLLD $23, Y2, Y2") // 2ⁿ
	t.op("VMOVAPS Y8, Y3")
	t.op("VFMADD231PS Y7, Y1, Y3")
	t.op("VFMADD213PS Y9, Y1, Y3")
	t.op("VFMADD213PS Y10, Y1, Y3")
	t.op("VFMADD213PS Y11, Y1, Y3")
	t.op("VFMADD213PS %d(DX), Y1, Y3", expC2)
	t.op("VMULPS Y1, Y1, Y4")
	t.op("VFMADD213PS Y1, Y4, Y3") // exp(r)-1 = r + r²·q
	t.op("VSUBPS %d(DX), Y2, Y4", expOne)
	t.op("VFMADD213PS Y4, Y2, Y3")
	t.op("VXORPS Y4, Y4, Y4")
	t.op("VCMPPS $0x1e, Y4, Y0, Y4") // x > 0, ordered
	t.op("VBLENDVPS Y4, Y0, Y3, Y0")
}

// eluSlope replaces Y1 (an output of ELU) by the slope, min(y, 0) + 1, using Y2 as zero and Y3 as one.
func eluSlope(t *text) {
	t.op("VMINPS Y1, Y2, Y1") // a NaN in Y1 stays
	t.op("VADDPS Y3, Y1, Y1")
}

func elementwise(t *text) {
	words(t, "expTable", 8, expConstants...)
	tailMask(t)

	t.function("avx2ELU", 24, "func avx2ELU(dst, x *float32, n int)")
	t.op("MOVQ dst+0(FP), DI")
	t.op("MOVQ x+8(FP), SI")
	t.op("MOVQ n+16(FP), CX")
	eluLoad(t)
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load("SI", 0)
		elu(t)
		store(0, "DI")
	})
	t.ret()

	t.function("avx2ELUGrad", 32, "func avx2ELUGrad(dx, dy, y *float32, n int)")
	t.op("MOVQ dx+0(FP), DI")
	t.op("MOVQ dy+8(FP), SI")
	t.op("MOVQ y+16(FP), BX")
	t.op("MOVQ n+24(FP), CX")
	t.op("LEAQ expTable<>(SB), DX")
	t.op("VXORPS Y2, Y2, Y2")
	t.op("VMOVUPS %d(DX), Y3", expOne)
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load("BX", 1)
		eluSlope(t)
		load("DI", 0)
		load("SI", 4)
		t.op("VFMADD231PS Y1, Y4, Y0")
		store(0, "DI")
	})
	t.ret()

	t.function("avx2Add", 32, "func avx2Add(dst, a, b *float32, n int)")
	t.op("MOVQ dst+0(FP), DI")
	t.op("MOVQ a+8(FP), SI")
	t.op("MOVQ b+16(FP), BX")
	t.op("MOVQ n+24(FP), CX")
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load("SI", 0)
		load("BX", 1)
		t.op("VADDPS Y1, Y0, Y0")
		store(0, "DI")
	})
	t.ret()

	t.function("avx2Axpy", 28, "func avx2Axpy(dst, x *float32, n int, alpha float32)")
	t.op("MOVQ dst+0(FP), DI")
	t.op("MOVQ x+8(FP), SI")
	t.op("MOVQ n+16(FP), CX")
	t.op("VBROADCASTSS alpha+24(FP), Y2")
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load("DI", 0)
		load("SI", 1)
		t.op("VFMADD231PS Y1, Y2, Y0")
		store(0, "DI")
	})
	t.ret()

	t.function("avx2Adam", 56, "func avx2Adam(w, m, v, avg, grad *float32, n int, s *adamStep)")
	for _, p := range []string{"w+0(FP), DI", "m+8(FP), SI", "v+16(FP), BX", "avg+24(FP), R9", "grad+32(FP), R8", "n+40(FP), CX", "s+48(FP), DX"} {
		t.op("MOVQ %s", p)
	}
	for i, field := range []string{"beta1", "rest1", "beta2", "rest2", "rate", "root", "eps", "scale", "rest"} {
		t.op("VBROADCASTSS adamStep_%s(DX), Y%d", field, 6+i)
	}
	vectorLoop(t, func(load func(string, int), store func(int, string)) {
		load("R8", 0)
		t.op("VMULPS Y13, Y0, Y0") // scale·g
		load("SI", 1)
		t.op("VMULPS Y6, Y1, Y1")
		t.op("VFMADD231PS Y7, Y0, Y1") // m
		store(1, "SI")
		load("BX", 2)
		t.op("VMULPS Y0, Y0, Y0")
		t.op("VMULPS Y8, Y2, Y2")
		t.op("VFMADD231PS Y9, Y0, Y2") // v
		store(2, "BX")
		t.op("VSQRTPS Y2, Y2")
		t.op("VFMADD213PS Y12, Y11, Y2") // √v·root + eps
		t.op("VMULPS Y10, Y1, Y1")
		t.op("VDIVPS Y2, Y1, Y1")
		load("DI", 0)
		t.op("VSUBPS Y1, Y0, Y0") // w
		store(0, "DI")
		load("R9", 1)
		t.op("VSUBPS Y1, Y0, Y0")
		t.op("VFMADD231PS Y0, Y14, Y1") // avg
		store(1, "R9")
	})
	t.ret()

	switch {
	case t.neon:
		neonDot(t)
	case !t.wide: // bound by memory
		dot(t)
	}
}

func dot(t *text) {
	t.function("avx2Dot", 32, "func avx2Dot(a, b *float32, n int) float64")
	t.op("MOVQ a+0(FP), SI")
	t.op("MOVQ b+8(FP), BX")
	t.op("MOVQ n+16(FP), CX")
	t.op("VXORPD Y8, Y8, Y8")
	t.op("VXORPD Y9, Y9, Y9")
	vectorLoop(t, func(load func(string, int), _ func(int, string)) {
		load("SI", 0)
		load("BX", 1)
		t.op("VCVTPS2PD X0, Y2")
		t.op("VCVTPS2PD X1, Y3")
		t.op("VFMADD231PD Y2, Y3, Y8")
		t.op("VEXTRACTF128 $1, Y0, X0")
		t.op("VEXTRACTF128 $1, Y1, X1")
		t.op("VCVTPS2PD X0, Y2")
		t.op("VCVTPS2PD X1, Y3")
		t.op("VFMADD231PD Y2, Y3, Y9")
	})
	t.op("VADDPD Y9, Y8, Y8")
	t.op("VEXTRACTF128 $1, Y8, X9")
	t.op("VADDPD X9, X8, X8")
	t.op("VHADDPD X8, X8, X8")
	t.op("VMOVSD X8, ret+24(FP)")
	t.ret()
}

// tailMask emits the table of which mask n of eight elements begins at word 8-n.
func tailMask(t *text) {
	if t.lanes() != 8 {
		return
	}
	values := make([]uint32, 16)
	for i := range 8 {
		values[i] = math.MaxUint32
	}
	words(t, "tailMask", 1, values...)
}
