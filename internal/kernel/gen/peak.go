package gen

// peak emits a loop of independent multiply-adds that measures what the machine can do.
func peak(t *text) {
	t.function("avx2Peak", 8, "func avx2Peak(n int)")
	t.op("MOVQ n+0(FP), CX")
	for i := range 16 {
		t.op("VXORPS Y%d, Y%d, Y%d", i, i, i)
	}
	t.op("PCALIGN $32")
	t.label("loop")
	for i := range 12 {
		t.op("VFMADD231PS Y12, Y13, Y%d", i)
	}
	t.op("DECQ CX")
	t.op("JNZ  loop")
	t.ret()
}
