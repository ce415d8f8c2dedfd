package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkPeak measures the multiply-add peak of one core, the yardstick of
// BenchmarkConv.
func BenchmarkPeak(b *testing.B) {
	best := 0.0
	for b.Loop() {
		best = max(best, PeakFLOPS())
	}
	b.ReportMetric(best/1e9, "GFLOP/s")
}

// BenchmarkConv reports the speed of a 3×3 convolution in direct operations
// (two per weight and pixel, for any algorithm), and its ratio to the
// multiply-add peak. It uses the fastest iteration.
func BenchmarkConv(b *testing.B) {
	peak := PeakFLOPS()
	for _, s := range []struct{ size, cin, cout, d int }{
		{28, 16, 16, 1}, {14, 32, 32, 1}, {14, 32, 32, 2}, {14, 32, 32, 4}, {28, 3, 16, 1},
		{28, 16, 1, 1}, {28, 8, 8, 1},
		{14, 32, 16, 1}, {28, 32, 32, 1}, {28, 64, 64, 1}, {56, 16, 16, 1}, {56, 32, 32, 1},
		{56, 64, 64, 1},
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
			{"gradweights",
				func() { f.GradWeights(w, nil, x, y, s.size, s.size, scratch); clear(w) }},
		} {
			b.Run(fmt.Sprintf("size=%d/channels=%dto%d/d=%d/op=%s", s.size, s.cin, s.cout, s.d,
				op.name), func(b *testing.B) {
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

// BenchmarkVector reports the time of the other operations per element, on
// images of a network of 16 channels.
func BenchmarkVector(b *testing.B) {
	const h, w, c = 28, 28, 16
	n := h * w * c
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], y[i], z[i] = float32(i%11)-5, float32(i%5)-2, float32(i%7)-3
	}
	gamma, alpha, beta := make([]float32, c), make([]float32, c), make([]float32, c)
	saved, scratch := make([]float32, NormSaved(c)), make([]float32, MaxPool5Scratch(h, w, c))
	arg := make([]int32, n)
	for i := range gamma {
		gamma[i], alpha[i], beta[i] = 1, 1, float32(i)/8
	}
	for _, op := range []struct {
		name string
		run  func()
	}{
		{"elu", func() { ELU(y, x) }},
		{"elugrad", func() { ELUGrad(z, x, y) }},
		{"add", func() { Add(z, x, y) }},
		{"norm", func() {
			InstanceNormPlus[float32]{
				Dst: y, X: x, Gamma: gamma, Alpha: alpha, Beta: beta, Saved: saved,
				HW: h * w, C: c, ELU: false,
			}.Run()
		}},
		{"normelu", func() {
			InstanceNormPlus[float32]{
				Dst: y, X: x, Gamma: gamma, Alpha: alpha, Beta: beta, Saved: saved,
				HW: h * w, C: c, ELU: true,
			}.Run()
		}},
		{"normelugrad", func() {
			InstanceNormPlusGrad[float32]{
				DX: z, DGamma: gamma, DAlpha: alpha, DBeta: beta, DY: y, X: x, Y: y,
				Gamma: gamma, Alpha: alpha, Saved: saved,
				HW: h * w, C: c, ELU: true,
			}.Run()
			clear(z)
			for i := range gamma {
				gamma[i], alpha[i], beta[i] = 1, 1, 0
			}
		}},
		{"maxpool", func() { MaxPool5(y, arg, img(x, h, w, c), scratch) }},
		{"maxpool/inference", func() { MaxPool5(y, nil, img(x, h, w, c), scratch) }},
		{"maxpoolgrad", func() { MaxPool5Grad(z, y, arg) }},
		{"avgpool", func() { AvgPool5(y, img(x, h, w, c), scratch) }},
		{"meanpool2", func() { MeanPool2(y, img(x, h, w, c)) }},
		{"meanpool2grad", func() { MeanPool2Grad(img(z, h, w, c), y) }},
		{"resize", func() { Resize(img(y, h, w, c), img(x, h/2, w/2, c)) }},
		{"resizegrad", func() { ResizeGrad(img(z, h/2, w/2, c), img(y, h, w, c)) }},
		{"adam", func() {
			Adam{Rate: 1e-4, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decay: 0.999, Step: 1,
				Scale: 1}.Update(x, y, z, scratch[:n], scratch[n:])
		}},
		{"dot", func() { Dot(x, y) }},
	} {
		b.Run("size=28/channels=16/op="+op.name, func(b *testing.B) {
			best := time.Duration(1 << 62)
			for b.Loop() {
				start := time.Now()
				op.run()
				best = min(best, time.Since(start))
			}
			b.ReportMetric(float64(best.Nanoseconds())/1e3, "best-µs")
			b.ReportMetric(float64(best.Nanoseconds())/float64(n), "ns/element")
		})
	}
}
