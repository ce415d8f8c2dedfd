package gen

import (
	"fmt"
	"math"
)

// Winograd's minimal filtering F(4×4, 3×3) and, for the gradient of weights,
// F(3×3, 4×4), both on tiles of 6×6 with the interpolation points 0, ±a, ±b
// and ∞. With a = 5/8 and b = 3/2 the constants of the input transform are
// exact. The rounding error of the whole is about twice the error of direct
// summation. It is half the error that the usual points 1 and 2 give.
const (
	pointA = 0.625
	pointB = 1.5
)

// The constants of the transforms, by their places in winogradTable.
const (
	wA = iota
	wB
	wA2
	wB2
	wA3
	wB3
	wSum     // a² + b²
	wProduct // a²b²
	wG0      // of filters: 1/a²b², then powers of a over 2a²(a²-b²) and of b over 2b²(b²-a²)
	wGA0
	wGA1
	wGA2
	wGA3
	wGB0
	wGB1
	wGB2
	wGB3
)

// winograd emits the transforms.
//
// For a filter w of 3 taps and 6 values d, the four outputs y_k = Σ_i
// w_i·d_{k+i} are
//
//	y = A₄ᵀ·[(G₃·w) ⊙ (Bᵀ·d)],
//
// 6 products instead of 12, and 36 instead of 144 in two dimensions (Winograd
// 1980; Lavin and Gray 2016). With the points p = 0, a, −a, b, −b and ∞, and
// N(p) = Π_{q≠p}(p − q) over the finite points,
//
//	row p of G:   (1, p, p²)/N(p), and (0, 0, 1) for ∞
//	row p of Bᵀ:  the coefficients of Π_{q≠p}(x − q), and of Π_q(x − q) for ∞
//	row k of A₄ᵀ: (0^k, a^k, (−a)^k, b^k, (−b)^k), and 1 for ∞ in the last row
//
// N(0) = a²b², N(±a) = 2a²(a² − b²) and N(±b) = 2b²(b² − a²).
//
// The gradient of weights, dw_i = Σ_k dy_k·d_{k+i}, has the same form with
// three outputs and four taps: A₃ᵀ·[(G₄·dy) ⊙ (Bᵀ·d)].
func winograd(file *file) {
	a, b := pointA, pointB
	na, nb := 2*a*a*(a*a-b*b), 2*b*b*(b*b-a*a)
	var words []uint32
	for _, v := range []float64{
		a, b, a * a, b * b, a * a * a, b * b * b, a*a + b*b, a * a * b * b, 1 / (a * a * b * b),
		1 / na, a / na, a * a / na, a * a * a / na, 1 / nb, b / nb, b * b / nb, b * b * b / nb,
	} {
		words = append(words, math.Float32bits(float32(v)))
	}
	file.words("winogradTable", "winogradTable has the constants of the transforms.", words...)
	forwardTransform(file, "winogradInput", "tiles = Bᵀ·X·B", inputLine)
	forwardTransform(file, "winogradGradient", "tiles = G₄·dY·G₄ᵀ", gradientLine)
	winogradOutput(file)
	winogradFilter(file)
	winogradFilterGradient(file)
}

// A line is a transform of a line of values v[0], v[1], … to a line of values
// v[out[0]], v[out[1]], … with some of v as room, and constants c.
//
// Results are not moved to their places: out names the register of each, and
// the next step reads it there.
type line struct {
	in, room  int
	out       []int
	constants []int
	emit      func(f *function, v []vec, c map[int]operand)
}

