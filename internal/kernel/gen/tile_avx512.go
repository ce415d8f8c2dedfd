package gen

import "fmt"

// Tiles of AVX-512. The sizes rest on counting instructions.
//
// A tile of n rows of two vectors takes, for each step, 2n multiply-adds, n
// broadcasts and 2 loads of columns. Zen 5 and Intel's servers make two
// multiply-adds of sixteen lanes and two loads in a cycle, so that loads keep
// up from n = 2 on. Others (Zen 4, Intel's clients) make one multiply-add and
// at least one load. Four cycles of latency times two units need eight chains:
// n of 4 or more. With 14 rows, 28 of the 32 registers are sums, two hold
// columns and two take turns as factors: 28 multiply-adds for 16 loads. With
// one vector of columns, a factor is an operand of its only multiply-add: n
// multiply-adds for n + 1 loads, as balanced for any n, with enough chains
// from 8 rows on. So 14 rows do there as well.
//
// Rows are cut into tiles by halves, not with a small rest: 16 are 8 and 8,
// not 14 and 2.

// tileRowsAVX512 is the number of rows of a tile at most.
const tileRowsAVX512 = 14

// alternating is a tile with one set of sums or two, by its size.
//
// Eight chains are latency times units, four by two; below that, even and odd
// steps have sums of their own.
func (f *function) alternating(rows, vectors int) *tile {
	if rows*vectors < 8 {
		return f.tile(rows, vectors, 2)
	}
	return f.tile(rows, vectors, 1)
}

// Bases are the addresses of rows that are the same distance apart, stride:
// every fourth has a register.
//
// An address takes a base and an index times 1, 2, 4 or 8. With the stride and
// three strides in registers, rows 0 to 3 are base, base + stride, base +
// 2·stride and base + triple: 14 rows take four bases and two strides instead
// of 14 registers.
type bases struct {
	f              *function
	every          []reg
	stride, triple reg // triple is three strides
}

// bases reserves registers for up to n rows, and sets triple.
func (f *function) bases(n int, stride reg) bases {
	b := bases{f: f, stride: stride, triple: f.integer("three strides")}
	for i := 0; i < n; i += 4 {
		b.every = append(b.every, f.integer(fmt.Sprint("row ", i)))
	}
	f.shifted(b.triple, stride, stride, 2)
	return b
}

// reach sets the bases for n rows. The first is set already.
//
// Each further base is four strides after the one before: one LEAQ.
func (b bases) reach(n int) {
	for i := 1; 4*i < n; i++ {
		b.f.shifted(b.every[i], b.every[i-1], b.stride, 4)
	}
}

// row is the place of row i.
func (b bases) row(i int) mem {
	m := at(b.every[i/4])
	switch i % 4 {
	case 1:
		return m.by(b.stride, 1)
	case 2:
		return m.by(b.stride, 2)
	case 3:
		return m.by(b.triple, 1)
	}
	return m
}

// advance moves n rows on by a number of bytes.
func (b bases) advance(n, bytes int) {
	for i := 0; 4*i < n; i++ {
		b.f.plus(b.every[i], imm(bytes))
	}
}

// choose jumps to the label, stem and number, for the number in r.
//
// It is a list of comparisons, which are made once for all the work of a tile.
func (f *function) choose(r reg, stem string, least, most int) {
	for n := most; n > least; n-- {
		f.jumpIf(r, equal, imm(n), fmt.Sprint(stem, n))
	}
	f.jump(fmt.Sprint(stem, least))
}

// halve sets next to the number of rows to take next: all rows that are left,
// half of them, or most.
//
// With r rows left and at most m in a tile,
//
//	next = r if r ≤ m, ⌈r/2⌉ if that is ≤ m, and m otherwise.
//
// A rest of one or two rows would have too few chains to hide the latency.
func (f *function) halve(next, left reg, most int) {
	choice := f.fresh("choice")
	f.set(next, left)
	f.jumpIf(next, lessOrEqual, imm(most), choice)
	f.plus(next, imm(1))
	f.shiftDown(next, 1)
	f.jumpIf(next, lessOrEqual, imm(most), choice)
	f.set(next, imm(most))
	f.block(choice, "the code for this size")
}

// lastMask loads the mask of the last vector of columns.
func (f *function) lastMask(from operand) *part {
	lanes := &part{mask: f.mask("last columns")}
	f.scope(func() {
		r := f.integer("mask")
		f.set(r, from)
		f.emit(instruction{op: opLoadMask, to: lanes.mask, a: r})
	})
	return lanes
}
