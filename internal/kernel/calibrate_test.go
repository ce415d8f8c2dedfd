package kernel

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// BenchmarkCalibrate times both methods of 3×3 convolution side by side over
// sizes, channels and dilations, for winogradPays and CALIBRATION.md. The ratio
// is direct time over Winograd time, of the best runs.
func BenchmarkCalibrate(b *testing.B) {
	if !useVectors {
		b.Fatal("only the tiled implementations have two methods")
	}
	for _, c := range [][2]int{{16, 16}, {32, 16}, {32, 32}, {64, 64}} {
		for _, d := range []int{1, 2, 4} {
			for _, size := range []int{2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 28} {
				cin, cout, n := c[0], c[1], size*size
				f := newTiledFilter(cin, cout, 3, d)
				w, x := make([]float32, 9*cin*cout), make([]float32, n*cin)
				y := make([]float32, n*cout)
				f.pack(w)
				scratch := make([]float32, f.scratch(size, size))
				grid := newWinogradGrid(size, size, d)
				conv := convolution{dst: y, x: x, h: size, w: size, piece: whole, scratch: scratch}
				back := gradient{w, x, y, size, size}
				b.Run(fmt.Sprintf("channels=%dto%d/d=%d/size=%d", cin, cout, d, size),
					func(b *testing.B) {
						var best [4]time.Duration
						for i := range best {
							best[i] = math.MaxInt64
						}
						for b.Loop() {
							for i, run := range []func(){
								func() { f.convolve(&f.forward, cin, conv) },
								func() { winogradConvolve(f.forwardPlanes, d, cin, cout, conv) },
								func() { f.directGradWeights(back, scratch) },
								func() { f.winogradGradWeights(back, scratch) },
							} {
								start := time.Now()
								run()
								best[i] = min(best[i], time.Since(start))
							}
						}
						b.ReportMetric(float64(n*9)/float64(grid.tiles*planes), "products-ratio")
						b.ReportMetric(float64(best[0])/float64(best[1]), "forward-ratio")
						b.ReportMetric(float64(best[2])/float64(best[3]), "gradweights-ratio")
					})
			}
		}
	}
}
