package gen

// Arithmetic of vectors. An operand named b may be in memory.

// compute emits an instruction whose operand b is a register, or in memory
// where the isa and the operand allow that.
//
// A part of a vector is loaded first on each instruction set: an arithmetic
// instruction would read past the end of the array.
func (f *function) compute(in instruction) {
	m, ok := in.b.(mem)
	if !ok || f.isa.memory && m.part == nil && (!m.one || f.isa.spread) {
		f.emit(in)
		return
	}
	v := f.vector("operand")
	if m.one {
		f.broadcast(v, m)
	} else {
		f.load(v, m)
	}
	in.b = v
	f.emit(in)
	f.free(v)
}

// load sets to to a vector in memory.
func (f *function) load(to vec, from mem) {
	from, free := f.simple(from)
	in := instruction{op: opLoad, to: to, a: from}
	if from.part != nil {
		in.name = f.fresh("part")
	}
	f.emit(in)
	free()
}

// store sets a vector in memory to from.
func (f *function) store(to mem, from vec) {
	to, free := f.simple(to)
	in := instruction{op: opStore, to: to, a: from}
	if to.part != nil {
		in.name = f.fresh("part")
	}
	f.emit(in)
	free()
}

// simple returns the place m with an address that instructions take, and
// what gives the register of the address back.
//
// An address on arm64 is a register plus a constant or a register plus a
// register. Tables and scaled indices are computed into a register first.
func (f *function) simple(m mem) (mem, func()) {
	if f.isa.memory || m.table == "" && m.scale < 2 {
		return m, func() {}
	}
	r := f.integer("address")
	if m.table != "" {
		f.emit(instruction{op: opAddressOf, to: r, a: m})
	} else {
		f.shifted(r, m.base, m.index, m.scale)
	}
	m.table, m.base, m.index, m.scale = "", r, 0, 0
	return m, func() { f.free(r) }
}

// loadRow loads vectors that follow each other in memory, by pairs where the
// isa has such an instruction.
//
// A pair of loads of NEON is one instruction of 32 bytes.
func (f *function) loadRow(to []vec, from mem) {
	for i := 0; i < len(to); i++ {
		if f.isa == neon && i+1 < len(to) {
			f.emit(instruction{op: opLoadPair, to: to[i], b: to[i+1], a: from.plus(i)})
			i++
			continue
		}
		f.load(to[i], from.plus(i))
	}
}

// storeRow stores vectors one after the other.
func (f *function) storeRow(to mem, from []vec) {
	for i := 0; i < len(from); i++ {
		if f.isa == neon && i+1 < len(from) {
			f.emit(instruction{op: opStorePair, to: to.plus(i), a: from[i], b: from[i+1]})
			i++
			continue
		}
		f.store(to.plus(i), from[i])
	}
}

// broadcast sets all lanes of to to the element at from.
func (f *function) broadcast(to vec, from mem) {
	from, free := f.simple(from)
	f.emit(instruction{op: opBroadcast, to: to, a: from})
	free()
}

// zero clears vectors.
func (f *function) zero(v ...vec) {
	for _, to := range v {
		f.emit(instruction{op: opZero, to: to})
	}
}

// move sets to to from.
func (f *function) move(to, from vec) { f.emit(instruction{op: opMove, to: to, a: from}) }

// add sets to to a + b.
func (f *function) add(to, a vec, b operand) {
	f.compute(instruction{op: opAdd, to: to, a: a, b: b})
}

// sub sets to to a - b.
func (f *function) sub(to, a vec, b operand) {
	f.compute(instruction{op: opSub, to: to, a: a, b: b})
}

// mul sets to to a·b.
func (f *function) mul(to, a vec, b operand) {
	f.compute(instruction{op: opMul, to: to, a: a, b: b})
}

// div sets to to a/b.
func (f *function) div(to, a vec, b operand) {
	f.compute(instruction{op: opDiv, to: to, a: a, b: b})
}

