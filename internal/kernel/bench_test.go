package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkPeak measures the multiply-add peak of one core, the yardstick of BenchmarkConv.
func BenchmarkPeak(b *testing.B) {
	best := 0.0
	for b.Loop() {
		best = max(best, PeakFLOPS())
	}
	b.ReportMetric(best/1e9, "GFLOP/s")
}

// BenchmarkConv gives the speed of a 3×3 convolution in direct operations (two per weight and pixel, whatever the
// algorithm), and its ratio to the multiply-add peak. Fastest iteration of those made.
func BenchmarkConv(b *testing.B) {
	peak := PeakFLOPS()
	for _, s := range []struct{ size, cin, cout, d int }{
		{28, 16, 16, 1}, {14, 32, 32, 1}, {14, 32, 32, 2}, {14, 32, 32, 4}, {28, 3, 16, 1}, {28, 16, 1, 1}, {28, 8, 8, 1},
		{14, 32, 16, 1}, {28, 32, 32, 1}, {28, 64, 64, 1}, {56, 16, 16, 1}, {56, 32, 32, 1}, {56, 64, 64, 1},
	} {
		f := NewFilter[float32](s.cin, s.cout, 3, s.d)
		n := s.size * s.size
		x, y, w := make([]float32, n*s.cin), make([]float32, n*s.cout), make([]float32, f.Len())
		scratch := make([]float32, f.Scratch(s.size, s.size))
		for i := range w {
			w[i] = float32(i%7) - 3
		}
		for i := range x {
			x[i] = float32(i%5) - 2
		}
		f.Pack(w)
		for _, op := range []struct {
			name string
			run  func()
		}{
			{"forward", func() { f.Forward(y, x, nil, s.size, s.size, scratch) }},
			{"gradinput", func() { f.GradInput(x, y, s.size, s.size, scratch); clear(x) }},
			{"gradweights", func() { f.GradWeights(w, nil, x, y, s.size, s.size, scratch); clear(w) }},
		} {
			b.Run(fmt.Sprintf("size=%d/channels=%dto%d/d=%d/op=%s", s.size, s.cin, s.cout, s.d, op.name), func(b *testing.B) {
				best := time.Duration(1 << 62)
				for b.Loop() {
					start := time.Now()
					op.run()
					best = min(best, time.Since(start))
				}
				rate := float64(2*n*9*s.cin*s.cout) / best.Seconds()
				b.ReportMetric(rate/1e9, "GFLOP/s")
				b.ReportMetric(rate/peak, "of-peak")
			})
		}
	}
}
