//go:build !amd64

package kernel

// blockSumsVector reports that there is no kernel for this architecture.
func blockSumsVector(_ *BlockSums, _, _, _ []float64) bool { return false }
