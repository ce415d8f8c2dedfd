package gen

import "fmt"

// The products of matrices in Winograd's planes: C = A·B, and AᵀB for the
// gradient of weights.

// products emits both products.
//
// In the transformed domain a convolution is 36 independent products of
// matrices, one for each element of a 6×6 tile: tiles × channels by channels ×
// output channels.
func products(file *file) {
	if file.isa == avx512 {
		multiplyAVX512(file)
		outerAVX512(file)
		return
	}
	multiply(file)
	outer(file)
}

// product is a field of winogradProduct.
func product(a reg, name string) mem { return a.inside("winogradProduct_" + name) }

// nextPlane moves the cursors of the three matrices on.
//
// The cursors are in memory, since all registers hold sums and rows.
func (f *function) nextPlane(a reg) {
	f.scope(func() {
		r := f.integer("plane")
		for _, m := range []string{"a", "b", "c"} {
			f.set(r, product(a, m+"Plane"))
			f.plus(product(a, m+"At"), r)
		}
	})
}

const (
	multiplyMeaning = "C = A·B in each plane, tiles × k by k × 16·panels"
	outerMeaning    = "C = AᵀB in each plane, or C += that, for k × rows and k × 16·panels"
)

// multiply emits, for each plane, the product of tiles × k by k × 16·panels.
//
// Rows of tiles are cut as six at a time, and a last part of seven or eight as
// four and the rest: one or two rows alone have too few chains. k is a multiple
// of four.
func multiply(file *file) {
	file.function("winogradMultiply", "(a *winogradProduct)", multiplyMeaning, func(f *function) {
		a := f.arguments64("a")[0]
		f.start(a, "winogradProduct", "a", "b", "c")
		rows := f.pointers(tileRows)
		r := f.integers("index", "b", "k", "c", "a", "rows left")
		index, b, k, c, from, left := r[0], r[1], r[2], r[3], r[4], r[5]
		f.block("plane", "the next plane")
		f.set(index, product(a, "panels"))
		f.put(product(a, "left"), index)
		f.set(c, product(a, "cAt"))
		f.block("panel", "the next sixteen columns")
		f.put(product(a, "panelAt"), c)
		f.set(from, product(a, "aAt"))
		f.set(left, product(a, "rows"))
		// Fewer than three rows do not hide the latency.
		f.block("rows", "the next rows: six, or four of seven and eight")
		f.jumpIf(left, above, imm(8), "rows6")
		for n := 8; n >= 1; n-- {
			part := n
			if n > tileRows {
				part = 4
			}
			if n != tileRows {
				f.jumpIf(left, equal, imm(n), fmt.Sprint("rows", part))
			}
		}
		rowsOf := func(n int) {
			f.block(fmt.Sprint("rows", n), "a tile of %d rows", n)
			f.scope(func() {
				t := f.tile(n, 64/f.isa.bytes, 1)
				for _, row := range rows[:n] {
					f.set(row, from)
					f.plus(from, product(a, "aRow"))
				}
				t.clear(0)
				f.set(index, imm(0))
				f.set(b, product(a, "bAt"))
				f.set(k, product(a, "k"))
				f.align(32)
				loop := fmt.Sprint("k", n)
				f.block(loop, "sums += four columns of A · four rows of B")
				// weights of large networks come from afar
				t.four(func(i int) mem { return at(rows[i]).by(index, 1) }, at(b), 2048)
				f.plus(index, imm(16))
				f.plus(b, imm(256))
				f.minusJump(k, imm(4), notEqual, loop)
				f.set(index, product(a, "cRow"))
				t.storeTo(c, index, nil)
			})
			f.minusJump(left, imm(n), notEqual, "rows")
		}
		rowsOf(tileRows)
		f.block("next", "the next panel")
		f.put(product(a, "bAt"), b)
		f.set(c, product(a, "panelAt"))
		f.plus(c, imm(64))
		f.minusJump(product(a, "left"), imm(1), notEqual, "panel")
		f.nextPlane(a)
		f.minusJump(product(a, "planes"), imm(1), notEqual, "plane")
		f.ret()
		for n := tileRows - 1; n >= 1; n-- {
			rowsOf(n)
			f.jump("next")
		}
	})
}

// outer emits, for each plane, the product of the transposed of k × rows by
// k × 16·panels.
//
// Rows are multiples of four by construction: sixteen are six, six and four.
func outer(file *file) {
	file.function("winogradOuter", "(a *winogradProduct)", outerMeaning, func(f *function) {
		a := f.arguments64("a")[0]
		f.start(a, "winogradProduct", "a", "b", "c")
		r := f.fields(a, "winogradProduct", "aRow", "bRow", "cRow")
		aRow, bRow, cRow := r[0], r[1], r[2]
		r = f.integers("a", "b", "k", "c", "A", "B", "panel", "rows left")
		from, b, k, c := r[0], r[1], r[2], r[3]
		column, panelB, panelC, left := r[4], r[5], r[6], r[7]
		f.block("plane", "the next plane")
		f.set(k, product(a, "panels"))
		f.put(product(a, "left"), k)
		f.set(panelC, product(a, "cAt"))
		f.set(panelB, product(a, "bAt"))
		f.block("panel", "the next sixteen columns")
		f.set(c, panelC)
		f.set(column, product(a, "aAt"))
		f.set(left, product(a, "rows"))
		f.block("rows", "the next rows: sixteen are six, six and four")
		f.jumpIf(left, equal, imm(4), "rows4")
		f.jumpIf(left, equal, imm(8), "rows4")
		for _, n := range []int{tileRows, 4} {
			f.block(fmt.Sprint("rows", n), "a tile of %d rows", n)
			f.scope(func() {
				t := f.tile(n, 64/f.isa.bytes, 1)
				t.clear(0)
				f.set(from, column)
				f.set(b, panelB)
				f.set(k, product(a, "k"))
				f.align(32)
				f.repeat(fmt.Sprint("k", n), k, "sums += (a row of A)ᵀ · a row of B", func() {
					t.outer(at(from), at(b))
					f.plus(from, aRow)
					f.plus(b, bRow)
				})
				set := fmt.Sprint("set", n)
				f.jumpIf(product(a, "add"), equal, imm(0), set)
				f.comment("sums += C")
				f.set(from, c)
				t.addFrom(from, cRow, nil)
				f.block(set, "C = sums")
				t.storeTo(c, cRow, nil)
				f.plus(column, imm(4*n))
			})
			f.minusJump(left, imm(n), notEqual, "rows")
			if n == tileRows {
				f.jump("next")
			}
		}
		f.block("next", "the next panel")
		f.plus(panelC, imm(64))
		f.plus(panelB, imm(64))
		f.minusJump(product(a, "left"), imm(1), notEqual, "panel")
		f.nextPlane(a)
		f.minusJump(product(a, "planes"), imm(1), notEqual, "plane")
		f.ret()
	})
}
