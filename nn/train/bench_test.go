package train

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"csdm/nn"
)

// BenchmarkStep measures the work of a step in addition to loss and gradient of
// its samples (drawing, sums, Adam, EMA, repacking). It reports "beside_%"
// relative to the same number of gradients of one worker in the same benchmark.
// On one Zen 3 core it was 12 % at ngf 16 and 14 % at ngf 32, for batches of
// 16. Work that is done once per step has half the weight with batches of 32.
func BenchmarkStep(b *testing.B) {
	const size, batch = 28, 16
	for _, ngf := range []int{16, 32} {
		b.Run(fmt.Sprintf("ngf=%d/size=%d/batch=%d", ngf, size, batch), func(b *testing.B) {
			net := nn.NewNet[float32](nn.Arch{NGF: ngf, YChannels: 1, Pool: nn.MaxPool,
				Variant: nn.Base})
			net.Init(1)
			s := toySettings()
			s.Steps, s.Batch = 1_000_000, batch
			st := newStepper(ScoreNetwork(net, nn.Paper{}, size, size),
				toySource{n: size, heldOut: 1}, s)
			w := st.samplers[0]
			var gradients, steps time.Duration
			for b.Loop() {
				began := time.Now()
				for slot := range batch {
					w.LossGrad(st.grads.all[0], w.x, w.y, w.z, st.sigmas[slot]+1)
				}
				between := time.Now()
				if _, _, err := st.step(); err != nil {
					b.Fatal(err)
				}
				gradients += between.Sub(began)
				steps += time.Since(between)
			}
			b.ReportMetric(100*(steps-gradients).Seconds()/steps.Seconds(), "beside_%")
			b.ReportMetric(float64(batch*b.N)/steps.Seconds(), "samples/s")
		})
	}
}

// BenchmarkMuon times the update of a 3×3 convolution of 32 channels; a network
// of ngf 16 has about thirty of them.
func BenchmarkMuon(b *testing.B) {
	m := Matrix{Rows: 288, Cols: 32}
	w := make([]float32, m.Rows*m.Cols)
	momentum, avg, g := slices.Clone(w), slices.Clone(w), slices.Clone(w)
	for k := range g {
		g[k] = float32(math.Sin(float64(k * k)))
	}
	s := newMuonScratch([]Matrix{m})
	for b.Loop() {
		muon{rate: 1e-3, momentum: 0.95, scale: 1, decay: 0.999}.update(w, momentum, avg, g, m.Cols,
			s)
	}
}