// inputLine is a line of Bᵀ·X.
//
// The products of the other factors give, with e_c = d4 − c²·d2 and o_c = d3 −
// c²·d1,
//
//	row 0:   d4 − (a²+b²)·d2 + a²b²·d0
//	row ±a:  e_b ± a·o_b
//	row ±b:  e_a ± b·o_a
//	row ∞:   d5 − (a²+b²)·d3 + a²b²·d1
//
// since for example Π_{q≠a} = x·(x + a)·(x² − b²) = x⁴ + a·x³ − b²·x² − a·b²·x.
// Even and odd parts are shared by +a and −a: 12 multiply-adds instead of 16.
var inputLine = line{
	6, 10, []int{4, 0, 6, 1, 8, 5}, []int{wA2, wB2, wSum, wProduct, wA, wB},
	func(f *function, v []vec, c map[int]operand) {
		f.move(v[6], v[4])
		f.fnma(v[6], v[2], c[wB2]) // d4 - b²d2
		f.move(v[7], v[3])
		f.fnma(v[7], v[1], c[wB2]) // d3 - b²d1
		f.move(v[8], v[4])
		f.fnma(v[8], v[2], c[wA2]) // d4 - a²d2
		f.move(v[9], v[3])
		f.fnma(v[9], v[1], c[wA2]) // d3 - a²d1
		f.fnma(v[4], v[2], c[wSum])
		f.fma(v[4], v[0], c[wProduct]) // d4 - (a²+b²)d2 + a²b²d0
		f.fnma(v[5], v[3], c[wSum])
		f.fma(v[5], v[1], c[wProduct]) // d5 - (a²+b²)d3 + a²b²d1
		f.move(v[0], v[6])
		f.fma(v[0], v[7], c[wA])
		f.fnma(v[6], v[7], c[wA])
		f.move(v[1], v[8])
		f.fma(v[1], v[9], c[wB])
		f.fnma(v[8], v[9], c[wB])
	},
}

// pairs emits the sums and differences of the values at ±a and ±b, in v[6],
// v[7] and v[8], v[9], and the first two results.
//
// With s and t the sum and the difference of the values at ±p, even powers take
// p^k·s and odd ones p^k·t.
func pairs(f *function, v []vec, c map[int]operand) {
	f.add(v[6], v[1], v[2])
	f.sub(v[7], v[1], v[2])
	f.add(v[8], v[3], v[4])
	f.sub(v[9], v[3], v[4])
	f.add(v[0], v[0], v[6])
	f.add(v[0], v[0], v[8])
	f.mul(v[1], v[7], c[wA])
	f.fma(v[1], v[9], c[wB])
}

// outputLine is a line of A₄ᵀ·M.
//
// The outputs are m0 + s_a + s_b, a·t_a + b·t_b, a²·s_a + b²·s_b and m5 +
// a³·t_a + b³·t_b, with m0 and m5 the values at 0 and ∞.
var outputLine = line{
	6, 10, []int{0, 1, 2, 5}, []int{wA, wB, wA2, wB2, wA3, wB3},
	func(f *function, v []vec, c map[int]operand) {
		pairs(f, v, c)
		f.mul(v[2], v[6], c[wA2])
		f.fma(v[2], v[8], c[wB2])
		f.fma(v[5], v[7], c[wA3])
		f.fma(v[5], v[9], c[wB3])
	},
}

// filterGradientLine is a line of A₃ᵀ·dU.
var filterGradientLine = line{
	6, 10, []int{0, 1, 5}, []int{wA, wB, wA2, wB2},
	func(f *function, v []vec, c map[int]operand) {
		pairs(f, v, c)
		f.fma(v[5], v[6], c[wA2])
		f.fma(v[5], v[8], c[wB2])
	},
}

// filterLine is a line of G₃·W.
var filterLine = line{
	3, 8, []int{0, 1, 4, 3, 6, 2}, []int{wG0, wGA0, wGA1, wGA2, wGB0, wGB1, wGB2},
	func(f *function, v []vec, c map[int]operand) {
		filterSums(f, v, c)
		f.add(v[3], v[6], v[7])
		f.sub(v[6], v[6], v[7])
	},
}

// gradientLine is a line of G₄·dY.
var gradientLine = line{
	4, 8, []int{0, 1, 4, 2, 6, 3}, []int{wG0, wGA0, wGA1, wGA2, wGA3, wGB0, wGB1, wGB2, wGB3},
	func(f *function, v []vec, c map[int]operand) {
		filterSums(f, v, c)
		f.add(v[2], v[6], v[7])
		f.sub(v[6], v[6], v[7])
	},
}

