package kernel

import (
	"fmt"
	"testing"
	"time"
)

// A layer is an operation of the score network that occurs count times, each
// time with its own weights.
type layer struct {
	op                    string
	size, cin, cout, d, k int
	count                 int
}

// scoreNetwork lists the operations of one pass of the score network of ngf = g
// at size×size pixels, with three input channels.
func scoreNetwork(size, g int) []layer {
	half, g2 := size/2, 2*g
	return []layer{
		{"conv", size, 3, g, 1, 3, 1}, {"conv", size, g, g, 1, 3, 4 + 1 + 4 + 1 + 2 + 6},
		{"conv", size, g, g2, 1, 3, 1},
		{"conv", size, g, g2, 1, 1, 1}, {"conv", half, g2, g2, 1, 3, 2 + 8 + 14 + 8},
		{"conv", half, g2, g2, 2, 3, 5},
		{"conv", half, g2, g2, 4, 3, 5}, {"conv", half, g2, g, 1, 3, 2},
		{"conv", half, g, g, 1, 3, 2 + 2 + 4 + 1},
		{"conv", size, g, 1, 1, 3, 1},
		{"norm", size, g, g, 0, 0, 4 + 2 + 1}, {"norm", half, g2, g2, 0, 0, 2 + 4 + 4},
		{"elu", size, g, g, 0, 0, 4 + 1 + 6},
		{"elu", half, g2, g2, 0, 0, 4 + 1 + 2 + 8 + 1 + 2 + 8},
		{"elu", half, g, g, 0, 0, 1 + 2 + 4},
		{"maxpool", size, g, g, 0, 0, 2}, {"maxpool", half, g2, g2, 0, 0, 4},
		{"maxpool", half, g, g, 0, 0, 2},
		{"meanpool", size, g2, g2, 0, 0, 2}, {"resize", size, g, g, 0, 0, 1},
		{"add", size, g, g, 0, 0, 2 + 2 + 1 + 2 + 3},
		{"add", half, g2, g2, 0, 0, 6 + 2 + 2 + 1 + 4 + 1 + 2 + 1 + 4},
		{"add", half, g, g, 0, 0, 6},
	}
}

// instance prepares one occurrence of the layer: its forward and backward pass
// on arrays that are shared between layers.
func (l layer) instance(x, y, dx, dy, scratch *[]float32) (forward, backward func()) {
	n := l.size * l.size
	room := func(s *[]float32, want int) []float32 {
		if len(*s) < want {
			*s = make([]float32, want)
			for i := range *s {
				(*s)[i] = float32(i%9)/8 - 0.5
			}
		}
		return *s
	}
	most := max(l.cin, l.cout)
	room(x, n*most)
	room(y, n*most)
	room(dx, n*most)
	room(dy, n*most)
	in, out := n*l.cin, n*l.cout
	switch l.op {
	case "conv":
		f := NewFilter[float32](l.cin, l.cout, l.k, l.d)
		w, dw, b := make([]float32, f.Len()), make([]float32, f.Len()), make([]float32, l.cout)
		for i := range w {
			w[i] = (float32(i%7) - 3) / 64
		}
		f.Pack(w)
		room(scratch, f.Scratch(l.size, l.size))
		return func() { f.Forward(*y, *x, b, l.size, l.size, *scratch) },
			func() {
				f.GradInput(*dx, *dy, l.size, l.size, *scratch)
				f.GradWeights(dw, b, *x, *dy, l.size, l.size, *scratch)
			}
	case "norm":
		gamma, alpha, beta := make([]float32, l.cin), make([]float32, l.cin), make([]float32, l.cin)
		g, a, b := make([]float32, l.cin), make([]float32, l.cin), make([]float32, l.cin)
		saved := make([]float32, NormSaved(l.cin))
		return func() {
				InstanceNormPlus[float32]{
					Dst: *y, X: *x, Gamma: gamma, Alpha: alpha, Beta: beta, Saved: saved,
					HW: n, C: l.cin, ELU: true,
				}.Run()
			},
			func() {
				InstanceNormPlusGrad[float32]{
					DX: *dx, DGamma: g, DAlpha: a, DBeta: b, DY: *dy, X: *x, Y: *y, Gamma: gamma,
					Alpha: alpha, Saved: saved,
					HW: n, C: l.cin, ELU: true,
				}.Run()
			}
	case "elu":
		return func() { ELU((*y)[:in], (*x)[:in]) }, func() {
			ELUGrad((*dx)[:in], (*dy)[:in],
				(*y)[:in])
		}
	case "maxpool":
		arg := make([]int32, in)
		room(scratch, MaxPool5Scratch(l.size, l.size, l.cin))
		return func() {
			MaxPool5(*y, arg, img(*x, l.size, l.size, l.cin), *scratch)
		}, func() { MaxPool5Grad(*dx, (*dy)[:in], arg) }
	case "meanpool":
		return func() { MeanPool2(*y, img(*x, l.size, l.size, l.cin)) }, func() {
			MeanPool2Grad(img(*dx, l.size, l.size, l.cin), *dy)
		}
	case "resize":
		half := l.size / 2
		return func() {
				Resize(img(*y, l.size, l.size, l.cin), img(*x, half, half, l.cin))
			}, func() {
				ResizeGrad(img(*dx, half, half, l.cin), img(*dy, l.size, l.size, l.cin))
			}
	case "add":
		return func() { Accumulate((*y)[:out], (*x)[:out]) }, func() {
			Accumulate((*dx)[:out],
				(*dy)[:out])
		}
	}
	panic(l.op)
}

// BenchmarkNetwork runs the operations of a forward pass of the score network,
// and of a forward and a backward pass. Each operation has its own weights, as
// in a network, so that they come from the same level of the cache. It reports
// the best time and the share of all operations other than convolutions.
func BenchmarkNetwork(b *testing.B) {
	for _, s := range [][2]int{{28, 8}, {28, 16}, {28, 32}, {56, 16}, {56, 32}} {
		var x, y, dx, dy, scratch []float32
		var forward, backward, others, othersBackward []func()
		for _, l := range scoreNetwork(s[0], s[1]) {
			for range l.count {
				f, g := l.instance(&x, &y, &dx, &dy, &scratch)
				if l.op == "conv" {
					forward, backward = append(forward, f), append(backward, g)
				} else {
					others, othersBackward = append(others, f), append(othersBackward, g)
				}
			}
		}
		for _, pass := range []struct {
			name           string
			convs, remains [][]func()
		}{
			{"forward", [][]func(){forward}, [][]func(){others}},
			{"gradient", [][]func(){forward, backward}, [][]func(){others, othersBackward}},
		} {
			b.Run(fmt.Sprintf("size=%d/ngf=%d/pass=%s", s[0], s[1], pass.name), func(b *testing.B) {
				run := func(lists [][]func()) time.Duration {
					start := time.Now()
					for _, list := range lists {
						for _, f := range list {
							f()
						}
					}
					return time.Since(start)
				}
				best, rest := time.Duration(1<<62), time.Duration(1<<62)
				for b.Loop() {
					// Gradients add up: keep them from growing out of range.
					clear(dx)
					best, rest = min(best, run(pass.convs)), min(rest, run(pass.remains))
				}
				b.ReportMetric(float64((best+rest).Nanoseconds())/1e6, "best-ms")
				b.ReportMetric(float64(rest)/float64(best+rest), "not-convolution")
			})
		}
	}
}
