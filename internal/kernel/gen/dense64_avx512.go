package gen

import "fmt"

// tileProductAVX512 emits the float64 product of tiles. Two columns of a tile
// are one vector, so that even and odd columns have sums of their own. A row
// of B, twice over, comes from a pair of columns by one permutation for all
// tiles. Six tiles have 24 sums for 4 permutations and 6 loads. A tile alone
// has four chains, and takes turns with a second set.
func tileProductAVX512(file *file) {
	const meaning = "C -= A·Bᵀ, or C = -A·Bᵀ, for each tile"
	file.function("tileProduct", tileProductSignature, meaning, func(f *function) {
		f.element = float64s
		p := newTilesProduct(f)
		f.set(p.tiles, f.argument("tiles"))
		p.emit(f.ret)
	})
}

// tileUpdateAVX512 emits C -= A·D·Aᵀ: for each column of C, the tile of A·D,
// and the product with the tiles of A from the diagonal on.
//
// Only tiles on and below the diagonal are computed: tile column j has
// shape_tiles − j tiles. The arguments in the frame are changed on the way
// down, which are its own copies by Go's ABI0.
func tileUpdateAVX512(file *file) {
	const signature = "(c, a tilesAt[float64], b scaledAt, shape triangleShape, set bool)"
	const meaning = "C -= A·D·Aᵀ, or C = -A·D·Aᵀ, below the diagonal of C"
	file.function("tileUpdate", signature, meaning, func(f *function) {
		f.element = float64s
		p := newTilesProduct(f)
		f.block("column", "b = A·D of the tile of this column")
		from, to, d := p.rows.every[0], p.b, p.next
		f.set(from, p.a)
		f.set(to, f.argument("b_first"))
		f.set(d, f.argument("b_d"))
		f.set(p.left, f.argument("b_k"))
		f.block("scale", "b = A·D, four columns")
		// Whole vectors are stored: a load right after two halves would wait.
		f.scope(func() {
			v, odd := f.vectors("factors", 2), f.vector("odd factor")
			for i, even := range v {
				f.halves(func() {
					f.broadcast(even, at(d).offset(16*i))
					f.broadcast(odd, at(d).offset(16*i+8))
				})
				f.emit(instruction{op: opJoinHalves, to: even, a: odd})
				f.mul(even, even, at(from).plus(i))
			}
			f.storeRow(at(to), v)
		})
		for _, r := range []reg{from, to} {
			f.plus(r, imm(128))
		}
		f.plus(d, imm(32))
		f.minusJump(p.left, imm(4), notEqual, "scale")
		f.set(p.tiles, f.argument("shape_tiles"))
		p.emit(func() { f.jump("down") })
		f.block("down", "the next column: C and A begin one tile further down")
		f.set(p.c, f.argument("c_first"))
		f.plus(p.c, p.cs)
		f.plus(p.c, imm(128))
		f.put(f.argument("c_first"), p.c)
		f.set(p.a, f.argument("a_first"))
		f.plus(p.a, p.as)
		f.put(f.argument("a_first"), p.a)
		f.minus(f.argument("shape_tiles"), imm(1))
		f.minusJump(f.argument("shape_columns"), imm(1), notEqual, "column")
		f.ret()
	})
}

// tilesProduct holds the registers of a product of tiles.
type tilesProduct struct {
	f                  *function
	c, cs, a, as       reg // next tiles, and bytes to the ones after
	tiles              reg // tiles left
	rows               bases
	set, next, b, left reg
}

// mostTiles is the number of tiles of a product at once.
const mostTiles = 6

// newTilesProduct reserves the registers and loads the arguments, but not the
// number of tiles.
func newTilesProduct(f *function) tilesProduct {
	r := f.arguments64("c_first", "c_stride", "a_first", "a_stride")
	p := tilesProduct{f: f, c: r[0], cs: r[1], a: r[2], as: r[3], tiles: f.integer("tiles")}
	f.strides(3, p.cs, p.as)
	p.rows = f.bases(mostTiles, p.as)
	r = f.integers("set", "next", "b", "columns left")
	p.set, p.next, p.b, p.left = r[0], r[1], r[2], r[3]
	f.emit(instruction{op: opLoadByte, to: p.set, a: f.argument("set")})
	return p
}

