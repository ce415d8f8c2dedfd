package classic

import "fmt"

// The products of matrices for AVX-512. Speed could not be measured where this was written: what follows is by counting.
//
// A register tile of n rows by two vectors takes, for each k, 2n multiply-adds, n broadcasts and 2 loads of columns. Zen 5 and
// Intel's servers make two multiply-adds of sixteen lanes and two loads a cycle, so that loads keep up from n = 2 on; others
// (Zen 4, Intel's clients) make one multiply-add, and at least one load. Four cycles of latency times two units want eight
// chains: n of 4 or more. With 14 rows, 28 of the 32 registers are sums, two hold columns and two take turns as broadcasts:
// 28 multiply-adds against 16 loads. With one vector of columns, where no more are left, a broadcast is an operand of its
// only multiply-add: n multiply-adds against n + 1 loads, as balanced for any n, in chains enough from 8 rows on; so 14 rows do there
// as well.
//
// Rows are cut into tiles by halves rather than with a small rest: 16 are 8 and 8, not 14 and 2.

const wideRows = 14

// A wideTile is a register tile of so many rows and vectors of columns, its sums in Z[0] on, row by row. With two sets of sums
// steps take turns, where one set has too few chains to hide the latency.
type wideTile struct{ rows, vectors, sets int }

// alternating is a tile of one set or two, by its size.
func alternating(rows, vectors int) wideTile {
	if rows*vectors < 8 {
		return wideTile{rows, vectors, 2}
	}
	return wideTile{rows, vectors, 1}
}

// column vectors, and the broadcasts that take turns
const (
	wideColumns   = 28
	wideBroadcast = 30
)

// sum is the register of a sum.
func (w wideTile) sum(row, vector int) int { return row*w.vectors + vector }

// clear sets all sums to zero.
func (w wideTile) clear(t *text) {
	for i := range w.rows * w.vectors {
		t.op("VPXORD Z%d, Z%d, Z%d", i, i, i)
	}
	w.clearSecond(t)
}

// clearSecond sets the second set of sums to zero.
func (w wideTile) clearSecond(t *text) {
	if n := w.rows * w.vectors; w.sets == 2 {
		for i := range n {
			t.op("VPXORD Z%d, Z%d, Z%d", n+i, n+i, n+i)
		}
	}
}

// fold adds the second set of sums to the first.
func (w wideTile) fold(t *text) {
	if n := w.rows * w.vectors; w.sets == 2 {
		for i := range n {
			t.op("VADDPS Z%d, Z%d, Z%d", n+i, i, i)
		}
	}
}

// step emits one step: sum[i] += a(i)·b, with a(i) an address of one value and the columns at offset bytes from BX, the last
// vector through mask K1 where masked.
func (w wideTile) step(t *text, a func(i int) string, offset int, masked bool, set int) {
	for v := range w.vectors {
		if masked && v == w.vectors-1 {
			t.op("VMOVUPS.Z %d(BX), K1, Z%d", offset+64*v, wideColumns+v)
		} else {
			t.op("VMOVUPS %d(BX), Z%d", offset+64*v, wideColumns+v)
		}
	}
	first := set % w.sets * w.rows * w.vectors
	for i := range w.rows {
		if w.vectors == 1 {
			t.op("VFMADD231PS.BCST %s, Z%d, Z%d", a(i), wideColumns, first+i)
			continue
		}
		t.op("VBROADCASTSS %s, Z%d", a(i), wideBroadcast+i%2)
		for v := range w.vectors {
			t.op("VFMADD231PS Z%d, Z%d, Z%d", wideColumns+v, wideBroadcast+i%2, first+w.sum(i, v))
		}
	}
}

// addFrom adds what is at the register at, rows stride apart, to the sums, and changes at. The last vector is masked.
func (w wideTile) addFrom(t *text, at, stride string) {
	for i := range w.rows {
		for v := range w.vectors {
			s, mask := w.sum(i, v), ""
			if v == w.vectors-1 {
				mask = "K1, "
			}
			t.op("VADDPS %d(%s), Z%d, %sZ%d", 64*v, at, s, mask, s)
		}
		if i < w.rows-1 {
			t.op("ADDQ %s, %s", stride, at)
		}
	}
}

// storeTo stores the sums likewise, and moves at past the last row.
func (w wideTile) storeTo(t *text, at, stride string) {
	for i := range w.rows {
		for v := range w.vectors {
			mask := ""
			if v == w.vectors-1 {
				mask = "K1, "
			}
			t.op("VMOVUPS Z%d, %s%d(%s)", w.sum(i, v), mask, 64*v, at)
		}
		t.op("ADDQ %s, %s", stride, at)
	}
}

// Rows of a tile are the same distance apart, R12, with three times that in R15: four to each of these.
var wideBases = [4]string{"R9", "R10", "R11", "R13"}

// bases sets as many bases as the tile needs, R9 having the first row already.
func (w wideTile) bases(t *text) {
	for i := 1; 4*i < w.rows; i++ {
		t.op("LEAQ (%s)(R12*4), %s", wideBases[i-1], wideBases[i])
	}
}

// row is the address of row i, offset bytes on.
func (w wideTile) row(i, offset int) string {
	return at(offset, wideBases[i/4]) + [4]string{"", "(R12*1)", "(R12*2)", "(R15*1)"}[i%4]
}

// advance moves the bases on by so many bytes.
func (w wideTile) advance(t *text, bytes int) {
	for i := 0; 4*i < w.rows; i++ {
		t.op("ADDQ $%d, %s", bytes, wideBases[i])
	}
}

// choose emits the jump to the label, stem and number, for the number in register, from least to most.
func choose(t *text, register, stem string, least, most int) {
	for n := most; n > least; n-- {
		t.op("CMPQ %s, $%d", register, n)
		t.op("JEQ  %s", numbered(stem, n))
	}
	t.op("JMP  %s", numbered(stem, least))
}

// halve emits the choice of how many to take next, into AX, of what is left in register: all, half or most.
func halve(t *text, register string, most int) {
	choice := t.fresh("choice")
	t.op("MOVQ %s, AX", register)
	t.op("CMPQ AX, $%d", most)
	t.op("JLE  %s", choice)
	t.op("INCQ AX")
	t.op("SHRQ $1, AX")
	t.op("CMPQ AX, $%d", most)
	t.op("JLE  %s", choice)
	t.op("MOVQ $%d, AX", most)
	t.label(choice)
}

// numbered is the label of a number.
func numbered(stem string, n int) string { return fmt.Sprintf("%s%d", stem, n) }

// at is the address offset bytes past register.
func at(offset int, register string) string { return fmt.Sprintf("%d(%s)", offset, register) }

func widePeak(t *text) {
	t.function("avx512Peak", 8, "func avx512Peak(n int)")
	t.op("MOVQ n+0(FP), CX")
	for i := range 26 {
		t.op("VPXORD Z%d, Z%d, Z%d", i, i, i)
	}
	t.op("PCALIGN $32")
	t.label("loop")
	for i := range 24 {
		t.op("VFMADD231PS Z24, Z25, Z%d", i)
	}
	t.op("DECQ CX")
	t.op("JNZ  loop")
	t.ret()
}
