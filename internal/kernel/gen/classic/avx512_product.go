package classic

func wideProducts(t *text) {
	wideMultiply(t)
	wideOuter(t)
	wideTileProduct(t)
}

// eachPanel emits the loops over planes and panels of 32 columns, with one of 16 at the end where they don't divide. tiles
// emits what is done with a panel, whose columns are at the registers b and c, and moves b to the next; chained says that a
// plane of B is counted from the end of the one before, not from its start.
func eachPanel(t *text, b, c string, chained bool, tiles func(vectors int)) {
	t.op("MOVL $0xffff, AX")
	t.op("KMOVW AX, K1")
	start(t, "winogradProduct", "a", "b", "c")
	t.label("plane")
	t.op("MOVQ winogradProduct_panels(DI), AX")
	t.op("MOVQ AX, winogradProduct_left(DI)")
	t.op("MOVQ winogradProduct_bAt(DI), %s", b)
	t.op("MOVQ winogradProduct_cAt(DI), %s", c)
	t.label("panel")
	t.op("CMPQ winogradProduct_left(DI), $2")
	t.op("JLT  narrow")
	tiles(2)
	t.op("ADDQ $128, %s", c)
	t.op("SUBQ $2, winogradProduct_left(DI)")
	t.op("JNZ  panel")
	t.op("JMP  planed")
	t.label("narrow")
	tiles(1)
	t.label("planed")
	if chained {
		t.op("MOVQ %s, winogradProduct_bAt(DI)", b)
	}
	nextPlane(t)
	t.op("DECQ winogradProduct_planes(DI)")
	t.op("JNZ  plane")
	t.ret()
}

// eachTile emits the loop over tiles of a panel, by halves of the rows, each tile's by body. None has fewer rows than least.
func eachTile(t *text, left string, least int, body func(rows int)) {
	rows, done := t.fresh("rows"), t.fresh("panelDone")
	t.label(rows)
	halve(t, left, wideRows)
	t.op("SUBQ AX, %s", left)
	choose(t, "AX", rows+"is", least, wideRows)
	for n := wideRows; n >= least; n-- {
		t.label(numbered(rows+"is", n))
		body(n)
		t.op("TESTQ %s, %s", left, left)
		t.op("JNZ  %s", rows)
		if n > least {
			t.op("JMP  %s", done)
		}
	}
	t.label(done)
}

// wideMultiply emits, for each of the planes, the product of rows × k by k × 16·panels. A row's sums don't depend on the
// tile it is in: convolutions may be cut between any two.
func wideMultiply(t *text) {
	t.function("avx512WinogradMultiply", 8, "func avx512WinogradMultiply(a *winogradProduct)")
	t.op("MOVQ a+0(FP), DI")
	t.op("MOVQ winogradProduct_aRow(DI), R12")
	t.op("LEAQ (R12)(R12*2), R15")
	eachPanel(t, "SI", "DX", true, func(vectors int) {
		width := 64 * vectors
		t.op("MOVQ DX, winogradProduct_panelAt(DI)")
		t.op("MOVQ winogradProduct_aAt(DI), R14")
		t.op("MOVQ winogradProduct_rows(DI), R8")
		eachTile(t, "R8", 1, func(n int) {
			w := wideTile{n, vectors, 1}
			w.clear(t)
			t.op("MOVQ R14, R9")
			w.bases(t)
			t.op("IMUL3Q $%d, R12, AX", n)
			t.op("ADDQ AX, R14")
			t.op("MOVQ SI, BX")
			t.op("MOVQ winogradProduct_k(DI), CX")
			loop := t.fresh("k")
			t.op("PCALIGN $32")
			t.label(loop)
			for k := range 4 {
				for v := range vectors {
					t.op("PREFETCHT0 %d(BX)", width*k+64*v+2048) // as in avx2WinogradMultiply
				}
				w.step(t, func(i int) string { return w.row(i, 4*k) }, width*k, false, k)
			}
			w.advance(t, 16)
			t.op("ADDQ $%d, BX", 4*width)
			t.op("SUBQ $4, CX")
			t.op("JNZ  %s", loop)
			t.op("MOVQ winogradProduct_cRow(DI), AX")
			w.storeTo(t, "DX", "AX")
		})
		t.op("MOVQ BX, SI")
		t.op("MOVQ winogradProduct_panelAt(DI), DX")
	})
}

// wideOuter emits, for each of the planes, the product of the transposed of k × rows by k × 16·panels.
func wideOuter(t *text) {
	t.function("avx512WinogradOuter", 8, "func avx512WinogradOuter(a *winogradProduct)")
	t.op("MOVQ a+0(FP), DI")
	t.op("MOVQ winogradProduct_aRow(DI), R8")
	t.op("MOVQ winogradProduct_bRow(DI), R9")
	t.op("MOVQ winogradProduct_cRow(DI), R10")
	eachPanel(t, "R12", "R13", false, func(vectors int) {
		t.op("MOVQ R13, DX")
		t.op("MOVQ winogradProduct_aAt(DI), R11")
		t.op("MOVQ winogradProduct_rows(DI), R15")
		eachTile(t, "R15", 8, func(n int) { // halves of a multiple of sixteen
			w := wideTile{n, vectors, 1}
			w.clear(t)
			t.op("MOVQ R11, SI")
			t.op("MOVQ R12, BX")
			t.op("MOVQ winogradProduct_k(DI), CX")
			loop := t.fresh("k")
			t.op("PCALIGN $32")
			t.label(loop)
			w.step(t, func(i int) string { return at(4*i, "SI") }, 0, false, 0)
			t.op("ADDQ R8, SI")
			t.op("ADDQ R9, BX")
			t.op("DECQ CX")
			t.op("JNZ  %s", loop)
			set := t.fresh("set")
			t.op("CMPQ winogradProduct_add(DI), $0")
			t.op("JEQ  %s", set)
			t.op("MOVQ DX, AX")
			w.addFrom(t, "AX", "R10")
			t.label(set)
			w.storeTo(t, "DX", "R10")
			t.op("ADDQ $%d, R11", 4*n)
		})
		t.op("ADDQ $%d, R12", 64*vectors)
	})
}

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
