package gen

// blockSums emits the sums of blocks of four float64, a block being a vector
// of AVX2. The indices of factors, blocks and places are words of 32 bits.
//
// With e terms per sum, sum s is
//
//	v_s[i] = Σ_t factors[F_st]·blocks[B_st + i],  i = 0 … 3,
//
// and number i goes to values[slots[4s + i]]. The multiplication and the
// addition round separately.
func blockSums(file *file) {
	const signature = "(values *float64, slots *int32, terms *BlockTerm, " +
		"from blockFactors, sums, each int)"
	const meaning = "values[slots] = Σ factor·block, over each terms for every sum"
	file.function("blockSums", signature, meaning, func(f *function) {
		f.element = float64s
		r := f.integers("index", "terms left")
		index, left := r[0], r[1]
		r = f.arguments64("values", "slots", "terms", "from_factors", "from_blocks", "sums", "each")
		values, slots, terms, factors := r[0], r[1], r[2], r[3]
		blocks, sums, each := r[4], r[5], r[6]
		word := func(from mem) { f.emit(instruction{op: opSetWord, to: index, a: from}) }
		sum, v := f.vector("sum"), f.vector("term")
		f.block("sum", "the next sum")
		f.zero(sum)
		f.set(left, each)
		f.block("term", "sum += factor·block")
		word(at(terms))
		f.broadcast(v, at(factors).by(index, 8))
		word(at(terms).offset(4))
		f.mul(v, v, at(blocks).by(index, 8))
		f.add(sum, sum, v)
		f.plus(terms, imm(8))
		f.minusJump(left, imm(1), notEqual, "term")
		f.comment("store the four numbers")
		for half := range 2 {
			for i, op := range []opcode{opSetLane, opSetHigh} {
				word(at(slots).offset(8*half + 4*i))
				f.emit(instruction{op: op, to: at(values).by(index, 8), a: sum})
			}
			f.emit(instruction{op: opUpperHalf, to: sum, a: sum})
		}
		f.plus(slots, imm(16))
		f.minusJump(sums, imm(1), notEqual, "sum")
		f.ret()
	})
}
