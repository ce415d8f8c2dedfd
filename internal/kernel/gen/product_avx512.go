package gen

import "fmt"

// eachPanel emits the loops over planes and panels of 32 columns, with one of
// 16 at the end where they do not divide. tiles emits the work on a panel,
// whose columns are at the registers b and c, and moves b to the next one.
// With chained, a plane of B begins some bytes after the end of the one
// before; otherwise it begins some bytes after its start.
//
// A panel of 32 columns is two vectors, for which each factor serves twice.
func (f *function) eachPanel(a, b, c reg, chained bool, tiles func(vectors int)) {
	f.start(a, "winogradProduct", "a", "b", "c")
	f.block("plane", "the next plane")
	f.set(b, product(a, "panels"))
	f.put(product(a, "left"), b)
	f.set(b, product(a, "bAt"))
	f.set(c, product(a, "cAt"))
	f.block("panel", "the next panel")
	f.jumpIf(product(a, "left"), less, imm(2), "narrow")
	tiles(2)
	f.plus(c, imm(128))
	f.minusJump(product(a, "left"), imm(2), notEqual, "panel")
	f.jump("planed")
	f.block("narrow", "sixteen columns are left")
	tiles(1)
	f.block("planed", "the plane is done")
	if chained {
		f.put(product(a, "bAt"), b)
	}
	f.nextPlane(a)
	f.minusJump(product(a, "planes"), imm(1), notEqual, "plane")
	f.ret()
}

// eachTile emits the loop over the tiles of a panel, by halves of the rows
// that are left, with next as room. No tile has fewer than least rows.
func (f *function) eachTile(next, left reg, least int, body func(rows int)) {
	rows, done := f.fresh("rows"), f.fresh("panelDone")
	f.block(rows, "the next rows: all, or half")
	f.halve(next, left, tileRowsAVX512)
	f.minus(left, next)
	f.choose(next, rows+"is", least, tileRowsAVX512)
	for n := tileRowsAVX512; n >= least; n-- {
		f.block(fmt.Sprint(rows, "is", n), "a tile of %d rows", n)
		f.scope(func() { body(n) })
		f.jumpIf(left, notEqual, imm(0), rows)
		if n > least {
			f.jump(done)
		}
	}
	f.block(done, "all rows are done")
}

// multiplyAVX512 emits, for each plane, the product of rows × k by
// k × 16·panels. The sums of a row do not depend on its tile, so that
// convolutions may be cut between any two rows.
//
// All tiles use one set of sums for this: with two sets the order of additions,
// and so the last bits, would depend on the number of rows in a tile.
func multiplyAVX512(file *file) {
	file.function("winogradMultiply", "(a *winogradProduct)", multiplyMeaning, func(f *function) {
		a := f.arguments64("a")[0]
		stride := f.fields(a, "winogradProduct", "aRow")[0]
		rows := f.bases(tileRowsAVX512, stride)
		r := f.integers("panel of B", "c", "a", "rows left", "b", "k")
		panelB, c, from, left, b, k := r[0], r[1], r[2], r[3], r[4], r[5]
		next := k
		f.eachPanel(a, panelB, c, true, func(vectors int) {
			f.put(product(a, "panelAt"), c)
			f.set(from, product(a, "aAt"))
			f.set(left, product(a, "rows"))
			f.eachTile(next, left, 1, func(n int) {
				t := f.tile(n, vectors, 1)
				t.clear(0)
				f.set(rows.every[0], from)
				rows.reach(n)
				f.timesInto(next, stride, n)
				f.plus(from, next)
				f.set(b, panelB)
				f.set(k, product(a, "k"))
				loop := f.fresh("k")
				f.align(32)
				f.block(loop, "sums += four columns of A · four rows of B")
				t.four(rows.row, at(b), 8192) // as in multiply
				rows.advance(n, 16)
				f.plus(b, imm(256*vectors))
				f.minusJump(k, imm(4), notEqual, loop)
				f.set(next, product(a, "cRow"))
				t.storeTo(c, next, nil)
			})
			f.set(panelB, b)
			f.set(c, product(a, "panelAt"))
		})
	})
}

// outerAVX512 emits, for each plane, the product of the transposed of
// k × rows by k × 16·panels.
func outerAVX512(file *file) {
	file.function("winogradOuter", "(a *winogradProduct)", outerMeaning, func(f *function) {
		a := f.arguments64("a")[0]
		r := f.fields(a, "winogradProduct", "aRow", "bRow", "cRow")
		aRow, bRow, cRow := r[0], r[1], r[2]
		r = f.integers("B", "panel", "c", "A", "rows left", "a", "b", "k", "next")
		panelB, panelC, c, column, left := r[0], r[1], r[2], r[3], r[4]
		from, b, k, next := r[5], r[6], r[7], r[8]
		f.eachPanel(a, panelB, panelC, false, func(vectors int) {
			f.set(c, panelC)
			f.set(column, product(a, "aAt"))
			f.set(left, product(a, "rows"))
			f.eachTile(next, left, 8, func(n int) { // halves of a multiple of sixteen
				t := f.tile(n, vectors, 1)
				t.clear(0)
				f.set(from, column)
				f.set(b, panelB)
				f.set(k, product(a, "k"))
				f.align(32)
				f.repeat(f.fresh("k"), k, "sums += (a row of A)ᵀ · a row of B", func() {
					t.outer(at(from), at(b))
					f.plus(from, aRow)
					f.plus(b, bRow)
				})
				set := f.fresh("set")
				f.jumpIf(product(a, "add"), equal, imm(0), set)
				f.comment("sums += C")
				f.set(next, c)
				t.addFrom(next, cRow, nil)
				f.block(set, "C = sums")
				t.storeTo(c, cRow, nil)
				f.plus(column, imm(4*n))
			})
			f.plus(panelB, imm(64*vectors))
		})
	})
}
