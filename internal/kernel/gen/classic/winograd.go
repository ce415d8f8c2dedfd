package classic

import "math"

// Winograd's minimal filtering F(4×4, 3×3) and, for the gradient of the weights, F(3×3, 4×4), both on tiles of 6×6 with the
// interpolation points 0, ±a, ±b and ∞. With a = 5/8 and b = 3/2 the constants of the input transform are exact and the
// rounding error of the whole is about twice that of direct summation, half of what the usual 1 and 2 give.
const (
	pointA = 0.625
	pointB = 1.5
)

// Offsets in the table of constants, one vector each.
const (
	wA = 32 * iota
	wB
	wA2
	wB2
	wA3
	wB3
	wSum     // a² + b²
	wProduct // a²b²
	wG0      // the filter side: 1/a²b², then powers of a over 2a²(a²-b²) and of b over 2b²(b²-a²)
	wGA0
	wGA1
	wGA2
	wGA3
	wGB0
	wGB1
	wGB2
	wGB3
)

func winogradTable(t *text) {
	a, b := pointA, pointB
	na, nb := 2*a*a*(a*a-b*b), 2*b*b*(b*b-a*a)
	var bits []uint32
	for _, v := range []float64{
		a, b, a * a, b * b, a * a * a, b * b * b, a*a + b*b, a * a * b * b, 1 / (a * a * b * b),
		1 / na, a / na, a * a / na, a * a * a / na, 1 / nb, b / nb, b * b / nb, b * b * b / nb,
	} {
		bits = append(bits, math.Float32bits(float32(v)))
	}
	words(t, "winogradTable", 8, bits...)
}

func winograd(t *text) {
	winogradTransforms(t)
	winogradMultiply(t)
	winogradOuter(t)
}

func winogradTransforms(t *text) {
	winogradTable(t)
	winogradInput(t)
	winogradGradient(t)
	winogradOutput(t)
	winogradFilter(t)
	winogradFilterGradient(t)
}

// constants loads constants into consecutive registers from Y[first] on.
func constants(t *text, first int, offsets ...int) {
	t.op("LEAQ winogradTable<>(SB), DX")
	for i, o := range offsets {
		t.op("VMOVUPS %d(DX), Y%d", o, first+i)
	}
}

// A transform maps a line of values in Y0, Y1, … to a line in the registers out.
type transform struct {
	in   int
	out  []int
	emit func(t *text)
	load func(t *text) // constants
}

var inputLine = transform{6, []int{4, 0, 6, 1, 8, 5}, func(t *text) {
	t.op("VMOVAPS Y4, Y6")
	t.op("VFNMADD231PS Y2, Y11, Y6") // d4 - b²d2
	t.op("VMOVAPS Y3, Y7")
	t.op("VFNMADD231PS Y1, Y11, Y7") // d3 - b²d1
	t.op("VMOVAPS Y4, Y8")
	t.op("VFNMADD231PS Y2, Y10, Y8") // d4 - a²d2
	t.op("VMOVAPS Y3, Y9")
	t.op("VFNMADD231PS Y1, Y10, Y9") // d3 - a²d1
	t.op("VFNMADD231PS Y2, Y12, Y4")
	t.op("VFMADD231PS Y0, Y13, Y4") // d4 - (a²+b²)d2 + a²b²d0
	t.op("VFNMADD231PS Y3, Y12, Y5")
	t.op("VFMADD231PS Y1, Y13, Y5") // d5 - (a²+b²)d3 + a²b²d1
	t.op("VMOVAPS Y6, Y0")
	t.op("VFMADD231PS Y7, Y14, Y0")
	t.op("VFNMADD231PS Y7, Y14, Y6")
	t.op("VMOVAPS Y8, Y1")
	t.op("VFMADD231PS Y9, Y15, Y1")
	t.op("VFNMADD231PS Y9, Y15, Y8")
}, func(t *text) { constants(t, 10, wA2, wB2, wSum, wProduct, wA, wB) }}

// pairs emits the sums and differences of the values at ±a and ±b: Y6, Y7 and Y8, Y9.
func pairs(t *text) {
	t.op("VADDPS Y2, Y1, Y6")
	t.op("VSUBPS Y2, Y1, Y7")
	t.op("VADDPS Y4, Y3, Y8")
	t.op("VSUBPS Y4, Y3, Y9")
	t.op("VADDPS Y6, Y0, Y0")
	t.op("VADDPS Y8, Y0, Y0")
	t.op("VMULPS Y7, Y10, Y1")
	t.op("VFMADD231PS Y9, Y11, Y1")
}

