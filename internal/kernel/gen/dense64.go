package gen

import "fmt"

// The float64 kernels of dense64.go. A column of a tile, four float64, is one
// vector of AVX2 or two of NEON.

// dense64 emits the kernels on tiles. With AVX-512 only the product is worth
// one of its own.
//
// They are the inner loops of a sparse factorization L·D·Lᵀ (internal/sparse),
// on tiles of four rows: element (i, j) of a tile with k columns is number 4·j
// + i.
func dense64(file *file) {
	if file.isa == avx512 {
		tileProductAVX512(file)
		tileUpdateAVX512(file)
		tileBackwardAVX512(file)
		tileAdd(file)
		return
	}
	tileProduct(file)
	tileProductComplex(file)
	tileEliminate(file)
	tileScale(file)
	tileForward(file)
	tileBackward(file)
	tileAdd(file)
	if file.isa == avx2 {
		prefetchLines(file)
		blockSums(file)
	}
}

// columnVectors is the number of vectors of a column.
func (f *function) columnVectors() int { return 32 / f.isa.bytes }

// columns reserves vectors for n columns.
func (f *function) columns(name string, n int) []vec {
	return f.vectors(name, n*f.columnVectors())
}

// Factors are numbers that follow each other in memory, each of which
// multiplies whole columns: lanes of vectors of NEON, or with AVX2 vectors
// that have the number in all lanes and take turns.
//
// The two ways have one description: x.load(j) is nothing for NEON, whose
// factors are lanes.
type factors struct {
	f    *function
	from mem
	room []vec
}

// factorRoom reserves what n factors need: with NEON a vector for two, with
// AVX2 the given number of vectors.
func (f *function) factorRoom(n, turns int) []vec {
	if f.isa == neon {
		turns = n / 2
	}
	return f.vectors("factor", turns)
}

// factors prepares n factors at a place.
func (f *function) factors(from mem, n int, room []vec) factors {
	if f.isa == neon {
		f.loadRow(room[:n/2], from)
	}
	return factors{f, from, room}
}

// load makes factor j ready.
func (x factors) load(j int) {
	if x.f.isa != neon {
		x.f.broadcast(x.room[j%len(x.room)], x.from.offset(8*j))
	}
}

// times emits an instruction on a column and factor j.
//
// The operation is to = to ± a·x_j, or to = a·x_j for a product.
func (x factors) times(op, laneOp opcode, to, a []vec, j int) {
	for i := range to {
		if x.f.isa == neon {
			x.f.emit(instruction{op: laneOp, to: to[i], a: a[i], b: x.room[j/2], n: j % 2})
		} else {
			x.f.emit(instruction{op: op, to: to[i], a: x.room[j%len(x.room)], b: a[i]})
		}
	}
}

// timesPlace is times for a column in memory, with room for it.
func (x factors) timesPlace(op, laneOp opcode, to []vec, from mem, room []vec, j int) {
	if x.f.isa == neon {
		x.f.loadRow(room, from)
		x.times(op, laneOp, to, room, j)
		return
	}
	x.f.compute(instruction{op: op, to: to[0], a: x.room[j%len(x.room)], b: from})
}

// row returns n vectors that follow each other in memory, as operands: they
// are loaded where the isa has no operands in memory.
func (f *function) row(from mem, n int) []operand {
	row := make([]operand, n)
	for i := range row {
		row[i] = from.plus(i)
	}
	if f.isa == neon {
		v := f.vectors("operand", n)
		f.loadRow(v, from)
		for i := range row {
			row[i] = v[i]
		}
	}
	return row
}

// column is column j of columns in vectors.
func (f *function) column(columns []vec, j int) []vec {
	n := f.columnVectors()
	return columns[n*j:][:n]
}

// strides turns counts of numbers of 1<<shift bytes into bytes.
func (f *function) strides(shift int, counts ...reg) {
	for _, r := range counts {
		f.shiftUp(r, shift)
	}
}

const tileProductSignature = "(c, a tilesAt[float64], b tileAt[float64], tiles int, set bool)"

