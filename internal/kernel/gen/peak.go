package gen

// peak emits a loop of independent multiply-adds, which measures what the
// processor can do.
//
// One round has 24 multiply-adds, or 12 with AVX2, where 16 registers hold the
// sums and two factors. Both exceed latency times units. All operands are zero,
// which takes the same time as other numbers, and the loop reads no memory.
// With w lanes, a round is
//
//	2·w·sums
//
// operations, and package kernel divides them by the time.
func peak(file *file) {
	sums := 24
	if file.isa == avx2 {
		sums = 12
	}
	file.function("peak", "(n int)", "n rounds of independent multiply-adds", func(f *function) {
		n := f.arguments64("n")[0]
		v := f.vectors("sum", sums)
		a, b := f.vector("a"), f.vector("b")
		f.zero(v...)
		f.zero(a, b)
		f.align(64)
		f.repeat("loop", n, "all sums += a·b", func() {
			for _, sum := range v {
				f.fma(sum, b, a)
			}
		})
		f.ret()
	})
}