var outputLine = transform{6, []int{0, 1, 2, 5}, func(t *text) {
	pairs(t)
	t.op("VMULPS Y6, Y12, Y2")
	t.op("VFMADD231PS Y8, Y13, Y2")
	t.op("VFMADD231PS Y7, Y14, Y5")
	t.op("VFMADD231PS Y9, Y15, Y5")
}, func(t *text) { constants(t, 10, wA, wB, wA2, wB2, wA3, wB3) }}

var filterGradientLine = transform{6, []int{0, 1, 5}, func(t *text) {
	pairs(t)
	t.op("VFMADD231PS Y6, Y12, Y5")
	t.op("VFMADD231PS Y8, Y13, Y5")
}, outputLine.load}

// The two filter sides, of four and of three values.
var (
	gradientLine = transform{4, []int{0, 1, 4, 2, 6, 3}, func(t *text) { filterSide(t, true) }, filterLine.load}
	filterLine   = transform{3, []int{0, 1, 4, 3, 6, 2}, func(t *text) { filterSide(t, false) },
		func(t *text) { constants(t, 8, wG0, wGA0, wGA1, wGA2, wGA3, wGB0, wGB1, wGB2) }}
)

func filterSide(t *text, four bool) {
	t.op("VMULPS Y0, Y9, Y4")
	t.op("VFMADD231PS Y2, Y11, Y4")
	t.op("VMULPS Y1, Y10, Y5")
	t.op("VMULPS Y0, Y13, Y6")
	t.op("VFMADD231PS Y2, Y15, Y6")
	t.op("VMULPS Y1, Y14, Y7")
	if four {
		t.op("VFMADD231PS Y3, Y12, Y5")
		t.op("VFMADD231PS %d(DX), Y3, Y7", wGB3)
	}
	t.op("VMULPS Y0, Y8, Y0")
	t.op("VADDPS Y5, Y4, Y1")
	t.op("VSUBPS Y5, Y4, Y4")
	if four {
		t.op("VADDPS Y7, Y6, Y2")
	} else {
		t.op("VADDPS Y7, Y6, Y3")
	}
	t.op("VSUBPS Y7, Y6, Y6")
}

// keep puts element i of what columns leaves, in register y, where lines finds it: at R15, but the first elements in registers, as
// far as a wide text has any to spare.
func keep(t *text, i, y int) {
	if i < t.spare() {
		t.op("VMOVAPS Y%d, Y%d", y, 16+i)
	} else {
		t.op("VMOVUPS Y%d, %d(R15)", y, 32*i)
	}
}

// fetch brings element i from there to register y.
func fetch(t *text, i, y int) {
	if i < t.spare() {
		t.op("VMOVAPS Y%d, Y%d", 16+i, y)
	} else {
		t.op("VMOVUPS %d(R15), Y%d", 32*i, y)
	}
}

// columns applies the transform to each column of a square, load putting the elements of a column into the first registers,
// and keeps the result, row by row, with as many columns as the square has. load may emit a jump to the label it
// gets, taken for a column of zeros, and then returns true.
func (l transform) columns(t *text, load func(column int, zero string) (jumps bool)) {
	for c := range l.in {
		zero, next := t.fresh("zero"), t.fresh("next")
		jumps := load(c, zero)
		l.emit(t)
		for r, y := range l.out {
			keep(t, r*l.in+c, y)
		}
		if jumps {
			t.op("JMP  %s", next)
			t.label(zero)
			t.op("VXORPS Y0, Y0, Y0")
			for r := range l.out {
				keep(t, r*l.in+c, 0)
			}
			t.label(next)
		}
	}
}

// lines applies the transform to each row of what columns kept; store takes the registers of a row.
func (l transform) lines(t *text, store func(row int, out []int)) {
	for r := range l.out {
		for c := range l.in {
			fetch(t, r*l.in+c, c)
		}
		l.emit(t)
		store(r, l.out)
	}
}