// tileProduct emits the product of tiles: C -= A·Bᵀ for up to three tiles at
// once.
//
// Each element is c_ij −= Σ_m a_im·b_jm over the k columns. As columns:
//
//	C[:, j] −= Σ_m A[:, m]·b_jm,
//
// so that four numbers of a column of B are the factors of the four columns of
// C. Three tiles have twelve chains with AVX2. With set, C is not read.
func tileProduct(file *file) {
	const meaning = "C -= A·Bᵀ, or C = -A·Bᵀ, for each tile"
	file.function("tileProduct", tileProductSignature, meaning, func(f *function) {
		f.element = float64s
		r := f.arguments64("c_first", "c_stride", "a_first", "a_stride", "b_first", "tiles", "b_k")
		c, cs, a, as, b, tiles, k := r[0], r[1], r[2], r[3], r[4], r[5], r[6]
		f.strides(3, cs, as)
		at3, ct3 := f.integers("A 0", "A 1", "A 2"), f.integers("C 1", "C 2")
		from, left := f.integer("column of B"), f.integer("columns left")
		// A tile alone cannot hide the latency.
		f.block("next", "three tiles at a time, but the last four as two and two")
		f.jumpIf(tiles, equal, imm(1), "tiles1")
		f.jumpIf(tiles, equal, imm(2), "tiles2")
		f.jumpIf(tiles, equal, imm(4), "tiles2")
		for _, n := range []int{3, 2, 1} {
			f.block(fmt.Sprint("tiles", n), "tiles at once: %d", n)
			f.scope(func() {
				ats := at3[:n]
				cts := append([]reg{c}, ct3[:n-1]...)
				f.set(ats[0], a)
				for i := 1; i < n; i++ {
					f.shifted(ats[i], ats[i-1], as, 1)
					f.shifted(cts[i], cts[i-1], cs, 1)
				}
				f.shifted(a, ats[n-1], as, 1)
				productOfTiles(f, n, productRegisters{ats, cts, b, k, from, left})
				f.shifted(c, cts[n-1], cs, 1)
			})
			f.minusJump(tiles, imm(n), notEqual, "next")
			f.ret()
		}
	})
}

// productRegisters holds the places of the tiles of a product: of each tile of
// A and C, and of B with its number of columns; and two registers of the loop.
type productRegisters struct {
	a, c             []reg
	b, k, from, left reg
}

// productOfTiles emits the product for n tiles at once. One tile has two sets
// of sums, for even and odd columns.
//
// A is read once, B once for all n tiles.
func productOfTiles(f *function, n int, r productRegisters) {
	a, c, b, k, from, left := r.a, r.c, r.b, r.k, r.from, r.left
	sums := make([][]vec, max(n, 2))
	for i := range sums {
		sums[i] = f.columns(fmt.Sprint("C ", i), 4)
		f.zero(sums[i]...)
	}
	start, loop := fmt.Sprint("from", n), fmt.Sprint("loop", n)
	f.scope(func() {
		set := left
		f.emit(instruction{op: opLoadByte, to: set, a: f.argument("set")})
		f.jumpIf(set, notEqual, imm(0), start)
		for i := range n {
			f.loadRow(sums[i], at(c[i]))
		}
	})
	column := make([][]vec, n)
	for i := range column {
		column[i] = f.columns(fmt.Sprint("column of A ", i), 1)
	}
	room := f.factorRoom(4, min(3, f.vectorBank.left()))
	f.block(start, "sums begin with C, or with zero")
	f.set(from, b)
	f.set(left, k)
	f.align(32)
	f.block(loop, "C -= four columns of A · four rows of Bᵀ")
	for q := range 4 {
		for i := range n {
			f.loadRow(column[i], at(a[i]).offset(32*q))
		}
		x := f.factors(at(from).offset(32*q), 4, room)
		for j := range 4 {
			x.load(j)
			for i := range n {
				to := sums[i]
				if n == 1 {
					to = sums[q%2]
				}
				x.times(opFnma, opFnmaLane, f.column(to, j), column[i], j)
			}
		}
	}
	for _, r := range a {
		f.plus(r, imm(128))
	}
	f.plus(from, imm(128))
	f.minusJump(left, imm(4), notEqual, loop)
	if n == 1 {
		f.comment("the sums of even and of odd columns are added up")
		for i, v := range sums[0] {
			f.add(v, v, sums[1][i])
		}
	}
	f.comment("C = sums")
	for i := range n {
		f.storeRow(at(c[i]), sums[i])
	}
}