// filterSums emits the sums of even and of odd powers of a in v[4] and v[5],
// the sums of powers of b in v[6] and v[7], and the first results.
//
// At ±p the polynomial w_0 + w_1·p + w_2·p² + w_3·p³ is the sum of its even
// powers plus or minus the sum of its odd ones. The factors 1/N(p) are within
// the constants.
func filterSums(f *function, v []vec, c map[int]operand) {
	f.mul(v[4], v[0], c[wGA0])
	f.fma(v[4], v[2], c[wGA2])
	f.mul(v[5], v[1], c[wGA1])
	f.mul(v[6], v[0], c[wGB0])
	f.fma(v[6], v[2], c[wGB2])
	f.mul(v[7], v[1], c[wGB1])
	if c[wGB3] != nil { // four values
		f.fma(v[5], v[3], c[wGA3])
		f.fma(v[7], v[3], c[wGB3])
	}
	f.mul(v[0], v[0], c[wG0])
	f.add(v[1], v[4], v[5])
	f.sub(v[4], v[4], v[5])
}

// A transform is a line in a function: its registers and its room.
//
// Two dimensions are one after the other: T·X·Tᵀ is T applied to each column,
// then to each row of the result. In between, the square is 36 vectors: AVX-512
// keeps as many as it can in registers, and the others go to room in the
// caller's struct.
type transform struct {
	line
	f      *function
	v      []vec
	c      map[int]operand
	kept   []vec // elements of the square that stay in registers
	square reg   // where the others are
}

// transform loads the constants of a line. room is the place for a square.
func (f *function) transform(l line, room mem) *transform {
	t := &transform{line: l, f: f, square: f.integer("square")}
	t.c = f.constants("winogradTable", l.constants, l.room)
	t.v = f.vectors("value", l.room)
	if f.isa == avx512 {
		t.kept = f.vectors("kept", min(f.vectorBank.left(), len(l.out)*l.in))
	}
	f.set(t.square, room)
	return t
}

// keep puts element i of what columns leaves, in v, where lines finds it.
func (t *transform) keep(i int, v vec) {
	if i < len(t.kept) {
		t.f.move(t.kept[i], v)
	} else {
		t.f.store(at(t.square).plus(i), v)
	}
}

// fetch brings element i from there to v.
func (t *transform) fetch(i int, v vec) {
	if i < len(t.kept) {
		t.f.move(v, t.kept[i])
	} else {
		t.f.load(v, at(t.square).plus(i))
	}
}

// columns applies the transform to each column of a square and keeps the
// result, row by row. load loads a column into the first registers. It may
// jump to the label that it gets for a column of zeros, and then returns true.
//
// A column outside the image is zero, and so is its transform: the lines are
// not run for it.
func (t *transform) columns(load func(column int, zero string) (jumps bool)) {
	f := t.f
	for c := range t.in {
		zero, next := f.fresh("zero"), f.fresh("next")
		f.comment("column %d of the square", c)
		jumps := load(c, zero)
		t.emit(f, t.v, t.c)
		for r, i := range t.out {
			t.keep(r*t.in+c, t.v[i])
		}
		if jumps {
			f.jump(next)
			f.block(zero, "a column outside the image")
			f.zero(t.v[0])
			for r := range t.out {
				t.keep(r*t.in+c, t.v[0])
			}
			f.block(next, "the next column")
		}
	}
}

// lines applies the transform to each row of what columns kept. store stores
// the values of a row.
func (t *transform) lines(store func(row int, values []vec)) {
	for r := range t.out {
		t.f.comment("row %d of the square", r)
		for c := range t.in {
			t.fetch(r*t.in+c, t.v[c])
		}
		t.emit(t.f, t.v, t.c)
		values := make([]vec, len(t.out))
		for i, at := range t.out {
			values[i] = t.v[at]
		}
		store(r, values)
	}
}

// start copies pointers of a struct to their cursors, which are no pointers
// for the garbage collector: they may point past the end of an array.
func (f *function) start(a reg, kind string, names ...string) {
	p := f.integer("cursor")
	for _, name := range names {
		f.set(p, a.inside(kind+"_"+name))
		f.put(a.inside(kind+"_"+name+"At"), p)
	}
	f.free(p)
}

// advance moves pointers to the next vector.
func (f *function) advance(pointers ...reg) {
	for _, p := range pointers {
		f.plus(p, imm(f.isa.bytes))
	}
}

// tiles is a field of winogradTiles.
func tiles(a reg, name string) mem { return a.inside("winogradTiles_" + name) }

