package gen

// constants loads entries of a table into all lanes of registers, as long as
// at least reserve registers stay free. The entries that are left go to the
// frame of the function, a vector each, where instructions read them.
//
// The entries are in the order of their use, the busiest first, so that the
// ones in memory are read least often. The frame is aligned to a vector by
// hand, for the stack of Go is aligned to 8 bytes: an access across two cache
// lines counts as two.
func (f *function) constants(table string, entries []int, reserve int) map[int]operand {
	c := map[int]operand{}
	kept := min(len(entries), f.vectorBank.left()-reserve)
	for _, entry := range entries[:kept] {
		v := vec(f.vectorBank.takeLast(table))
		f.broadcast(v, mem{table: table, bytes: 4 * entry})
		c[entry] = v
	}
	if left := entries[kept:]; len(left) > 0 {
		f.frame = f.isa.bytes * (len(left) + 1) // one vector more, to align them
		frame, v := f.integer(table), f.vector(table)
		f.emit(instruction{op: opFrame, to: frame, n: f.frame})
		for i, entry := range left {
			f.broadcast(v, mem{table: table, bytes: 4 * entry})
			f.store(at(frame).plus(i), v)
			c[entry] = at(frame).plus(i)
		}
		f.free(v)
	}
	return c
}