// tileProductComplex emits the product of complex tiles: for two columns of C
// at a time, the sums of A·Re b and of A·Im b.
//
// Numbers are interleaved: real part, imaginary part. With a = (x, y) and b = u
// + i·v, the sums R = Σ a·u = (xu, yu) and I = Σ a·v = (xv, yv) are formed
// apart, and the product is
//
//	(xu − yv, yu + xv) = R ∓ swapped(I),
//
// minus in even lanes, plus in odd ones. The swap and the signs thus come once
// per tile, and not once per product.
func tileProductComplex(file *file) {
	const signature = "(c, a tilesAt[complex128], b tileAt[complex128], tiles int, set bool)"
	const meaning = "C -= A·Bᵀ, or C = -A·Bᵀ, for each complex tile"
	file.function("tileProductComplex", signature, meaning, func(f *function) {
		f.element = float64s
		r := f.integers("A", "column of B", "place", "two columns of B", "halves", "columns left")
		column, from, place, pair, halves, left := r[0], r[1], r[2], r[3], r[4], r[5]
		r = f.arguments64("c_first", "c_stride", "a_first", "a_stride", "b_first", "tiles", "b_k")
		c, cs, a, as, b, tiles, k := r[0], r[1], r[2], r[3], r[4], r[5], r[6]
		f.strides(4, cs, as)
		set := f.integer("set")
		f.emit(instruction{op: opLoadByte, to: set, a: f.argument("set")})
		var sign vec
		if f.isa == neon {
			sign = f.vector("sign of even lanes")
			f.emit(instruction{op: opEvenSign, to: sign, a: left})
		}
		f.block("tile", "the next tile")
		f.set(place, c)
		f.set(pair, b)
		f.set(halves, imm(2))
		f.block("half", "two columns of C: a column is twice as long")
		f.set(column, a)
		f.set(from, pair)
		f.set(left, k)
		re, im := f.columns("A·Re b", 4), f.columns("A·Im b", 4)
		f.zero(re...)
		f.zero(im...)
		f.align(64)
		f.block("loop", "sums += four columns of A · four pairs of B")
		f.scope(func() {
			v, room := f.columns("column of A", 2), f.factorRoom(4, 4)
			for q := range 4 {
				f.loadRow(v, at(column).offset(64*q))
				x := f.factors(at(from).offset(64*q), 4, room)
				for j := range 4 {
					x.load(j)
				}
				for part, sums := range [][]vec{re, im} {
					for j := range 2 {
						x.times(opFma, opFmaLane, sums[len(v)*j:][:len(v)], v, 2*j+part)
					}
				}
			}
		})
		f.plus(column, imm(256))
		f.plus(from, imm(256))
		f.minusJump(left, imm(4), notEqual, "loop")
		f.comment("re = A·b: its parts are differences and sums of neighbors")
		for i := range re {
			f.emit(instruction{op: opSwapPairs, to: im[i], a: im[i]})
			f.emit(instruction{op: opAddSub, to: re[i], a: re[i], b: im[i], c: sign})
		}
		f.zero(im...)
		f.jumpIf(set, notEqual, imm(0), "from")
		f.loadRow(im, at(place))
		f.block("from", "C -= A·b, from C or from zero")
		for i := range re {
			f.sub(im[i], im[i], re[i])
		}
		f.storeRow(at(place), im)
		f.plus(place, imm(128))
		f.plus(pair, imm(32))
		f.minusJump(halves, imm(1), notEqual, "half")
		f.plus(c, cs)
		f.plus(a, as)
		f.minusJump(tiles, imm(1), notEqual, "tile")
		f.ret()
	})
}

// tileEliminate emits X ← X·(L₀·D₀)⁻ᵀ for blocks of 4×4.
//
// With X = Y·L₀ᵀ and Y = Z·D₀, column i of X is x_i = y_i + Σ_{j<i} l_ij·y_j,
// so that
//
//	y_i = x_i − Σ_{j<i} l_ij·y_j,  z_j = y_j/d_j.
//
// Column j is final once all columns before it were subtracted, which the order
// of the loops gives. inv holds 1/d_j: a division takes several times as long
// as a product.
func tileEliminate(file *file) {
	const meaning = "X = X·(L₀·D₀)⁻ᵀ for each block"
	const signature = "(x tilesAt[float64], l, inv *float64, tiles int)"
	file.function("tileEliminate", signature, meaning, func(f *function) {
		f.element = float64s
		r := f.arguments64("x_first", "x_stride", "l", "inv", "tiles")
		x, xs, l, inv, tiles := r[0], r[1], r[2], r[3], r[4]
		f.strides(3, xs)
		columns := f.columns("X", 4)
		var lower, inverse [4]factors
		for j := range 4 { // below the diagonal of column j, and its inverse
			lower[j] = f.factors(at(l).offset(32*j), 4, f.factorRoom(4, 3-j))
			for i := j + 1; i < 4; i++ {
				lower[j].load(i)
			}
		}
		inverse[0] = f.factors(at(inv), 4, f.factorRoom(4, 4))
		for j := range 4 {
			inverse[0].load(j)
		}
		f.block("tile", "the next block")
		f.loadRow(columns, at(x))
		for j := range 4 {
			for i := j + 1; i < 4; i++ {
				lower[j].times(opFnma, opFnmaLane, f.column(columns, i), f.column(columns, j), i)
			}
		}
		for j := range 4 {
			inverse[0].times(opMul, opMulLane, f.column(columns, j), f.column(columns, j), j)
		}
		f.storeRow(at(x), columns)
		f.plus(x, xs)
		f.minusJump(tiles, imm(1), notEqual, "tile")
		f.ret()
	})
}