// forwardTransform emits a kernel from an image to transformed tiles: for each
// tile of a run, for each vector of channels.
//
// Tiles overlap: they are 6 wide and begin every 4 pixels. A tile of a gradient
// has four lines of values, and no overlap.
func forwardTransform(file *file, name, meaning string, l line) {
	file.function(name, "(a *winogradTiles)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		f.start(a, "winogradTiles", "tiles")
		t := f.transform(l, tiles(a, "room"))
		var rows []reg
		for i := range l.in {
			rows = append(rows, f.integer(fmt.Sprint("row ", i)))
		}
		r := f.integers("tiles", "vectors", "place", "step")
		to, vectors, place, step := r[0], r[1], r[2], r[3]
		f.block("tile", "the next tile")
		for i, row := range rows {
			f.set(row, tiles(a, "lines").offset(8*i))
		}
		f.set(to, tiles(a, "tilesAt"))
		f.vectorCount(vectors, tiles(a, "vectors"))
		f.repeat("vector", vectors, "a vector of channels of the tile", func() {
			column, offset := place, step
			f.set(column, tiles(a, "first"))
			f.set(offset, column)
			f.times(offset, tiles(a, "pixel"))
			t.columns(func(c int, zero string) bool {
				if c > 0 {
					f.plus(column, imm(1))
					f.plus(offset, tiles(a, "pixel"))
				}
				// without signs, so that columns before the image count as past
				// it
				f.jumpIf(column, aboveOrSame, tiles(a, "limit"), zero)
				for i, row := range rows {
					f.load(t.v[i], at(row).by(offset, 1))
				}
				return true
			})
			f.set(place, to)
			f.set(step, tiles(a, "plane"))
			t.lines(func(row int, values []vec) { storePlanes(f, row, values, place, step) })
			f.advance(rows...)
			f.advance(to)
		})
		f.put(tiles(a, "tilesAt"), to)
		f.plus(tiles(a, "first"), imm(4))
		f.minusJump(tiles(a, "count"), imm(1), notEqual, "tile")
		f.ret()
	})
}

// storePlanes stores a row of six values, plane bytes apart.
//
// Element (r, c) of a tile goes to plane 6·r + c, in which the product of
// matrices finds all tiles.
func storePlanes(f *function, row int, values []vec, place, plane reg) {
	for c, v := range values {
		f.store(at(place), v)
		if row < 5 || c < 5 {
			f.plus(place, plane)
		}
	}
}

// strided loads the columns of a square of planes, or of taps, n to a column:
// from goes from column to column by one plane, and a cursor goes down a
// column by the stride of a row.
func (t *transform) strided(n int, from, cursor, plane, row reg) func(int, string) bool {
	return func(column int, _ string) bool {
		if column > 0 {
			t.f.plus(from, plane)
		}
		t.f.set(cursor, from)
		for i := range n {
			if i > 0 {
				t.f.plus(cursor, row)
			}
			t.f.load(t.v[i], at(cursor))
		}
		return false
	}
}

// winogradOutput emits the kernel from products to the image.
//
// A tile at the lower or right end of the image stores the rows and columns
// that exist.
func winogradOutput(file *file) {
	const meaning = "Y = A₄ᵀ·M·A₄ + bias, or Y += that"
	file.function("winogradOutput", "(a *winogradTiles)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		f.start(a, "winogradTiles", "image", "tiles")
		t := f.transform(outputLine, tiles(a, "room"))
		r := f.integers("image", "tiles", "vectors", "bias", "pixel", "three pixels", "columns")
		image, from, vectors, bias := r[0], r[1], r[2], r[3]
		pixel, three, columns := r[4], r[5], r[6]
		r = f.integers("place", "rows", "column", "plane")
		place, rows, column, plane := r[0], r[1], r[2], r[3]
		f.block("tile", "the next tile")
		f.set(image, tiles(a, "imageAt"))
		f.set(from, tiles(a, "tilesAt"))
		f.vectorCount(vectors, tiles(a, "vectors"))
		f.set(bias, tiles(a, "bias"))
		f.set(pixel, tiles(a, "pixel"))
		f.shifted(three, pixel, pixel, 2)
		f.set(columns, tiles(a, "columns"))
		f.repeat("vector", vectors, "a vector of channels of the tile", func() {
			six := rows
			f.set(plane, tiles(a, "plane"))
			f.shifted(six, plane, plane, 2)
			f.plus(six, six)
			f.set(column, from)
			t.columns(t.strided(6, column, place, plane, six))
			f.set(rows, tiles(a, "rows"))
			f.set(place, image)
			places := []mem{
				at(place), at(place).by(pixel, 1), at(place).by(pixel, 2), at(place).by(three, 1),
			}
			t.lines(func(row int, values []vec) {
				storePixels(f, a, values, places, bias, columns)
				if row < 3 {
					f.minusJump(rows, imm(1), equal, "end")
					f.plus(place, tiles(a, "row"))
				}
			})
			f.block("end", "the next vector of channels")
			f.advance(image, bias, from)
		})
		f.put(tiles(a, "tilesAt"), from)
		f.set(place, tiles(a, "step"))
		f.plus(tiles(a, "imageAt"), place)
		f.minusJump(tiles(a, "count"), imm(1), notEqual, "tile")
		f.ret()
	})
}

