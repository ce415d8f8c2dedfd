package classic

import "fmt"

// The float64 kernels of dense64.go for NEON. A column of a tile is two registers of two float64; so many columns, or blocks,
// follow each other in registers.

// neonTiles emits the start of a function: its arguments into registers, strides from numbers of the given size to bytes.
func neonTiles(t *text, name string, size int, declaration string, shift int, args ...[2]string) {
	t.function(name, size, "func "+name+declaration)
	for i, a := range args {
		t.arm("MOVD %s+%d(FP), %s", a[0], 8*i, a[1])
		if a[0] == "cs" || a[0] == "as" || a[0] == "xs" || a[0] == "ds" || a[0] == "ss" {
			t.arm("LSL $%d, %s", shift, a[1])
		}
	}
}

func neonDense64(t *text) {
	neonTileProduct(t)
	neonTileProductComplex(t)
	neonTileEliminate(t)
	neonTileScale(t)
	neonTileForward(t)
	neonTileBackward(t)
	neonTileAdd(t)
}

// neonTileProduct: C in V0 to V23, a column of each tile A in V24 to V29, one of B in V30 and V31.
func neonTileProduct(t *text) {
	neonTiles(t, "neonTileProduct", 57, "(c *float64, cs int, a *float64, as int, b *float64, tiles, k int, set bool)", 3,
		[2]string{"c", "R0"}, [2]string{"cs", "R1"}, [2]string{"a", "R2"}, [2]string{"as", "R3"}, [2]string{"b", "R4"},
		[2]string{"tiles", "R5"}, [2]string{"k", "R6"})
	t.arm("MOVBU set+56(FP), R7")
	product := func(n int) {
		for i, from := range []string{"R2", "R8", "R9"}[:n] { // tiles A from R8 on, tiles C from R13 on
			to := []string{"R8", "R9", "R10"}[i]
			c := []string{"R0", "R13", "R14"}[i]
			if i == 0 {
				t.arm("MOVD %s, %s", from, to)
				t.arm("MOVD %s, R13", c)
			} else {
				t.arm("ADD R3, %s, %s", from, to)
				t.arm("ADD R1, %s, R%d", c, 13+i)
			}
		}
		t.arm("ADD R3, R%d, R2", 7+n)
		t.arm("ADD R1, R%d, R0", 12+n)
		neonZero(t, 0, 8*max(n, 2))
		from, loop := t.fresh("from"), t.fresh("loop")
		t.arm("CBNZ R7, %s", from)
		for i := range n {
			neonRow(t, false, fmt.Sprintf("R%d", 13+i), 8*i, 8)
		}
		t.label(from)
		t.arm("MOVD R4, R11")
		t.arm("MOVD R6, R12")
		t.arm("PCALIGN $16")
		t.label(loop)
		for q := range 4 {
			for i := range n {
				t.arm("FLDPQ %d(R%d), (F%d, F%d)", 32*q, 8+i, 24+2*i, 25+2*i)
			}
			t.arm("FLDPQ %d(R11), (F30, F31)", 32*q)
			for j := range 4 {
				for i := range n {
					c := 8*i + 2*j
					if n == 1 {
						c += q % 2 * 8 // even and odd columns apart: more chains
					}
					t.arm("FMLS V%d.2D, V%d.2D, V%d.D[%d]", c, 24+2*i, 30+j/2, j%2)
					t.arm("FMLS V%d.2D, V%d.2D, V%d.D[%d]", c+1, 25+2*i, 30+j/2, j%2)
				}
			}
		}
		for i := range n {
			t.arm("ADD $128, R%d", 8+i)
		}
		t.arm("ADD $128, R11")
		t.arm("SUBS $4, R12")
		t.arm("BNE %s", loop)
		if n == 1 {
			for c := range 8 {
				t.arm("FADD V%d.2D, V%d.2D, V%d.2D", c, c, 8+c)
			}
		}
		for i := range n {
			neonRow(t, true, fmt.Sprintf("R%d", 13+i), 8*i, 8)
		}
		t.arm("SUBS $%d, R5", n)
	}
	t.label("next")
	t.line("\t// Three tiles at a time, but the last four as two and two: a tile alone hides less of the latency.")
	for _, n := range []int{1, 2, 4} {
		t.arm("CMP $%d, R5", n)
		t.arm("BEQ %s", map[int]string{1: "one", 2: "two", 4: "two"}[n])
	}
	product(3)
	t.arm("BNE next")
	t.arm("RET")
	t.label("two")
	product(2)
	t.arm("BNE next")
	t.arm("RET")
	t.label("one")
	product(1)
	t.arm("RET")
}

