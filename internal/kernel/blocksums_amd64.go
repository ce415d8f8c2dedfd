package kernel

func blockSumsVector(b *BlockSums, values, factors, blocks []float64) bool {
	blockSumsAVX2(&values[0], &b.slots[0], &b.terms[0], blockFactors{&factors[0], &blocks[0]},
		len(b.slots)/4, b.each)
	return true
}

// blockFactors is the arrays that terms select from.
type blockFactors struct{ factors, blocks *float64 }

// The loop of SumTo is the contract.
//
//go:noescape
func blockSumsAVX2(values *float64, slots *int32, terms *BlockTerm, from blockFactors,
	sums, each int)