// emit emits the product of the tiles at a with b, and done at each end.
func (p tilesProduct) emit(done func()) {
	f := p.f
	f.block("tiles", "the next tiles: all, or half")
	f.halve(p.next, p.tiles, mostTiles)
	f.choose(p.next, "tiles", 1, mostTiles)
	for n := 1; n <= mostTiles; n++ {
		f.block(fmt.Sprint("tiles", n), "tiles at once: %d", n)
		f.scope(func() { p.atOnce(n) })
		f.minusJump(p.tiles, imm(n), notEqual, "tiles")
		done()
	}
}

// atOnce emits the product of n tiles.
//
// A vector holds columns 2m and 2m + 1 of a tile, and columns[j] holds b_j,2m
// four times and b_j,2m+1 four times. One multiply-add then adds two terms of
// Σ_m, in the lower and in the upper half. At the end, opFoldHalves adds the
// halves of two sums and joins them to two columns of C.
func (p tilesProduct) atOnce(n int) {
	f := p.f
	sets := 1
	if n == 1 {
		sets = 2
	}
	sums := f.vectors("sum", 4*n*sets)
	columns, tile := f.vectors("row of B", 4), f.vectors("columns of A", 2)
	f.zero(sums...)
	f.set(p.rows.every[0], p.a)
	p.rows.reach(n)
	f.set(p.b, f.argument("b_first"))
	f.set(p.left, f.argument("b_k"))
	f.align(32)
	loop := fmt.Sprint("loop", n)
	f.block(loop, "sums -= four columns of A · four rows of Bᵀ")
	for pair := range 2 {
		first := sums[pair%sets*4*n:]
		for j := range 4 {
			f.emit(instruction{op: opFourth, to: columns[j], a: at(p.b).plus(pair), n: j})
		}
		for i := range n {
			f.load(tile[i%2], p.rows.row(i).plus(pair))
			for j := range 4 {
				f.fnma(first[4*i+j], tile[i%2], columns[j])
			}
		}
	}
	p.rows.advance(n, 128)
	f.plus(p.b, imm(128))
	f.minusJump(p.left, imm(4), notEqual, loop)
	if sets == 2 {
		f.comment("the two sets of sums are added up")
		for j := range 4 {
			f.add(sums[j], sums[j], sums[4+j])
		}
	}
	f.comment("the sums of even and of odd columns are added up")
	var folded []vec
	for i := 0; i < 4*n; i += 2 {
		f.emit(instruction{op: opFoldHalves, to: sums[i], b: sums[i+1], a: columns[0]})
		folded = append(folded, sums[i])
	}
	storeTiles(f, folded, tileStore{p.c, p.cs, p.set, p.next})
	f.timesInto(p.next, p.as, n)
	f.plus(p.a, p.next)
}

// tileStore holds where tiles go: the next tile of C, the stride to the one
// after it, whether to replace it, and a register for a place.
type tileStore struct{ c, cs, set, place reg }

// storeTiles stores tiles of two vectors each, or adds them to C.
//
// The sums are negative products, so that C is added to them.
func storeTiles(f *function, sums []vec, to tileStore) {
	n, c, cs, set, place := len(sums)/2, to.c, to.cs, to.set, to.place
	replace := fmt.Sprint("set", n)
	f.jumpIf(set, notEqual, imm(0), replace)
	f.comment("sums += C")
	f.set(place, c)
	for i := range n {
		for j := range 2 {
			f.add(sums[2*i+j], sums[2*i+j], at(place).plus(j))
		}
		if i < n-1 {
			f.plus(place, cs)
		}
	}
	f.block(replace, "C = sums")
	for i := range n {
		f.storeRow(at(c), sums[2*i:][:2])
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