// tileScale emits B = A·D.
//
// Column j of a is multiplied by d_j.
func tileScale(file *file) {
	const meaning = "dst = a·d, column by column"
	file.function("tileScale", "(dst, a, d *float64, k int)", meaning, func(f *function) {
		f.element = float64s
		r := f.arguments64("dst", "a", "d", "k")
		dst, a, d, k := r[0], r[1], r[2], r[3]
		columns, room := f.columns("column", 4), f.factorRoom(4, 4)
		f.block("loop", "dst = a·d, four columns")
		x := f.factors(at(d), 4, room)
		for j := range 4 {
			x.load(j)
		}
		for j := range 4 {
			column := f.column(columns, j)
			x.timesPlace(opMul, opMulLane, column, at(a).offset(32*j), column, j)
		}
		f.storeRow(at(dst), columns)
		f.plus(d, imm(32))
		f.plus(a, imm(128))
		f.plus(dst, imm(128))
		f.minusJump(k, imm(4), notEqual, "loop")
		f.ret()
	})
}

// tileForward emits y -= A·x, with sums of their own for each of four columns.
//
// The product goes by columns of A: y −= Σ_m A[:, m]·x_m, four at a time with
// sums of their own, since a single chain would wait for each multiply-add. The
// sums are added as (0 + 1) + (2 + 3).
func tileForward(file *file) {
	const signature = "(y *float64, a tilesAt[float64], x *float64, tiles, k int)"
	file.function("tileForward", signature, "y -= A·x", func(f *function) {
		f.element = float64s
		r := f.integers("A", "factor", "columns left")
		column, from, left := r[0], r[1], r[2]
		r = f.arguments64("y", "a_first", "a_stride", "x", "tiles", "k")
		y, a, as, x, tiles, k := r[0], r[1], r[2], r[3], r[4], r[5]
		f.strides(3, as)
		sums, room, v := f.columns("sum", 4), f.factorRoom(4, 4), f.columns("column", 1)
		f.block("tile", "the next tile")
		f.set(column, a)
		f.set(from, x)
		f.set(left, k)
		f.loadRow(f.column(sums, 0), at(y))
		f.zero(sums[f.columnVectors():]...)
		f.align(32)
		f.block("loop", "sums -= A·x, four columns")
		four := f.factors(at(from), 4, room)
		for j := range 4 {
			four.load(j)
		}
		for j := range 4 {
			four.timesPlace(opFnma, opFnmaLane, f.column(sums, j), at(column).offset(32*j), v, j)
		}
		f.plus(column, imm(128))
		f.plus(from, imm(32))
		f.minusJump(left, imm(4), notEqual, "loop")
		f.comment("y = the sum of the sums")
		for _, s := range [][2]int{{0, 1}, {2, 3}, {0, 2}} {
			for i, v := range f.column(sums, s[0]) {
				f.add(v, v, f.column(sums, s[1])[i])
			}
		}
		f.storeRow(at(y), f.column(sums, 0))
		f.plus(y, imm(32))
		f.plus(a, as)
		f.minusJump(tiles, imm(1), notEqual, "tile")
		f.ret()
	})
}

