package kernel

import "time"

// PeakFLOPS measures what one core can do in float32 with the implementation in use, in operations per second, a
// multiply-add being two: the best of several runs of independent multiply-adds in registers, about 20 ms in all. Without
// vector instructions it is zero.
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
