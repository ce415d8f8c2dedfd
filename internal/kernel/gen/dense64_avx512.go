package gen

import "fmt"

// tileProductAVX512 emits the float64 product of tiles. Two columns of a tile
// are one vector, so that even and odd columns have sums of their own. A row
// of B, twice over, comes from a pair of columns by one permutation for all
// tiles. Six tiles have 24 sums for 4 permutations and 6 loads. A tile alone
// has four chains, and takes turns with a second set.
func tileProductAVX512(file *file) {
	const most = 6
	const meaning = "C -= A·Bᵀ, or C = -A·Bᵀ, for each tile"
	file.function("tileProduct", tileProductSignature, meaning, func(f *function) {
		f.element = float64s
		r := f.arguments64("c_first", "c_stride", "a_first", "a_stride", "tiles")
		c, cs, a, as, tiles := r[0], r[1], r[2], r[3], r[4]
		f.strides(3, cs, as)
		rows := f.bases(most, as)
		r = f.integers("set", "next", "b", "columns left")
		set, next, b, left := r[0], r[1], r[2], r[3]
		f.emit(instruction{op: opLoadByte, to: set, a: f.argument("set")})
		f.block("tiles", "the next tiles: all, or half")
		f.halve(next, tiles, most)
		f.choose(next, "tiles", 1, most)
		for n := 1; n <= most; n++ {
			f.block(fmt.Sprint("tiles", n), "tiles at once: %d", n)
			f.scope(func() {
				sets := 1
				if n == 1 {
					sets = 2
				}
				sums := f.vectors("sum", 4*n*sets)
				columns, tile := f.vectors("row of B", 4), f.vectors("columns of A", 2)
				f.zero(sums...)
				f.set(rows.every[0], a)
				rows.reach(n)
				f.set(b, f.argument("b_first"))
				f.set(left, f.argument("b_k"))
				f.align(32)
				loop := fmt.Sprint("loop", n)
				f.block(loop, "sums -= four columns of A · four rows of Bᵀ")
				for pair := range 2 {
					first := sums[pair%sets*4*n:]
					for j := range 4 {
						f.emit(instruction{op: opFourth, to: columns[j], a: at(b).plus(pair), n: j})
					}
					for i := range n {
						f.load(tile[i%2], rows.row(i).plus(pair))
						for j := range 4 {
							f.fnma(first[4*i+j], tile[i%2], columns[j])
						}
					}
				}
				rows.advance(n, 128)
				f.plus(b, imm(128))
				f.minusJump(left, imm(4), notEqual, loop)
				if sets == 2 {
					f.comment("the two sets of sums are added up")
					for j := range 4 {
						f.add(sums[j], sums[j], sums[4+j])
					}
				}
				f.comment("the sums of even and of odd columns are added up")
				for _, sum := range sums[:4*n] {
					f.emit(instruction{op: opFoldHalf, to: sum, a: columns[0]})
				}
				f.halves(func() { storeTiles(f, sums[:4*n], tileStore{c, cs, set, next}) })
				f.timesInto(next, as, n)
				f.plus(a, next)
			})
			f.minusJump(tiles, imm(n), notEqual, "tiles")
			f.ret()
		}
	})
}

// tileStore holds where tiles go: the next tile of C, the stride to the one
// after it, whether to replace it, and a register for a place.
type tileStore struct{ c, cs, set, place reg }

// storeTiles stores tiles of four sums each, or adds them to C.
func storeTiles(f *function, sums []vec, to tileStore) {
	n, c, cs, set, place := len(sums)/4, to.c, to.cs, to.set, to.place
	replace := fmt.Sprint("set", n)
	f.jumpIf(set, notEqual, imm(0), replace)
	f.comment("sums += C")
	f.set(place, c)
	for i := range n {
		for j := range 4 {
			f.add(sums[4*i+j], sums[4*i+j], at(place).plus(j))
		}
		if i < n-1 {
			f.plus(place, cs)
		}
	}
	f.block(replace, "C = sums")
	for i := range n {
		f.storeRow(at(c), sums[4*i:][:4])
		f.plus(c, cs)
	}
}

// tileBackwardAVX512 emits y -= Aᵀ·x for up to eight times four columns at
// once, which are 1 KB of a tile: a tile is read in long runs, not 128 bytes
// at a time. Each lane sums one row of the tiles, as with AVX2, and the sums
// over lanes are those of AVX2.
func tileBackwardAVX512(file *file) {
	const most = 8
	const signature = "(y *float64, a tilesAt[float64], x *float64, tiles, k int)"
	file.function("tileBackward", signature, "y -= Aᵀ·x", func(f *function) {
		f.element = float64s
		low := f.vectors("column", 4) // the sums of pairs have low registers only
		r := f.integers("A", "factor", "tiles left", "next")
		column, from, left, next := r[0], r[1], r[2], r[3]
		r = f.arguments64("y", "a_first", "a_stride", "x", "tiles", "k")
		y, a, as, x, tiles, k := r[0], r[1], r[2], r[3], r[4], r[5]
		f.strides(3, as)
		f.shiftDown(k, 2)
		f.block("columns", "the next columns: all, or half")
		f.halve(next, k, most)
		f.choose(next, "columns", 1, most)
		for n := 1; n <= most; n++ {
			f.block(fmt.Sprint("columns", n), "columns at once: %d", 4*n)
			f.scope(func() {
				sums, v := f.vectors("sum", 2*n), f.vector("x, twice")
				f.zero(sums...)
				f.set(column, a)
				f.set(from, x)
				f.set(left, tiles)
				f.align(32)
				loop := fmt.Sprint("loop", n)
				f.block(loop, "sums += A·x of a tile, row by row")
				f.emit(instruction{op: opTwice, to: v, a: at(from)})
				for i, sum := range sums {
					f.fma(sum, v, at(column).plus(i))
				}
				f.plus(column, as)
				f.plus(from, imm(32))
				f.minusJump(left, imm(1), notEqual, loop)
				f.comment("y -= the sums over rows")
				f.halves(func() {
					for i := range n {
						for j, sum := range sums[2*i:][:2] {
							f.move(low[2*j], sum)
							f.emit(instruction{op: opUpperHalf, to: low[2*j+1], a: sum})
						}
						total := rowSums(f, low)[0]
						f.load(v, at(y).plus(i))
						f.sub(v, v, total)
						f.store(at(y).plus(i), v)
					}
				})
			})
			f.plus(y, imm(32*n))
			f.plus(a, imm(128*n))
			f.minusJump(k, imm(n), notEqual, "columns")
			f.ret()
		}
	})
}