// forwardTransform emits a kernel from image to transformed tiles: for each tile of a run, for each eight channels.
func forwardTransform(t *text, name string, l transform) {
	rowPointers := []string{"R8", "R9", "R10", "R11", "R12", "R13"}[:l.in]
	t.function(name, 8, "func "+name+"(a *winogradTiles)")
	t.op("MOVQ a+0(FP), DI")
	start(t, "winogradTiles", "tiles")
	t.op("MOVQ winogradTiles_room(DI), R15")
	l.load(t)
	t.label("tile")
	for i, p := range rowPointers {
		t.op("MOVQ winogradTiles_lines+%d(DI), %s", 8*i, p)
	}
	t.op("MOVQ winogradTiles_tilesAt(DI), SI")
	t.vectors("winogradTiles_vectors(DI)", "CX")
	t.label("vector")
	t.op("MOVQ winogradTiles_first(DI), BX")
	t.op("MOVQ BX, AX")
	t.op("IMULQ winogradTiles_pixel(DI), AX")
	l.columns(t, func(column int, zero string) bool {
		if column > 0 {
			t.op("INCQ BX")
			t.op("ADDQ winogradTiles_pixel(DI), AX")
		}
		t.op("CMPQ BX, winogradTiles_limit(DI)") // unsigned, so that what is before the image counts as past it
		t.op("JCC  %s", zero)
		for y, p := range rowPointers {
			t.op("VMOVUPS (%s)(AX*1), Y%d", p, y)
		}
		return true
	})
	t.op("MOVQ SI, BX")
	t.op("MOVQ winogradTiles_plane(DI), AX")
	l.lines(t, func(row int, out []int) {
		for c, y := range out {
			t.op("VMOVUPS Y%d, (BX)", y)
			if row < 5 || c < 5 {
				t.op("ADDQ AX, BX")
			}
		}
	})
	for _, p := range rowPointers {
		t.op("ADDQ $32, %s", p)
	}
	t.op("ADDQ $32, SI")
	t.op("DECQ CX")
	t.op("JNZ  vector")
	t.op("MOVQ SI, winogradTiles_tilesAt(DI)")
	t.op("ADDQ $4, winogradTiles_first(DI)")
	t.op("DECQ winogradTiles_count(DI)")
	t.op("JNZ  tile")
	t.ret()
}

func winogradInput(t *text)    { forwardTransform(t, "avx2WinogradInput", inputLine) }
func winogradGradient(t *text) { forwardTransform(t, "avx2WinogradGradient", gradientLine) }

// strided loads the columns of a square of planes (or taps), n to a column: at walks from column to column by one plane, BX
// down a column by the stride of a row.
func strided(t *text, n int, at, plane, row string) func(column int, zero string) bool {
	return func(column int, _ string) bool {
		if column > 0 {
			t.op("ADDQ %s, %s", plane, at)
		}
		t.op("MOVQ %s, BX", at)
		for y := range n {
			if y > 0 {
				t.op("ADDQ %s, BX", row)
			}
			t.op("VMOVUPS (BX), Y%d", y)
		}
		return false
	}
}

// winogradOutput emits the kernel from products to the image.
func winogradOutput(t *text) {
	t.function("avx2WinogradOutput", 8, "func avx2WinogradOutput(a *winogradTiles)")
	t.op("MOVQ a+0(FP), DI")
	start(t, "winogradTiles", "image", "tiles")
	t.op("MOVQ winogradTiles_room(DI), R15")
	outputLine.load(t)
	t.label("tile")
	t.op("MOVQ winogradTiles_imageAt(DI), R8")
	t.op("MOVQ winogradTiles_tilesAt(DI), SI")
	t.vectors("winogradTiles_vectors(DI)", "CX")
	t.op("MOVQ winogradTiles_bias(DI), R9")
	t.op("MOVQ winogradTiles_pixel(DI), R10")
	t.op("LEAQ (R10)(R10*2), R11")
	t.op("MOVQ winogradTiles_columns(DI), R12")
	t.label("vector")
	t.op("MOVQ winogradTiles_plane(DI), AX")
	t.op("LEAQ (AX)(AX*2), DX")
	t.op("ADDQ DX, DX") // six planes
	t.op("MOVQ SI, R13")
	outputLine.columns(t, strided(t, 6, "R13", "AX", "DX"))
	t.op("MOVQ winogradTiles_rows(DI), DX")
	t.op("MOVQ R8, BX")
	outputLine.lines(t, func(row int, out []int) {
		for _, y := range out {
			t.op("VADDPS (R9), Y%d, Y%d", y, y)
		}
		places := []string{"(BX)", "(BX)(R10*1)", "(BX)(R10*2)", "(BX)(R11*1)"}
		set, done := t.fresh("set"), t.fresh("stored")
		t.op("CMPQ winogradTiles_add(DI), $0")
		t.op("JEQ  %s", set)
		for c, y := range out {
			if c > 0 {
				t.op("CMPQ R12, $%d", c)
				t.op("JLE  %s", done)
			}
			t.op("VADDPS %s, Y%d, Y%d", places[c], y, y)
			t.op("VMOVUPS Y%d, %s", y, places[c])
		}
		t.op("JMP  %s", done)
		t.label(set)
		for c, y := range out {
			if c > 0 {
				t.op("CMPQ R12, $%d", c)
				t.op("JLE  %s", done)
			}
			t.op("VMOVUPS Y%d, %s", y, places[c])
		}
		t.label(done)
		if row < 3 {
			t.op("DECQ DX")
			t.op("JEQ  end")
			t.op("ADDQ winogradTiles_row(DI), BX")
		}
	})
	t.label("end")
	t.op("ADDQ $32, R8")
	t.op("ADDQ $32, R9")
	t.op("ADDQ $32, SI")
	t.op("DECQ CX")
	t.op("JNZ  vector")
	t.op("MOVQ SI, winogradTiles_tilesAt(DI)")
	t.op("MOVQ winogradTiles_step(DI), AX")
	t.op("ADDQ AX, winogradTiles_imageAt(DI)")
	t.op("DECQ winogradTiles_count(DI)")
	t.op("JNZ  tile")
	t.ret()
}

