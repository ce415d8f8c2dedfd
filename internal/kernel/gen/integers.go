package gen

// Integers: counters, addresses and jumps.

// loaded returns a register with the value of o, and what gives it back. An
// isa whose instructions take no memory loads such an operand first.
func (f *function) loaded(o operand) (operand, func()) {
	m, ok := o.(mem)
	if !ok || f.isa.memory {
		return o, func() {}
	}
	r := f.integer("operand")
	f.emit(instruction{op: opSet, to: r, a: m})
	return r, func() { f.free(r) }
}

// set sets a register to a constant, a register or a place in memory.
func (f *function) set(to reg, from operand) { f.emit(instruction{op: opSet, to: to, a: from}) }

// put stores a register.
func (f *function) put(to mem, from reg) { f.emit(instruction{op: opSet, to: to, a: from}) }

// plus adds y to x. Both may be in memory, but not both at once.
func (f *function) plus(x, y operand) { f.change(opPlus, x, y, false) }

// minus subtracts y from x.
func (f *function) minus(x, y operand) { f.change(opMinus, x, y, false) }

// change emits an addition to x or a subtraction. Where an instruction set
// computes on registers only, a place in memory is loaded, changed and stored.
// With flags, the instruction also sets the flags for a branch: NEON has two
// forms, and amd64 always sets them.
func (f *function) change(op opcode, x, y operand, flags bool) {
	y, free := f.loaded(y)
	defer free()
	in := instruction{op: op, to: x, a: y, flags: flags}
	m, ok := x.(mem)
	if !ok || f.isa.memory {
		f.emit(in)
		return
	}
	r := f.integer("sum")
	f.set(r, m)
	in.to = r
	f.emit(in)
	f.put(m, r)
	f.free(r)
}

// minusJump subtracts y from x and jumps if the result compares so with zero.
//
// A subtraction sets the flags, so that no comparison is needed: one
// instruction per round of a loop.
func (f *function) minusJump(x, y operand, when condition, to string) {
	f.change(opMinus, x, y, true)
	f.emit(instruction{op: opBranch, when: when, name: to})
}

// plusJump adds y to x and jumps if the result compares so with zero.
func (f *function) plusJump(x, y operand, when condition, to string) {
	f.change(opPlus, x, y, true)
	f.emit(instruction{op: opBranch, when: when, name: to})
}

// times multiplies x by y.
func (f *function) times(x reg, y operand) {
	y, free := f.loaded(y)
	f.emit(instruction{op: opTimes, to: x, a: y})
	free()
}

// timesInto sets to to x·n.
func (f *function) timesInto(to, x reg, n int) {
	f.emit(instruction{op: opTimesInto, to: to, a: x, n: n})
}

// shiftUp shifts x to the left by n bits.
func (f *function) shiftUp(x reg, n int) { f.emit(instruction{op: opShiftUp, to: x, n: n}) }

// shiftDown shifts x to the right by n bits.
func (f *function) shiftDown(x reg, n int) { f.emit(instruction{op: opShiftDown, to: x, n: n}) }

// shifted sets to to x + y·n, for n of 1, 2 or 4.
//
// It is one instruction everywhere: LEAQ on amd64 and an addition with a
// shifted operand on arm64.
func (f *function) shifted(to, x, y reg, n int) {
	f.emit(instruction{op: opShifted, to: to, a: x, b: y, n: n})
}

// jump jumps to a label.
func (f *function) jump(to string) { f.emit(instruction{op: opJump, name: to}) }

// jumpIf jumps to a label if x compares so with y.
func (f *function) jumpIf(x operand, when condition, y operand, to string) {
	x, free := f.loaded(x)
	defer free()
	y, freeY := f.loaded(y)
	defer freeY()
	f.emit(instruction{op: opCompare, a: x, b: y})
	f.emit(instruction{op: opBranch, when: when, name: to})
}

// prefetch fetches the line of memory at m into the caches.
func (f *function) prefetch(m mem) { f.emit(instruction{op: opPrefetch, a: m}) }

// vectorCount loads a count of vectors of eight float32, as one of vectors of
// the isa.
//
// Go code counts channels in eights, the width of AVX2. A count for AVX-512 is
// rounded down; kernels that may end in half a vector count for themselves
// (norm.go).
func (f *function) vectorCount(to reg, eights mem) {
	f.set(to, eights)
	switch f.isa.lanes() {
	case 16:
		f.shiftDown(to, 1)
	case 4:
		f.plus(to, to)
	}
}