// neonTileProductComplex: for two columns of C at a time, sums of A·Re b in V0 to V7 and of A·Im b in V8 to V15.
func neonTileProductComplex(t *text) {
	neonTiles(t, "neonTileProductComplex", 57, "(c *complex128, cs int, a *complex128, as int, b *complex128, tiles, k int, set bool)", 4,
		[2]string{"c", "R0"}, [2]string{"cs", "R1"}, [2]string{"a", "R2"}, [2]string{"as", "R3"}, [2]string{"b", "R4"},
		[2]string{"tiles", "R5"}, [2]string{"k", "R6"})
	t.arm("MOVBU set+56(FP), R7")
	t.arm("MOVD $(1<<63), R8")
	t.arm("FMOVD R8, F31") // the sign of a real part
	t.label("tile")
	t.arm("MOVD R0, R13")
	t.arm("MOVD R4, R9")
	t.arm("MOVD $2, R10")
	t.label("half")
	t.arm("MOVD R2, R8")
	t.arm("MOVD R9, R11")
	t.arm("MOVD R6, R12")
	neonZero(t, 0, 16)
	t.arm("PCALIGN $16")
	t.label("loop")
	for q := range 4 {
		t.arm("FLDPQ %d(R8), (F16, F17)", 64*q)
		t.arm("FLDPQ %d(R8), (F18, F19)", 64*q+32)
		t.arm("FLDPQ %d(R11), (F20, F21)", 64*q)
		for i := range 16 {
			t.arm("FMLA V%d.2D, V%d.2D, V%d.D[%d]", i, 16+i%4, 20+i/4%2, i/8)
		}
	}
	t.arm("ADD $256, R8")
	t.arm("ADD $256, R11")
	t.arm("SUBS $4, R12")
	t.arm("BNE loop")
	neonZero(t, 16, 24)
	t.arm("CBNZ R7, from")
	neonRow(t, false, "R13", 16, 8)
	t.label("from")
	for i := range 8 { // (re, im) and (re, im)·i
		t.arm("VEXT $8, V%d.B16, V%d.B16, V%d.B16", 8+i, 8+i, 8+i)
		t.arm("VEOR V31.B16, V%d.B16, V%d.B16", 8+i, 8+i)
		t.arm("FADD V%d.2D, V%d.2D, V%d.2D", i, i, 8+i)
		t.arm("FSUB V%d.2D, V%d.2D, V%d.2D", 16+i, 16+i, i)
	}
	neonRow(t, true, "R13", 16, 8)
	t.arm("ADD $128, R13")
	t.arm("ADD $32, R9")
	t.arm("SUBS $1, R10")
	t.arm("BNE half")
	t.arm("ADD R1, R0")
	t.arm("ADD R3, R2")
	t.arm("SUBS $1, R5")
	t.arm("BNE tile")
	t.arm("RET")
}

// neonTileEliminate: the block in V0 to V7, L₀ in V16 to V23, the inverses in V24 and V25.
func neonTileEliminate(t *text) {
	neonTiles(t, "neonTileEliminate", 40, "(x *float64, xs int, l, inv *float64, tiles int)", 3,
		[2]string{"x", "R0"}, [2]string{"xs", "R1"}, [2]string{"l", "R2"}, [2]string{"inv", "R3"}, [2]string{"tiles", "R5"})
	neonRow(t, false, "R2", 16, 8)
	neonRow(t, false, "R3", 24, 2)
	t.label("tile")
	neonRow(t, false, "R0", 0, 8)
	for j := range 4 {
		for i := j + 1; i < 4; i++ {
			at := 4*j + i
			for half := range 2 {
				t.arm("FMLS V%d.2D, V%d.2D, V%d.D[%d]", 2*i+half, 2*j+half, 16+at/2, at%2)
			}
		}
	}
	for j := range 8 {
		t.arm("FMUL V%d.2D, V%d.2D, V%d.D[%d]", j, j, 24+j/4, j/2%2)
	}
	neonRow(t, true, "R0", 0, 8)
	t.arm("ADD R1, R0")
	t.arm("SUBS $1, R5")
	t.arm("BNE tile")
	t.arm("RET")
}

func neonTileScale(t *text) {
	neonTiles(t, "neonTileScale", 32, "(dst, a, d *float64, k int)", 3,
		[2]string{"dst", "R0"}, [2]string{"a", "R1"}, [2]string{"d", "R2"}, [2]string{"k", "R3"})
	t.label("loop")
	neonRow(t, false, "R1", 0, 8)
	neonRow(t, false, "R2", 24, 2)
	for j := range 8 {
		t.arm("FMUL V%d.2D, V%d.2D, V%d.D[%d]", j, j, 24+j/4, j/2%2)
	}
	neonRow(t, true, "R0", 0, 8)
	t.arm("ADD $128, R0")
	t.arm("ADD $128, R1")
	t.arm("ADD $32, R2")
	t.arm("SUBS $4, R3")
	t.arm("BNE loop")
	t.arm("RET")
}

