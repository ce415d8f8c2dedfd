package classic

// wideTileProduct emits the float64 product of tiles: two columns of a tile are one vector, so that even and odd columns are
// summed apart, and each column of B, twice over, comes from a pair of columns by one permutation for all tiles.
// Six tiles have 24 sums for 4 permutations and 6 loads; a tile alone has four chains, and takes turns with a second set.
func wideTileProduct(t *text) {
	const most = 6
	t.function("avx512TileProduct", 57, "func avx512TileProduct(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)")
	t.op("MOVQ c+0(FP), DX")
	t.op("MOVQ cs+8(FP), R12")
	t.op("SHLQ $3, R12")
	t.op("MOVQ a+16(FP), SI")
	t.op("MOVQ as+24(FP), R13")
	t.op("SHLQ $3, R13")
	t.op("LEAQ (R13)(R13*2), R15")
	t.op("MOVQ tiles+40(FP), R8")
	t.op("MOVBLZX set+56(FP), R14")
	t.label("tiles")
	halve(t, "R8", most)
	choose(t, "AX", "tiles", 1, most)
	for n := 1; n <= most; n++ {
		sets := 1
		if n == 1 {
			sets = 2
		}
		// Tiles are at SI and its multiples of R13, from the fifth on at R10.
		address := func(i, offset int) string {
			return at(offset, [2]string{"R9", "R10"}[i/4]) + [4]string{"", "(R13*1)", "(R13*2)", "(R15*1)"}[i%4]
		}
		t.label(numbered("tiles", n))
		for i := range 4 * n * sets {
			t.op("VPXORQ Z%d, Z%d, Z%d", i, i, i)
		}
		t.op("MOVQ SI, R9")
		if n > 4 {
			t.op("LEAQ (R9)(R13*4), R10")
		}
		t.op("MOVQ b+32(FP), BX")
		t.op("MOVQ k+48(FP), CX")
		t.op("PCALIGN $32")
		t.label(numbered("loop", n))
		for pair := range 2 {
			first := pair % sets * 4 * n
			for j := range 4 {
				t.op("VPERMPD $%#02x, %d(BX), Z%d", 0x55*j, 64*pair, 24+j)
			}
			for i := range n {
				t.op("VMOVUPD %s, Z%d", address(i, 64*pair), 28+i%2)
				for j := range 4 {
					t.op("VFNMADD231PD Z%d, Z%d, Z%d", 24+j, 28+i%2, first+4*i+j)
				}
			}
		}
		t.op("ADDQ $128, R9")
		if n > 4 {
			t.op("ADDQ $128, R10")
		}
		t.op("ADDQ $128, BX")
		t.op("SUBQ $4, CX")
		t.op("JNZ  %s", numbered("loop", n))
		if sets == 2 {
			for j := range 4 {
				t.op("VADDPD Z%d, Z%d, Z%d", 4+j, j, j)
			}
		}
		for i := range 4 * n {
			t.op("VEXTRACTF64X4 $1, Z%d, Y24", i)
			t.op("VADDPD Y24, Y%d, Y%d", i, i)
		}
		t.op("TESTQ R14, R14")
		t.op("JNZ  %s", numbered("set", n))
		t.op("MOVQ DX, AX")
		for i := range n {
			for j := range 4 {
				t.op("VADDPD %d(AX), Y%d, Y%d", 32*j, 4*i+j, 4*i+j)
			}
			if i < n-1 {
				t.op("ADDQ R12, AX")
			}
		}
		t.label(numbered("set", n))
		for i := range n {
			for j := range 4 {
				t.op("VMOVUPD Y%d, %d(DX)", 4*i+j, 32*j)
			}
			t.op("ADDQ R12, DX")
		}
		t.op("IMUL3Q $%d, R13, AX", n)
		t.op("ADDQ AX, SI")
		t.op("SUBQ $%d, R8", n)
		t.op("JNZ  tiles")
		t.ret()
	}
}
