package autodiff

import (
	"math"
	"sync/atomic"
	"testing"
	"time"

	"csdm/internal/kernel"
)

// BenchmarkSynchronization states the time of a stage without work on two
// threads: the least mean of passes of fifty stages, so that other programs
// hardly change it. Each part waits until the other one has begun, as no thread
// may do both; so the time includes a second synchronization.
func BenchmarkSynchronization(b *testing.B) {
	tape, _, _ := compiled[float32](1, Inference, 9, 8, 16)
	tape.setThreads(2, 0)
	m := tape.team
	const stages = 50
	m.stages = nil
	var begun atomic.Int64
	for range stages {
		m.stages = append(m.stages, stage[float32]{part: func(kernel.Piece, []float32) {
			begun.Add(1)
			m.wait(func() bool { return begun.Load()%2 == 0 })
		}})
	}
	least := time.Duration(math.MaxInt64)
	for b.Loop() {
		for range 20 {
			began := time.Now()
			m.pass(tape.scratch, 0, stages)
			least = min(least, time.Since(began))
		}
	}
	b.ReportMetric(least.Seconds()*1e9/stages, "ns/stage")
}
