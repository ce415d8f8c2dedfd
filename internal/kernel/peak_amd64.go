package kernel

// peakRoundsVector makes n rounds of independent multiply-adds and returns the
// number of operations.
func peakRoundsVector(n int) int {
	if useAVX512 {
		peakAVX512(n)
		return n * 24 * 16 * 2
	}
	peakAVX2(n)
	return n * 12 * 8 * 2
}

// peakAVX2 makes n rounds of twelve independent multiply-adds of eight float32.
func peakAVX2(n int)

// peakAVX512 makes n rounds of 24 independent multiply-adds of sixteen float32.
func peakAVX512(n int)
