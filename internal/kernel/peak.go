package kernel

import "time"

// PeakFLOPS measures the float32 operations per second of one core with the
// implementation in use. A multiply-add is two operations. The result is the
// best of several runs of independent multiply-adds in registers, which take
// about 20 ms. Without vector instructions it is zero.
func PeakFLOPS() float64 {
	if !useVectors {
		return 0
	}
	const rounds = 1 << 17
	best := 0.0
	for range 40 {
		start := time.Now()
		operations := peakRoundsVector(rounds)
		best = max(best, float64(operations)/time.Since(start).Seconds())
	}
	return best
}
