package kernel

// peakRounds makes n rounds of independent multiply-adds and returns how many operations those are.
func peakRounds(n int) int {
	if useAVX512 {
		avx512Peak(n)
		return n * 24 * 16 * 2
	}
	avx2Peak(n)
	return n * 12 * 8 * 2
}

// avx2Peak makes n rounds of twelve independent multiply-adds of eight float32.
func avx2Peak(n int)

// avx512Peak makes n rounds of 24 independent multiply-adds of sixteen float32.
func avx512Peak(n int)
