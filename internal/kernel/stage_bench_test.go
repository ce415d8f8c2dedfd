package kernel

import (
	"fmt"
	"testing"
	"unsafe"
)

// BenchmarkWinogradStages times the stages of a convolution by Winograd's
// filtering apart, for the shapes of the light network.
func BenchmarkWinogradStages(b *testing.B) {
	if !useVectors {
		b.Skip("no vector kernels")
	}
	for _, s := range []struct{ channels, size int }{{16, 56}, {32, 28}, {64, 14}, {64, 7}} {
		c, n := s.channels, s.size
		f := newTiledFilter(c, c, 3, 1)
		w, x, y := make([]float32, 9*c*c), make([]float32, n*n*c), make([]float32, n*n*c)
		for i := range w {
			w[i] = float32(i%7) - 3
		}
		for i := range x {
			x[i] = float32(i%11) - 5
		}
		f.pack(w)
		scratch := make([]float32, f.scratch(n, n))
		g := newWinogradGrid(n, n, 1)
		block := winogradBlock(g.tiles, c, c)
		size, plane := winogradPlanes(block, c)
		v := make([]float32, size+lineFloats)
		m := make([]float32, size+lineFloats)
		v, m = aligned(v), aligned(m)
		zeros, room := make([]float32, n*c), make([]float32, roomTile)
		source := winogradSource{x: x, c: c, v: v, plane: plane, zeros: zeros, room: room}
		conv := convolution{dst: y, x: x, h: n, w: n, piece: whole, scratch: scratch}
		for _, stage := range []struct {
			name string
			flop int
			run  func()
		}{
			{"all", 2 * g.tiles * planes * c * c, func() {
				winogradConvolve(f.forwardPlanes, 1, c, c, conv)
			}},
			{"input", 0, func() {
				for t := 0; t < g.tiles; t += block {
					g.transform(&source, t, min(block, g.tiles-t))
				}
			}},
			{"product", 2 * g.tiles * planes * c * c, func() {
				for t := 0; t < g.tiles; t += block {
					winogradMultiplyVector(&winogradProduct{
						a: unsafe.Pointer(&v[0]), b: unsafe.Pointer(&f.forwardPlanes[0]),
						c: unsafe.Pointer(&m[0]), aRow: 4 * c, cRow: 4 * c, aPlane: 4 * plane,
						bPlane: 4 * planeSkew, cPlane: 4 * plane, rows: min(block, g.tiles-t), k: c,
						panels: c / tileCols, planes: planes,
					})
				}
			}},
			{"gradient", 2 * g.tiles * planes * c * c, func() {
				f.winogradGradWeights(gradient{w, x, y, n, n}, scratch)
			}},
		} {
			b.Run(fmt.Sprintf("channels=%d/size=%d/stage=%s", c, n, stage.name),
				func(b *testing.B) {
					for b.Loop() {
						stage.run()
					}
					b.ReportMetric(float64(stage.flop)*float64(b.N)/b.Elapsed().Seconds()/1e9,
						"GFLOP/s")
					b.ReportMetric(float64(block), "block")
				})
		}
	}
}
