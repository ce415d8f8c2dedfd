package main

import (
	"testing"

	"csdm/env"
	"csdm/peers"
)

// BenchmarkDraws times posterior draws of one measurement by the light network,
// as bench peers does.
func BenchmarkDraws(b *testing.B) {
	w := peers.Workload{NGF: 16, Size: 56, Draws: 100, Threads: 1}
	own, err := newOwnTimes(b.Context(), &w, env.Quiet(1))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := own.draw(w.Draws); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N*w.Draws*w.Evaluations), "ms/evaluation")
}
