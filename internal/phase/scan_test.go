package phase

import (
	"testing"

	"csdm/rng"
)

// TestScan checks that scanning gives the turns of joining by reliability where
// it accepts an image, and that it accepts images of little noise and refuses
// images of much noise.
func TestScan(t *testing.T) {
	const rows, cols = 31, 37
	accepted := map[float64]int{}
	for _, noise := range []float64{0.02, 0.1, 0.2} { // in turns
		for seed := range uint64(20) {
			s := rng.New(seed, rng.Test, 0, 0)
			g := newGraph(rows * cols)
			for p := range g.value {
				g.value[p] = wrap(0.21*float64(p/cols) - 0.13*float64(p%cols) + noise*s.Normal())
			}
			if !g.scan(rows, cols) {
				continue
			}
			accepted[noise]++
			scanned := append([]int32(nil), g.turns...)
			clear(g.turns)
			g.byReliability(rows, cols)
			for p := range scanned {
				if g.turns[p]-g.turns[0] != scanned[p]-scanned[0] {
					t.Fatalf("noise %g, seed %d: pixel %d has %d turns by reliability, "+
						"%d by scanning", noise, seed, p, g.turns[p]-g.turns[0],
						scanned[p]-scanned[0])
				}
			}
		}
	}
	if accepted[0.02] != 20 || accepted[0.2] != 0 {
		t.Errorf("images accepted by noise: %v", accepted)
	}
}