// maximum sets to to the larger of a and b, and to b where b is not a number.
//
// On amd64 the instruction returns its second operand if either is NaN, on
// arm64 NaN. The kernels use it where both rules agree on the result that the
// definition in Go has.
func (f *function) maximum(to, a, b vec) { f.emit(instruction{op: opMaximum, to: to, a: a, b: b}) }

// minimum sets to to the smaller of a and b, and to b where b is not a number.
func (f *function) minimum(to, a, b vec) { f.emit(instruction{op: opMinimum, to: to, a: a, b: b}) }

// fma adds a·b to to, with one rounding.
//
// One rounding differs from two by at most half a unit in the last place of the
// product. All instruction sets have it, so that their results can have the
// same bits; the definition in Go may round twice.
func (f *function) fma(to, a vec, b operand) {
	f.compute(instruction{op: opFma, to: to, a: a, b: b})
}

// fnma subtracts a·b from to, with one rounding.
func (f *function) fnma(to, a vec, b operand) {
	f.compute(instruction{op: opFnma, to: to, a: a, b: b})
}

// mulAdd returns x·y + z, with one rounding. The result is in x, or in a new
// register where the isa adds to a destination only; x is free then.
//
// amd64 has three forms of the instruction, which replace a factor or the
// addend. arm64 has one, which replaces the addend, so that it is copied to a
// new register first.
func (f *function) mulAdd(x, y vec, z operand) vec {
	if f.isa.fused {
		f.compute(instruction{op: opFmaInto, to: x, a: y, b: z})
		return x
	}
	sum := f.vector("sum")
	switch z := z.(type) {
	case vec:
		f.move(sum, z)
	case mem:
		if z.one {
			f.broadcast(sum, z)
		} else {
			f.load(sum, z)
		}
	}
	f.fma(sum, y, x)
	f.free(x)
	return sum
}

// root sets to to √a.
func (f *function) root(to, a vec) { f.emit(instruction{op: opRoot, to: to, a: a}) }

// larger sets the mask where a > b.
func (f *function) larger(to mask, a, b vec) {
	f.emit(instruction{op: opLarger, to: to, a: a, b: b})
}

// isNaN sets the mask where a is not a number.
//
// NaN is the only number that does not equal itself. amd64 compares for
// “unordered”; arm64 compares for equality and inverts.
func (f *function) isNaN(to mask, a vec) { f.emit(instruction{op: opIsNaN, to: to, a: a}) }

// either sets the mask where a is set, too.
func (f *function) either(to, a mask) { f.emit(instruction{op: opEither, to: to, a: a}) }

// blend sets to to yes where the mask is set, and to no elsewhere. With NEON,
// to is yes or no.
func (f *function) blend(to vec, m mask, yes, no vec) {
	f.emit(instruction{op: opBlend, to: to, a: yes, b: no, c: m})
}

// toInt rounds to integers, ties to even.
//
// All three instruction sets round so, by default or by the name of the
// instruction, so that the reduced argument of exp has the same bits.
func (f *function) toInt(to, a vec) { f.emit(instruction{op: opToInt, to: to, a: a}) }

// toFloat converts integers to float32.
func (f *function) toFloat(to, a vec) { f.emit(instruction{op: opToFloat, to: to, a: a}) }

// addInts sets to to a + b, of integers of 32 bits.
func (f *function) addInts(to, a vec, b operand) {
	f.compute(instruction{op: opAddInts, to: to, a: a, b: b})
}

// shiftInt sets to to a << n, of integers of 32 bits.
func (f *function) shiftInt(to, a vec, n int) {
	f.emit(instruction{op: opShiftInt, to: to, a: a, n: n})
}

// fmaLane adds a·(lane n of b) to to. It is an instruction of NEON.
//
// It saves the broadcast: four values of a row are one load and serve four
// steps.
func (f *function) fmaLane(to, a, b vec, n int) {
	f.emit(instruction{op: opFmaLane, to: to, a: a, b: b, n: n})
}