// winogradFilter emits the transform of weights: n values of each of nine taps to n of each of 36 planes.
func winogradFilter(t *text) {
	t.function("avx2WinogradFilter", 8, "func avx2WinogradFilter(a *winogradWeights)")
	t.op("MOVQ a+0(FP), DI")
	t.op("MOVQ winogradWeights_room(DI), R15")
	filterLine.load(t)
	t.op("MOVQ winogradWeights_taps(DI), SI")
	t.op("MOVQ winogradWeights_planes(DI), R8")
	t.op("MOVQ winogradWeights_tap(DI), R9")
	t.op("MOVQ winogradWeights_plane(DI), R10")
	t.vectors("winogradWeights_vectors(DI)", "CX")
	t.op("LEAQ (R9)(R9*2), R11")
	t.label("vector")
	t.op("MOVQ SI, R12")
	filterLine.columns(t, strided(t, 3, "R12", "R9", "R11"))
	t.op("MOVQ R8, BX")
	filterLine.lines(t, func(row int, out []int) {
		for c, y := range out {
			t.op("VMOVUPS Y%d, (BX)", y)
			if row < 5 || c < 5 {
				t.op("ADDQ R10, BX")
			}
		}
	})
	t.op("ADDQ $32, SI")
	t.op("ADDQ $32, R8")
	t.op("DECQ CX")
	t.op("JNZ  vector")
	t.ret()
}

// winogradFilterGradient emits the way back: n values of each of 36 planes, added to n of each of nine taps.
func winogradFilterGradient(t *text) {
	t.function("avx2WinogradFilterGradient", 8, "func avx2WinogradFilterGradient(a *winogradWeights)")
	t.op("MOVQ a+0(FP), DI")
	t.op("MOVQ winogradWeights_room(DI), R15")
	filterGradientLine.load(t)
	t.op("MOVQ winogradWeights_taps(DI), SI")
	t.op("MOVQ winogradWeights_planes(DI), R8")
	t.op("MOVQ winogradWeights_tap(DI), R9")
	t.op("MOVQ winogradWeights_plane(DI), R10")
	t.vectors("winogradWeights_vectors(DI)", "CX")
	t.op("LEAQ (R10)(R10*2), R11")
	t.op("ADDQ R11, R11")
	t.label("vector")
	t.op("MOVQ R8, R12")
	filterGradientLine.columns(t, strided(t, 6, "R12", "R10", "R11"))
	t.op("MOVQ SI, BX")
	filterGradientLine.lines(t, func(row int, out []int) {
		for c, y := range out {
			t.op("VADDPS (BX), Y%d, Y%d", y, y)
			t.op("VMOVUPS Y%d, (BX)", y)
			if row < 2 || c < 2 {
				t.op("ADDQ R9, BX")
			}
		}
	})
	t.op("ADDQ $32, SI")
	t.op("ADDQ $32, R8")
	t.op("DECQ CX")
	t.op("JNZ  vector")
	t.ret()
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
