package gen

// constants loads entries of a table into all lanes of registers, as long as
// at least reserve registers stay free. The entries that are left go to the
// frame of the function, a vector each, where instructions read them.
func (f *function) constants(table string, entries []int, reserve int) map[int]operand {
	c := map[int]operand{}
	for _, entry := range entries {
		v := f.vector(table)
		f.broadcast(v, mem{table: table, bytes: 4 * entry})
		c[entry] = v
		if f.vectorBank.left() < reserve {
			f.locals++
			m := mem{local: true, vectors: -f.locals}
			f.store(m, v)
			f.free(v)
			c[entry] = m
		}
	}
	return c
}
