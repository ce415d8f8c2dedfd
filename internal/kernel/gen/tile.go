package gen

import "fmt"

// A tile is a part of a product of matrices whose sums stay in registers: rows
// of vectors of columns. With two sets of sums, steps take turns. One set of a
// small tile has too few chains to hide the latency of a multiply-add.
type tile struct {
	f                   *function
	rows, vectors, sets int
	sums                [][]vec // by set and row
	room                []vec   // columns and factors
}

// tileRoom is the number of registers for columns and factors. AVX2 and
// AVX-512 have up to two vectors of columns, and two factors that take turns.
// A factor of NEON is a lane of a vector with four values of a row.
func (f *function) tileRoom() int {
	if f.isa == neon {
		return 8
	}
	return 4
}

// tile reserves the registers of a tile.
//
// It takes rows·vectors·sets registers for the sums, and tileRoom more.
func (f *function) tile(rows, vectors, sets int) *tile {
	t := &tile{f: f, rows: rows, vectors: vectors, sets: sets}
	for s := range sets {
		for row := range rows {
			t.sums = append(t.sums, f.vectors(fmt.Sprintf("sum %d of row %d", s, row), vectors))
		}
	}
	t.room = f.vectors("column or factor", f.tileRoom())
	return t
}

// row is the sums of a row.
func (t *tile) row(set, i int) []vec { return t.sums[set%t.sets*t.rows+i] }

// clear sets sums to zero, all sets of them from the given one on.
func (t *tile) clear(from int) {
	for _, row := range t.sums[from*t.rows:] {
		t.f.zero(row...)
	}
}

// fold adds the second set of sums to the first.
//
// The order of the additions of a sum thus depends on the number of sets, which
// depends on the size of the tile. Kernels whose results must not depend on how
// work is cut use one set throughout.
func (t *tile) fold() {
	if t.sets == 1 {
		return
	}
	t.f.comment("the two sets of sums are added up")
	for i := range t.rows {
		for v, sum := range t.row(0, i) {
			t.f.add(sum, sum, t.row(1, i)[v])
		}
	}
}

// masked is the place of vector v of a row. With lanes, the last vector has
// these only.
func (t *tile) masked(row mem, v int, lanes *part) mem {
	m := row.plus(v)
	if v == t.vectors-1 {
		m.part = lanes
	}
	return m
}

// step emits one step, sum[i] += a(i)·b, for a value of each row and a row of
// columns.
//
// This is one outer product: a column of n values times a row of columns, added
// to all n·v sums. The sum of such products over k is the product of the
// matrices. Two factors take turns, so that the broadcast of the next row does
// not wait for the multiply-adds of this one.
func (t *tile) step(set int, a func(i int) mem, b mem, lanes *part) {
	f := t.f
	if f.isa == neon {
		t.neonStep(set, a, b)
		return
	}
	columns, factors := t.room[:t.vectors], t.room[2:]
	for v, column := range columns {
		f.load(column, t.masked(b, v, lanes))
	}
	for i := range t.rows {
		if t.vectors == 1 && f.isa.spread { // the only use of a factor
			f.fma(t.row(set, i)[0], columns[0], a(i).element())
			continue
		}
		factor := factors[i%2]
		f.broadcast(factor, a(i))
		for v, sum := range t.row(set, i) {
			f.fma(sum, factor, columns[v])
		}
	}
}

// neonStep is step for NEON: factors are lanes, and up to four vectors of
// columns are loaded at once.
func (t *tile) neonStep(set int, a func(i int) mem, b mem) {
	f := t.f
	factors, columns := t.room[:4], t.room[4:][:t.vectors]
	f.loadRow(columns, b)
	for i := range t.rows {
		f.emit(instruction{op: opLoadOne, to: factors[i%4], a: a(i)})
		for v, sum := range t.row(set, i) {
			f.fmaLane(sum, columns[v], factors[i%4], 0)
		}
	}
}

// four emits four steps, for values that follow each other in the rows, and
// takes turns with the sets of sums. prefetch is what to fetch early past b,
// in bytes, or zero.
//
// Step k uses the set k mod sets.
func (t *tile) four(a func(i int) mem, b mem, prefetch int) {
	if t.f.isa == neon {
		t.neonFour(a, b)
		return
	}
	for k := range 4 {
		columns := b.plus(t.vectors * k)
		if prefetch > 0 { // a line of 64 bytes each
			for line := 0; line < t.vectors*t.f.isa.bytes; line += 64 {
				t.f.prefetch(columns.offset(prefetch + line))
			}
		}
		t.step(k, func(i int) mem { return a(i).offset(4 * k) }, columns, nil)
	}
}

// neonFour loads the four values of each row at once, and columns two vectors
// at a time: 14 loads for 96 multiply-adds in a tile of six rows.
//
// Without it, each step would load each of its six factors by itself: 24 loads
// of factors instead of 6.
func (t *tile) neonFour(a func(i int) mem, b mem) {
	f := t.f
	factors, columns := t.room[:t.rows], t.room[6:]
	for i, factor := range factors {
		f.load(factor, a(i))
	}
	for k := range 4 {
		for v := 0; v < t.vectors; v += 2 {
			f.loadRow(columns, b.plus(k*t.vectors+v))
			for i, factor := range factors {
				for j, column := range columns {
					f.fmaLane(t.row(k, i)[v+j], column, factor, k)
				}
			}
		}
	}
}

// outer emits one step for values of a that follow each other, one for each
// row.
//
// It is for products AᵀB, where the values of one step lie in a row of A.
func (t *tile) outer(a, b mem) {
	f := t.f
	if f.isa != neon {
		t.step(0, func(i int) mem { return a.offset(4 * i) }, b, nil)
		return
	}
	factors, columns := t.room[:2], t.room[4:][:t.vectors]
	f.load(factors[0], a)
	if t.rows > 4 { // 5 and 6 are half a vector
		f.emit(instruction{op: opLoadHalf, to: factors[1], a: a.plus(1)})
	}
	f.loadRow(columns, b)
	for i := range t.rows {
		for v, sum := range t.row(0, i) {
			f.fmaLane(sum, columns[v], factors[i/4], i%4)
		}
	}
}

// addFrom adds rows in memory, stride bytes apart, to the sums. It changes
// from.
func (t *tile) addFrom(from, stride reg, lanes *part) {
	f := t.f
	for i := range t.rows {
		row := t.row(0, i)
		if f.isa == neon {
			f.loadRow(t.room[:t.vectors], at(from))
		}
		for v, sum := range row {
			m := t.masked(at(from), v, lanes)
			switch {
			case f.isa == neon:
				f.add(sum, sum, t.room[v])
			case m.part != nil:
				f.load(t.room[v], m)
				f.add(sum, sum, t.room[v])
			default:
				f.add(sum, sum, m)
			}
		}
		if i < t.rows-1 {
			f.plus(from, stride)
		}
	}
}

// storeTo stores the sums in such rows, and moves to past the last row.
//
// Places of parts are masked: lanes past the last column stay as they were.
func (t *tile) storeTo(to, stride reg, lanes *part) {
	for i := range t.rows {
		if lanes == nil {
			t.f.storeRow(at(to), t.row(0, i))
		} else {
			for v, sum := range t.row(0, i) {
				t.f.store(t.masked(at(to), v, lanes), sum)
			}
		}
		t.f.plus(to, stride)
	}
}