// neonTileForward: four columns apart, in V0 to V7.
func neonTileForward(t *text) {
	neonTiles(t, "neonTileForward", 48, "(y, a *float64, as int, x *float64, tiles, k int)", 3,
		[2]string{"y", "R0"}, [2]string{"a", "R1"}, [2]string{"as", "R2"}, [2]string{"x", "R3"}, [2]string{"tiles", "R4"}, [2]string{"k", "R5"})
	t.label("tile")
	t.arm("MOVD R1, R8")
	t.arm("MOVD R3, R9")
	t.arm("MOVD R5, R10")
	neonRow(t, false, "R0", 0, 2)
	neonZero(t, 2, 8)
	t.label("loop")
	neonRow(t, false, "R8", 16, 8)
	neonRow(t, false, "R9", 24, 2)
	for j := range 8 {
		t.arm("FMLS V%d.2D, V%d.2D, V%d.D[%d]", j, 16+j, 24+j/4, j/2%2)
	}
	t.arm("ADD $128, R8")
	t.arm("ADD $32, R9")
	t.arm("SUBS $4, R10")
	t.arm("BNE loop")
	for _, s := range [][2]int{{0, 2}, {1, 3}, {4, 6}, {5, 7}, {0, 4}, {1, 5}} {
		t.arm("FADD V%d.2D, V%d.2D, V%d.2D", s[0], s[0], s[1])
	}
	neonRow(t, true, "R0", 0, 2)
	t.arm("ADD $32, R0")
	t.arm("ADD R2, R1")
	t.arm("SUBS $1, R4")
	t.arm("BNE tile")
	t.arm("RET")
}

// neonTileBackward: four columns at a time, the upper and lower halves of each apart, in V0 to V7.
func neonTileBackward(t *text) {
	neonTiles(t, "neonTileBackward", 48, "(y, a *float64, as int, x *float64, tiles, k int)", 3,
		[2]string{"y", "R0"}, [2]string{"a", "R1"}, [2]string{"as", "R2"}, [2]string{"x", "R3"}, [2]string{"tiles", "R4"}, [2]string{"k", "R5"})
	t.label("columns")
	t.arm("MOVD R1, R8")
	t.arm("MOVD R3, R9")
	t.arm("MOVD R4, R10")
	neonZero(t, 0, 8)
	t.label("loop")
	neonRow(t, false, "R8", 16, 8)
	neonRow(t, false, "R9", 24, 2)
	for j := range 8 {
		t.arm("VFMLA V%d.D2, V%d.D2, V%d.D2", 24+j%2, 16+j, j)
	}
	t.arm("ADD R2, R8")
	t.arm("ADD $32, R9")
	t.arm("SUBS $1, R10")
	t.arm("BNE loop")
	for _, s := range [][3]int{{0, 0, 2}, {1, 1, 3}, {4, 4, 6}, {5, 5, 7}} {
		t.arm("FADDP V%d.2D, V%d.2D, V%d.2D", s[0], s[1], s[2])
	}
	neonRow(t, false, "R0", 16, 2)
	for i := range 2 {
		t.arm("FADD V%d.2D, V%d.2D, V%d.2D", 4*i, 4*i, 4*i+1)
		t.arm("FSUB V%d.2D, V%d.2D, V%d.2D", 16+i, 16+i, 4*i)
	}
	neonRow(t, true, "R0", 16, 2)
	t.arm("ADD $32, R0")
	t.arm("ADD $128, R1")
	t.arm("SUBS $4, R5")
	t.arm("BNE columns")
	t.arm("RET")
}

func neonTileAdd(t *text) {
	neonTiles(t, "neonTileAdd", 56, "(dst *float64, ds int, src *float64, ss, rows, n, grow int)", 3,
		[2]string{"dst", "R0"}, [2]string{"ds", "R1"}, [2]string{"src", "R2"}, [2]string{"ss", "R3"}, [2]string{"rows", "R4"},
		[2]string{"n", "R5"}, [2]string{"grow", "R6"})
	t.label("row")
	t.arm("MOVD R0, R8")
	t.arm("MOVD R2, R9")
	t.arm("MOVD R5, R10")
	t.label("loop")
	neonRow(t, false, "R8", 0, 8)
	neonRow(t, false, "R9", 8, 8)
	for v := range 8 {
		t.arm("FADD V%d.2D, V%d.2D, V%d.2D", v, v, 8+v)
	}
	neonRow(t, true, "R8", 0, 8)
	t.arm("ADD $128, R8")
	t.arm("ADD $128, R9")
	t.arm("SUBS $16, R10")
	t.arm("BNE loop")
	t.arm("ADD R6, R5")
	t.arm("ADD R1, R0")
	t.arm("ADD R3, R2")
	t.arm("SUBS $1, R4")
	t.arm("BNE row")
	t.arm("RET")
}
