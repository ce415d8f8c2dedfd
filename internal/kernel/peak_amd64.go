package kernel

// avx2Peak makes n rounds of twelve independent multiply-adds of eight float32.
func avx2Peak(n int)

func peakRounds(n int) { avx2Peak(n) }
