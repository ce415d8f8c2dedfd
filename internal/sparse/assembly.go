package sparse

import (
	"cmp"
	"slices"

	"csdm/internal/kernel"
)

// Term is one term of a sum of blocks: a factor times the numbers of a block,
// both by index.
type Term = kernel.BlockTerm

// BlockSum is a block of the matrix as a sum over terms. Slots are the places
// of its one or four entries among the values. Two entries may have one place,
// if they are equal.
type BlockSum struct {
	Slots []int32
	Terms []Term
}

// Assembly sets the values of a matrix, block by block: each entry is one sum,
// which is written once. Adding element matrix after element matrix would read
// and write every entry for each of its elements, all over the matrix. An
// Assembly is read-only.
type Assembly struct {
	blocks  []*kernel.BlockSums // of four entries
	entries []entrySums
}

// entrySums is kernel.BlockSums for blocks of one entry.
type entrySums struct {
	slots []int32
	terms []Term
	each  int // terms of a sum
}

// NewAssembly returns the assembly of the sums, which have all one slot or all
// four. It sorts sums by their numbers of terms, so that the processor foresees
// the ends of loops, and then by place.
func NewAssembly(sums []BlockSum) *Assembly {
	slices.SortStableFunc(sums, func(x, y BlockSum) int {
		return cmp.Or(cmp.Compare(len(x.Terms), len(y.Terms)),
			cmp.Compare(slices.Min(x.Slots), slices.Min(y.Slots)))
	})
	a := &Assembly{}
	for len(sums) > 0 {
		each := len(sums[0].Terms)
		n := slices.IndexFunc(sums, func(s BlockSum) bool { return len(s.Terms) != each })
		if n < 0 {
			n = len(sums)
		}
		var slots []int32
		var terms []Term
		for _, s := range sums[:n] {
			slots, terms = append(slots, s.Slots...), append(terms, s.Terms...)
		}
		if len(sums[0].Slots) == 1 {
			a.entries = append(a.entries, entrySums{slots, terms, each})
		} else {
			a.blocks = append(a.blocks, kernel.NewBlockSums(slots, terms))
		}
		sums = sums[n:]
	}
	return a
}

// SumTo sets each value to the sum over its terms of factor times number of the
// block. Terms are added in their order. SumTo allocates nothing.
func (a *Assembly) SumTo(values, factors, blocks []float64) {
	for _, sums := range a.blocks {
		sums.SumTo(values, factors, blocks)
	}
	for _, sums := range a.entries {
		terms := sums.terms
		for _, slot := range sums.slots {
			sum := 0.0
			for _, t := range terms[:sums.each] {
				sum += float64(factors[t.Factor] * blocks[t.Block])
			}
			terms = terms[sums.each:]
			values[slot] = sum
		}
	}
}
