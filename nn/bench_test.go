package nn

import (
	"fmt"
	"testing"
)

// benchmarked lists the sizes for which the documentation gives the speed of
// the network.
var benchmarked = []struct{ ngf, size int }{{16, 28}, {32, 56}}

// BenchmarkLossGrad times one sample of a training step on one thread: forward
// and backward, three times the work of a forward pass.
func BenchmarkLossGrad(b *testing.B) {
	for _, c := range benchmarked {
		b.Run(fmt.Sprintf("ngf=%d/size=%d", c.ngf, c.size), func(b *testing.B) {
			a := Arch{c.ngf, 1, 1, MaxPool, Base, false, 0, false}
			n := NewNet[float32](a)
			n.Init(1)
			w := n.NewWorker(preconditioned(1), c.size, c.size)
			x, y, z := sample[float32](a, c.size, c.size, 1)
			grads := make([]float32, len(n.Flat()))
			for b.Loop() {
				w.LossGrad(grads, x, y, z, 1)
			}
			report(b, 6*w.MultiplyAdds())
		})
	}
}

// BenchmarkForward times one evaluation of the score on one thread.
func BenchmarkForward(b *testing.B) {
	for _, c := range benchmarked {
		b.Run(fmt.Sprintf("ngf=%d/size=%d", c.ngf, c.size), func(b *testing.B) {
			a := Arch{c.ngf, 1, 1, MaxPool, Base, false, 0, false}
			n := NewNet[float32](a)
			n.Init(1)
			w := n.NewEvaluator(preconditioned(1), c.size, c.size)
			x, y, z := sample[float32](a, c.size, c.size, 1)
			for b.Loop() {
				w.Loss(x, y, z, 1)
			}
			report(b, 2*w.MultiplyAdds())
		})
	}
}

func report(b *testing.B, flop int) {
	b.ReportMetric(float64(flop)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms/sample")
}

// BenchmarkScoreThreads measures the gain of a second thread on one sample; see
// the package comment.
func BenchmarkScoreThreads(b *testing.B) {
	for _, c := range benchmarked {
		a := Arch{c.ngf, 1, 1, MaxPool, Base, false, 0, false}
		n := NewNet[float32](a)
		n.Init(1)
		x, y, _ := sample[float64](a, c.size, c.size, 1)
		m := &Model{Net: n, Parameterization: preconditioned(1),
			Meta: Metadata{Rows: c.size, Cols: c.size}}
		s, dst := m.Condition(y)(), make([]float64, len(x))
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("ngf=%d/size=%d/threads=%d", c.ngf, c.size, threads),
				func(b *testing.B) {
					s.SetThreads(threads)
					for b.Loop() {
						if err := s.Score(dst, x, 1); err != nil {
							b.Fatal(err)
						}
					}
					report(b, 2*s.w.MultiplyAdds())
				})
		}
	}
}

// BenchmarkScoreLight times a score of the light network for one state of
// 56×56 pixels on one thread, without the encoder of the measurement.
func BenchmarkScoreLight(b *testing.B) {
	a := Arch{16, 1, 1, MaxPool, Light, false, 0, false}
	n := NewNet[float32](a)
	n.Init(1)
	x, y, _ := sample[float64](a, 56, 56, 1)
	m := &Model{Net: n, Parameterization: preconditioned(1), Meta: Metadata{Rows: 56, Cols: 56}}
	s, dst := m.Condition(y)(), make([]float64, len(x))
	for b.Loop() {
		if err := s.Score(dst, x, 1); err != nil {
			b.Fatal(err)
		}
	}
}