// tileBackward emits y -= Aᵀ·x, four columns at a time. Each row of a tile has
// sums of its own.
//
// y_m −= Σ_tiles Σ_i a_im·x_i. Each lane holds the sum of one row i over the
// tiles; the sum over the four rows comes at the end.
func tileBackward(file *file) {
	const signature = "(y *float64, a tilesAt[float64], x *float64, tiles, k int)"
	file.function("tileBackward", signature, "y -= Aᵀ·x", func(f *function) {
		f.element = float64s
		r := f.integers("A", "factor", "tiles left")
		column, from, left := r[0], r[1], r[2]
		r = f.arguments64("y", "a_first", "a_stride", "x", "tiles", "k")
		y, a, as, x, tiles, k := r[0], r[1], r[2], r[3], r[4], r[5]
		f.strides(3, as)
		sums, v := f.columns("sum", 4), f.columns("x", 1)
		n := f.columnVectors()
		f.block("columns", "the next four columns")
		f.set(column, a)
		f.set(from, x)
		f.set(left, tiles)
		f.zero(sums...)
		f.block("loop", "sums += A·x of a tile, row by row")
		f.scope(func() {
			f.loadRow(v, at(from))
			for i, operand := range f.row(at(column), 4*n) {
				f.fma(sums[i], v[i%n], operand)
			}
		})
		f.plus(column, as)
		f.plus(from, imm(32))
		f.minusJump(left, imm(1), notEqual, "loop")
		f.comment("y -= the sums over rows")
		total := rowSums(f, sums)
		f.loadRow(v, at(y))
		for i := range v {
			f.sub(v[i], v[i], total[i])
		}
		f.storeRow(at(y), v)
		f.plus(y, imm(32))
		f.plus(a, imm(128))
		f.minusJump(k, imm(4), notEqual, "columns")
		f.ret()
	})
}

// rowSums returns a column with the sums over the lanes of four columns.
//
// Result j is the sum over the lanes of column j. Two additions of neighbors
// and one of halves give all four results.
func rowSums(f *function, sums []vec) []vec {
	pairs := func(to, a, b vec) { f.emit(instruction{op: opPairSums, to: to, a: a, b: b}) }
	if f.isa == neon {
		for i := range 2 {
			pairs(sums[i], sums[i], sums[2+i])
			pairs(sums[4+i], sums[4+i], sums[6+i])
		}
		f.add(sums[0], sums[0], sums[1])
		f.add(sums[4], sums[4], sums[5])
		return []vec{sums[0], sums[4]}
	}
	pairs(sums[0], sums[0], sums[1])
	pairs(sums[2], sums[2], sums[3])
	f.emit(instruction{op: opJoinSums, to: sums[0], a: sums[0], b: sums[2], c: sums[1]})
	return sums[:1]
}

// tileAdd emits the sums of rows of blocks.
//
// Sixteen numbers are four columns of a tile. n grows from row to row, as the
// rows of a triangle do.
func tileAdd(file *file) {
	const signature = "(dst, src tilesAt[float64], rows, n, grow int)"
	file.function("tileAdd", signature, "dst += src, row by row", func(f *function) {
		f.element = float64s
		r := f.integers("to", "from", "numbers left") // low numbers: short instructions
		to, from, left := r[0], r[1], r[2]
		r = f.arguments64("dst_first", "dst_stride", "src_first", "src_stride", "rows", "n", "grow")
		dst, ds, src, ss, rows, n, grow := r[0], r[1], r[2], r[3], r[4], r[5], r[6]
		f.strides(3, ds, ss)
		f.block("row", "the next row")
		f.set(to, dst)
		f.set(from, src)
		f.set(left, n)
		f.block("loop", "dst += src, sixteen numbers")
		f.scope(func() {
			v := f.vectors("dst", 128/f.isa.bytes)
			f.loadRow(v, at(to))
			for i, operand := range f.row(at(from), len(v)) {
				f.add(v[i], v[i], operand)
			}
			f.storeRow(at(to), v)
		})
		f.plus(to, imm(128))
		f.plus(from, imm(128))
		f.minusJump(left, imm(16), notEqual, "loop")
		f.plus(n, grow)
		f.plus(dst, ds)
		f.plus(src, ss)
		f.minusJump(rows, imm(1), notEqual, "row")
		f.ret()
	})
}

// prefetchLines emits the prefetch of lines of memory.
func prefetchLines(file *file) {
	const meaning = "fetches lines of 64 bytes into the caches"
	file.function("prefetch", "(first *float64, lines int)", meaning, func(f *function) {
		r := f.arguments64("first", "lines")
		f.block("loop", "the next line")
		f.prefetch(at(r[0]))
		f.plus(r[0], imm(64))
		f.minusJump(r[1], imm(1), notEqual, "loop")
		f.ret()
	})
}