// storePixels stores a row of a tile, as many pixels as there are columns, or
// adds the row to the image.
func storePixels(f *function, a reg, values []vec, places []mem, bias, columns reg) {
	for _, v := range values {
		f.add(v, v, at(bias))
	}
	set, done := f.fresh("set"), f.fresh("stored")
	store := func(add bool) {
		for c, v := range values {
			if c > 0 {
				f.jumpIf(columns, lessOrEqual, imm(c), done)
			}
			if add {
				f.add(v, v, places[c])
			}
			f.store(places[c], v)
		}
	}
	f.jumpIf(tiles(a, "add"), equal, imm(0), set)
	store(true)
	f.jump(done)
	f.block(set, "the row replaces the image")
	store(false)
	f.block(done, "the row is stored")
}

// weights is a field of winogradWeights.
func weights(a reg, name string) mem { return a.inside("winogradWeights_" + name) }

// winogradFilter emits the transform of weights: n values of each of nine
// taps to n of each of 36 planes.
func winogradFilter(file *file) {
	const meaning = "planes = G₃·W·G₃ᵀ"
	file.function("winogradFilter", "(a *winogradWeights)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		t := f.transform(filterLine, weights(a, "room"))
		r := f.fields(a, "winogradWeights", "taps", "planes", "tap", "plane")
		taps, planes, tap, plane := r[0], r[1], r[2], r[3]
		r = f.integers("vectors", "three taps", "column", "place")
		vectors, three, column, place := r[0], r[1], r[2], r[3]
		f.vectorCount(vectors, weights(a, "vectors"))
		f.shifted(three, tap, tap, 2)
		f.repeat("vector", vectors, "a vector of weights", func() {
			f.set(column, taps)
			t.columns(t.strided(3, column, place, tap, three))
			f.set(place, planes)
			t.lines(func(row int, values []vec) { storePlanes(f, row, values, place, plane) })
			f.advance(taps, planes)
		})
		f.ret()
	})
}

// winogradFilterGradient emits the way back: n values of each of 36 planes,
// added to n of each of nine taps.
//
// It is A₃ᵀ on both sides of the 36 sums, and adds to the gradient as every
// gradient does.
func winogradFilterGradient(file *file) {
	const meaning = "taps += A₃ᵀ·dU·A₃"
	file.function("winogradFilterGradient", "(a *winogradWeights)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		t := f.transform(filterGradientLine, weights(a, "room"))
		r := f.fields(a, "winogradWeights", "taps", "planes", "tap", "plane")
		taps, planes, tap, plane := r[0], r[1], r[2], r[3]
		r = f.integers("vectors", "six planes", "column", "place")
		vectors, six, column, place := r[0], r[1], r[2], r[3]
		f.vectorCount(vectors, weights(a, "vectors"))
		f.shifted(six, plane, plane, 2)
		f.plus(six, six)
		f.repeat("vector", vectors, "a vector of weights", func() {
			f.set(column, planes)
			t.columns(t.strided(6, column, place, plane, six))
			f.set(place, taps)
			t.lines(func(row int, values []vec) {
				for c, v := range values {
					f.add(v, v, at(place))
					f.store(at(place), v)
					if row < 2 || c < 2 {
						f.plus(place, tap)
					}
				}
			})
			f.advance(taps, planes)
		})
		f.ret()
	})
}
