package kernel

import (
	"fmt"
	"slices"
)

// BlockTerm is one term of a sum of blocks: factors[Factor] times the four
// numbers of blocks from Block on.
type BlockTerm struct{ Factor, Block int32 }

// BlockSums describes sums of blocks of four numbers. All sums have the same
// number of terms. It is read-only.
type BlockSums struct {
	slots []int32
	terms []BlockTerm
	each  int // terms of a sum

	values, factors, blocks int // least lengths
}

// NewBlockSums returns the description of len(slots)/4 sums. Number e of sum k
// belongs at slots[4k+e], and sum k has the next of equally many terms. It
// panics if there are none, or on a negative index.
func NewBlockSums(slots []int32, terms []BlockTerm) *BlockSums {
	sums := len(slots) / 4
	if sums == 0 || len(slots)%4 != 0 || len(terms) == 0 || len(terms)%sums != 0 {
		panic(fmt.Sprintf("kernel: %d terms for %d places of blocks of four", len(terms),
			len(slots)))
	}
	b := &BlockSums{slots: slots, terms: terms, each: len(terms) / sums}
	least := slices.Min(slots)
	b.values = int(slices.Max(slots)) + 1
	for _, t := range terms {
		least = min(least, t.Factor, t.Block)
		b.factors = max(b.factors, int(t.Factor)+1)
		b.blocks = max(b.blocks, int(t.Block)+4)
	}
	if least < 0 {
		panic(fmt.Sprintf("kernel: index %d of a sum of blocks", least))
	}
	return b
}

// SumTo sets values[slots[4k+e]] to Σ_t factors[t.Factor]·blocks[t.Block+e]
// for all sums k and numbers e. Terms are added in their order, and each
// product is rounded, so that all implementations have the same bits. It panics
// if a slice is too short.
func (b *BlockSums) SumTo(values, factors, blocks []float64) {
	need("BlockSums", "values", len(values), b.values)
	need("BlockSums", "factors", len(factors), b.factors)
	need("BlockSums", "blocks", len(blocks), b.blocks)
	if useVectors && blockSumsVector(b, values, factors, blocks) {
		return
	}
	terms := b.terms
	for k := 0; k < len(b.slots); k += 4 {
		var s0, s1, s2, s3 float64
		for _, t := range terms[:b.each] {
			f, m := factors[t.Factor], (*[4]float64)(blocks[t.Block:])
			s0 += float64(f * m[0])
			s1 += float64(f * m[1])
			s2 += float64(f * m[2])
			s3 += float64(f * m[3])
		}
		terms = terms[b.each:]
		at := (*[4]int32)(b.slots[k:])
		values[at[0]], values[at[1]], values[at[2]], values[at[3]] = s0, s1, s2, s3
	}
}
