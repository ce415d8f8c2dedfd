package gen

// vectorLoop emits a loop over n elements of arrays of float32, a vector at a
// time. The body loads and stores the vectors at the pointers that it gives
// to place. It runs once more for the elements after the last whole vector,
// with loads and stores of these alone; the other lanes hold zeros then.
// The line what describes the result of the body. n is used up.
//
// The body is emitted twice, for whole vectors and for the rest. For n elements
// and w lanes there are ⌊n/w⌋ rounds, and a part of n mod w lanes. No load
// touches a byte outside the array: the byte after the last may be on a page
// that does not exist. Tests put arrays at the end of a page for this
// (guardpage_linux_test.go in package kernel).
//
// The index counts bytes and is shared by all arrays, so that a round takes one
// addition, however many arrays there are.
func (f *function) vectorLoop(n reg, what string, body func(place func(pointer reg) mem)) {
	lanes := imm(f.isa.lanes())
	index := f.integer("index")
	f.set(index, imm(0))
	f.minusJump(n, lanes, less, "tail")
	f.align(64)
	f.block("loop", "%s, %d at a time", what, lanes)
	f.scope(func() {
		body(func(pointer reg) mem { return at(pointer).by(index, 1) })
	})
	f.plus(index, imm(f.isa.bytes))
	f.minusJump(n, lanes, greaterOrEqual, "loop")
	f.block("tail", "%s, the rest", what)
	f.plusJump(n, lanes, equal, "done")
	p := &part{count: n, at: f.integer("tail address")}
	if f.isa == avx2 {
		p.lanes = f.vector("tail mask")
	}
	if f.isa.masks {
		p.mask = f.mask("tail mask")
	}
	f.tail = true
	f.emit(instruction{op: opBeginPart, to: mem{part: p}, a: n})
	f.scope(func() {
		body(func(pointer reg) mem {
			m := at(pointer).by(index, 1)
			m.part = p
			return m
		})
	})
	f.block("done", "all elements are done")
}

// repeat emits a loop that runs the body counter times, at least once. counter
// is a register or in memory, and counts down to zero.
//
// The counter is checked at the end of a round: callers guarantee at least one.
func (f *function) repeat(label string, counter operand, what string, body func()) {
	f.block(label, "%s", what)
	body()
	f.minusJump(counter, imm(1), notEqual, label)
}

// unrolled emits a loop over count steps, n of them at a time, then the rest
// one by one. step gets the number of the step among n. The labels of the
// loop end in suffix. count is at least one, and is used up.
//
// Several steps per round share one branch, and their sums may be separate
// chains.
func (f *function) unrolled(count reg, n int, suffix, what string, step func(k int)) {
	if n == 1 {
		f.align(64)
		f.repeat("steps"+suffix, count, what, func() { step(0) })
		return
	}
	f.minusJump(count, imm(n), less, "rest"+suffix)
	f.align(64)
	f.block("steps"+suffix, "%s, %d at a time", what, n)
	for k := range n {
		step(k)
	}
	f.minusJump(count, imm(n), greaterOrEqual, "steps"+suffix)
	f.block("rest"+suffix, "%s, the rest", what)
	f.plusJump(count, imm(n), equal, "end"+suffix)
	f.block("one"+suffix, "%s, one", what)
	step(0)
	f.minusJump(count, imm(1), notEqual, "one"+suffix)
	f.block("end"+suffix, "all steps are done")
}
