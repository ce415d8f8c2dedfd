package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPieces checks that the parts of a convolution, last first, have the bits
// of the whole, and that setting a gradient is adding it to zeros.
func TestPieces(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, s := range []struct{ h, w, cin, cout, k, d int }{
			{9, 11, 16, 32, 3, 1}, {20, 17, 32, 16, 3, 2}, {16, 15, 16, 16, 3, 4},
			{5, 6, 3, 16, 3, 1}, {6, 5, 16, 16, 1, 1}, {3, 2, 16, 16, 3, 1},
			{7, 9, 40, 72, 1, 1}, {8, 7, 16, 3, 3, 2}, {1, 5, 3, 1, 3, 1}, {9, 7, 48, 80, 3, 1},
			{30, 21, 16, 1, 3, 1}, {19, 7, 32, 1, 3, 2},
		} {
			f := NewFilter[float32](s.cin, s.cout, s.k, s.d)
			f.Pack(normal32(rng, f.Len(), 0))
			n := s.h * s.w
			x, bias := normal32(rng, n*s.cin, 1), normal32(rng, s.cout, 2)
			scratch := make([]float32, f.Scratch(s.h, s.w))
			for _, add := range []bool{false, true} {
				start := normal32(rng, n*s.cout, 3)
				want := slices.Clone(start)
				if add {
					f.ForwardAdd(want, x, bias, s.h, s.w, scratch)
				} else {
					f.Forward(want, x, bias, s.h, s.w, scratch)
				}
				for _, parts := range []int{1, 2, 3, 7, 100} {
					got := slices.Clone(start)
					for part := parts - 1; part >= 0; part-- {
						f.ForwardPart(got, img(x, s.h, s.w, s.cin), bias, add, Piece{part, parts},
							scratch)
					}
					if !slices.Equal(got, want) {
						t.Errorf("%v, add %v: %d parts differ from the whole", s, add, parts)
					}
					planes := ConvPlanes[float32]{f, false, s.h, s.w, parts}
					if got := slices.Clone(start); planes.Pays() {
						m := ConvMemory[float32]{Dst: got, X: x, Bias: bias, Add: add,
							Shared: make([]float32, planes.Shared()), Scratch: scratch}
						for k := range planes.Stages() * parts {
							planes.RunPart(k/parts, parts-1-k%parts, m)
						}
						if !slices.Equal(got, want) {
							t.Errorf("%v, add %v: %d parts by planes differ", s, add, parts)
						}
					}
				}
			}
			dy, want, got := normal32(rng, n*s.cout, 0), make([]float32, n*s.cin), slices.Clone(x)
			f.GradInput(want, dy, s.h, s.w, scratch)
			f.SetGradInput(got, dy, s.h, s.w, scratch)
			if !slices.Equal(got, want) {
				t.Errorf("%v: a gradient set differs from one added to zeros", s)
			}
		}
	})
}

// TestGradientsInParts checks that the parts of the gradients of convolutions,
// last first, each with its own scratch, have the bits of the whole. The sizes
// have one and several blocks of tiles, and one and several runs of blocks.
func TestGradientsInParts(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, s := range []struct{ h, w, cin, cout, k, d int }{
			{9, 11, 16, 32, 3, 1}, {29, 28, 64, 16, 3, 1}, {20, 17, 32, 16, 3, 2},
			{5, 6, 3, 16, 3, 1}, {6, 5, 16, 16, 1, 1}, {31, 37, 40, 72, 1, 1},
			{8, 7, 16, 3, 3, 2}, {1, 5, 3, 1, 3, 1}, {40, 33, 5, 19, 3, 1},
			{30, 21, 16, 1, 3, 1}, {19, 7, 32, 1, 3, 2},
			{101, 60, 32, 32, 3, 1}, {16, 15, 64, 48, 3, 1}, {21, 18, 48, 64, 3, 2},
		} {
			f := NewFilter[float32](s.cin, s.cout, s.k, s.d)
			f.Pack(normal32(rng, f.Len(), 0))
			n := s.h * s.w
			x, dy := normal32(rng, n*s.cin, 1), normal32(rng, n*s.cout, 2)
			scratch := func() []float32 {
				r := make([]float32, f.Scratch(s.h, s.w))
				for i := range r {
					r[i] = float32(math.NaN())
				}
				return r
			}
			dw, db, dx := normal32(rng, f.Len(), 3), normal32(rng, s.cout, 3), slices.Clone(x)
			want := slices.Concat(dw, db, dx)
			f.GradWeights(want[:len(dw)], want[len(dw):][:len(db)], x, dy, s.h, s.w, scratch())
			f.GradInput(want[len(dw)+len(db):], dy, s.h, s.w, scratch())
			for _, parts := range []int{1, 2, 7} {
				got := slices.Concat(dw, db, dx)
				g := WeightsGrad[float32]{f, s.h, s.w, parts}
				shared, input := make([]float32, g.Shared()), []float32(nil)
				if g.ByPlanes() {
					input = make([]float32, g.Input().Shared())
				}
				for stage := range g.Stages() {
					for part := parts - 1; part >= 0; part-- {
						g.RunPart(stage, part, GradMemory[float32]{DW: got[:len(dw)],
							DBias: got[len(dw):][:len(db)], X: x, DY: dy, Shared: shared,
							Scratch: scratch()})
						if g.ByPlanes() {
							g.Input().RunPart(stage, part, ConvMemory[float32]{
								Dst: got[len(dw)+len(db):], X: dy, Add: true, Shared: input,
								Scratch: scratch()})
						}
					}
				}
				for part := parts - 1; part >= 0 && !g.ByPlanes(); part-- {
					f.GradInputPart(got[len(dw)+len(db):], img(dy, s.h, s.w, s.cout), true,
						Piece{part, parts}, scratch())
				}
				if !slices.Equal(got, want) {
					t.Errorf("%v: %d parts differ from the whole", s, parts)
				}
			}
		}
	})
}

// TestOperationsInParts checks that the parts of the other operations, last
// first, each with its own scratch, have the bits of the whole.
func TestOperationsInParts(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, s := range []struct{ h, w, c int }{{9, 11, 16}, {23, 20, 72}, {2, 3, 8}, {7, 6, 5}} {
			inParts(t, s.h, s.w, s.c, normal32(rng, s.h*s.w*s.c, 1), normal32(rng, 3*s.c, 0))
			inParts(t, s.h, s.w, s.c, widen(normal32(rng, s.h*s.w*s.c, 1)),
				widen(normal32(rng, 3*s.c, 0)))
		}
	})
}

func inParts[F Float](t *testing.T, h, w, c int, x, channels []F) {
	n := h * w * c
	gamma, alpha, beta := channels[:c], channels[c:2*c], channels[2*c:]
	scratch := func() []F {
		s := make([]F, max(MaxPool5Scratch(h, w, c), AvgPool5Scratch(h, w, c)))
		for i := range s {
			s[i] = F(math.NaN())
		}
		return s
	}
	arg := make([]int32, n)
	saved, sums := make([]F, NormSaved(c)), make([]F, NormSums(h*w, c))
	grouped, group := saved[:GroupNormSaved(c)], c
	if c%2 == 0 {
		group = c / 2
	}
	norm := func(dst []F) InstanceNormPlus[F] {
		return InstanceNormPlus[F]{
			Dst: dst, X: x, Gamma: gamma, Alpha: alpha, Beta: beta, Saved: saved,
			HW: h * w, C: c, ELU: true,
		}
	}
	groupNorm := func(dst []F) GroupNorm[F] {
		return GroupNorm[F]{
			Dst: dst, X: x, Scale: gamma, Shift: beta, Saved: grouped,
			HW: h * w, C: c, Group: group, ELU: true,
		}
	}
	stages := func(run func(stage int, dst []F, p Piece)) []func(dst []F, p Piece) {
		var s []func(dst []F, p Piece)
		for stage := range NormStages {
			s = append(s, func(dst []F, p Piece) { run(stage, dst, p) })
		}
		return s
	}
	// The gradients have saved values and outputs of their own, so that the
	// norms above keep their sizes.
	savedHere, out, both := make([]F, NormSaved(c)), make([]F, n), make([]F, 2*len(sums))
	forward := norm(out)
	forward.Saved = savedHere
	forward.Run()
	normGrad := func(dst []F) InstanceNormPlusGrad[F] {
		return InstanceNormPlusGrad[F]{
			DX: dst[:n], DGamma: dst[n:][:c], DAlpha: dst[n+c:][:c], DBeta: dst[n+2*c:], DY: x,
			X: x, Y: out, Gamma: gamma, Alpha: alpha, Saved: savedHere, HW: h * w, C: c, ELU: true,
		}
	}
	groupNormGrad := func(dst []F) GroupNormGrad[F] {
		return GroupNormGrad[F]{
			DX: dst[:n], DScale: dst[n:][:c], DShift: dst[n+c:][:c], DY: x, X: x, Y: out,
			Scale: gamma, Saved: savedHere, HW: h * w, C: c, Group: group, ELU: true,
		}
	}
	// The join follows the last part of the first stage, and so precedes the
	// first part of the last.
	gradStages := func(run func(stage int, dst []F, p Piece),
		join func(dst []F)) []func(dst []F, p Piece) {
		return []func(dst []F, p Piece){func(dst []F, p Piece) { run(0, dst, p) },
			func(dst []F, p Piece) {
				if p.Part == p.Parts-1 {
					join(dst)
				}
				run(1, dst, p)
			}}
	}
	maxima := make([]int32, n)
	MaxPool5(make([]F, n), maxima, img(x, h, w, c), scratch())
	even := func(n int) int { return n &^ 1 } // pixels in tiles of 2×2
	tiled := even(h) * even(w) * c
	evenImg := func(data []F) Image[F] { return img(data, even(h), even(w), c) }
	for _, op := range []struct {
		name   string
		size   int
		whole  func(dst []F)
		stages []func(dst []F, p Piece)
		join   func(stage int)
	}{
		{"MaxPool5", n, func(dst []F) { MaxPool5(dst, nil, img(x, h, w, c), scratch()) },
			[]func(dst []F, p Piece){
				func(dst []F, p Piece) { MaxPool5Part(dst, nil, img(x, h, w, c), p, scratch()) },
			}, nil},
		{"MaxPool5 with places", 2 * n, func(dst []F) {
			MaxPool5(dst, arg, img(x, h, w, c), scratch())
			places(dst[n:], arg)
		}, []func(dst []F, p Piece){func(dst []F, p Piece) {
			MaxPool5Part(dst, arg, img(x, h, w, c), p, scratch())
			places(dst[n:], arg)
		}}, nil},
		{"AvgPool5", n, func(dst []F) { AvgPool5(dst, img(x, h, w, c), scratch()) },
			[]func(dst []F, p Piece){
				func(dst []F, p Piece) { AvgPool5Part(dst, img(x, h, w, c), p, scratch()) },
			}, nil},
		{"MeanPool2", (h / 2) * (w / 2) * c, func(dst []F) { MeanPool2(dst, img(x, h, w, c)) },
			[]func(dst []F, p Piece){
				func(dst []F, p Piece) { MeanPool2Part(dst, img(x, h, w, c), p) },
			}, nil},
		{"Resize", (2*h - 1) * (w + 2) * c,
			func(dst []F) { Resize(img(dst, 2*h-1, w+2, c), img(x, h, w, c)) },
			[]func(dst []F, p Piece){
				func(dst []F, p Piece) { ResizePart(img(dst, 2*h-1, w+2, c), img(x, h, w, c), p) },
			}, nil},
		{"Resize to the same size", n, func(dst []F) { copy(dst, x) }, []func(dst []F, p Piece){
			func(dst []F, p Piece) { ResizePart(img(dst, h, w, c), img(x, h, w, c), p) },
		}, nil},
		{"InstanceNormPlus", n, func(dst []F) { norm(dst).Run() }, stages(
			func(stage int, dst []F, p Piece) { norm(dst).RunPart(stage, sums, p) },
		), func(stage int) { norm(x).Join(stage, sums) }},
		{"GroupNorm", n, func(dst []F) { groupNorm(dst).Run() }, stages(
			func(stage int, dst []F, p Piece) { groupNorm(dst).RunPart(stage, sums, p) },
		), func(stage int) { groupNorm(x).Join(stage, sums) }},
		{"InstanceNormPlusGrad", n + 3*c, func(dst []F) { normGrad(dst).Run() },
			gradStages(func(stage int, dst []F, p Piece) { normGrad(dst).RunPart(stage, both, p) },
				func(dst []F) { normGrad(dst).Join(both) }), nil},
		{"GroupNormGrad", n + 3*c, func(dst []F) { groupNormGrad(dst).Run() },
			gradStages(func(stage int, dst []F, p Piece) {
				groupNormGrad(dst).RunPart(stage, both, p)
			}, func(dst []F) { groupNormGrad(dst).Join(both) }), nil},
		{"MaxPool5Grad", n, func(dst []F) { MaxPool5Grad(dst, x, maxima) },
			[]func(dst []F, p Piece){
				func(dst []F, p Piece) { MaxPool5GradPart(dst, x, maxima, h, p) },
			}, nil},
		{"AvgPool5Grad", n, func(dst []F) { AvgPool5Grad(dst, img(x, h, w, c), scratch()) },
			[]func(dst []F, p Piece){
				func(dst []F, p Piece) { AvgPool5GradPart(dst, img(x, h, w, c), p, scratch()) },
			}, nil},
		{"MeanPool2Grad", n, func(dst []F) { MeanPool2Grad(img(dst, h, w, c), x) },
			[]func(dst []F, p Piece){
				func(dst []F, p Piece) { MeanPool2GradPart(img(dst, h, w, c), x, p) },
			}, nil},
		{"ResizeGrad", (h + 1) / 2 * (w - 1) * c, func(dst []F) {
			ResizeGrad(img(dst, (h+1)/2, w-1, c), img(x, h, w, c))
		}, []func(dst []F, p Piece){func(dst []F, p Piece) {
			ResizeGradPart(img(dst, (h+1)/2, w-1, c), img(x, h, w, c), p,
				scratch())
		}}, nil},
		{"TilesGrad", tiled, func(dst []F) { TilesGrad(evenImg(dst), x[:tiled], 2) },
			[]func(dst []F, p Piece){func(dst []F, p Piece) {
				TilesGradPart(evenImg(dst), x[:tiled], 2, p)
			}}, nil},
		{"UntileGrad", tiled, func(dst []F) { UntileGrad(dst, evenImg(x[:tiled]), 2) },
			[]func(dst []F, p Piece){func(dst []F, p Piece) {
				UntileGradPart(dst, evenImg(x[:tiled]), 2, p)
			}}, nil},
		{"Tiles", n, func(dst []F) { Tiles(dst, img(x, h, w, c), 1) }, []func(dst []F, p Piece){
			func(dst []F, p Piece) { TilesPart(dst, img(x, h, w, c), 1, p) },
		}, nil},
		{"Tiles of 2x2", tiled, func(dst []F) { Tiles(dst, evenImg(x[:tiled]), 2) },
			[]func(dst []F, p Piece){func(dst []F, p Piece) {
				TilesPart(dst, evenImg(x[:tiled]), 2, p)
			}}, nil},
		{"Untile", tiled, func(dst []F) { Untile(evenImg(dst), x[:tiled], 2) },
			[]func(dst []F, p Piece){func(dst []F, p Piece) {
				UntilePart(evenImg(dst), x[:tiled], 2, p)
			}}, nil},
	} {
		want := make([]F, op.size)
		clear(saved)
		op.whole(want)
		statistics := slices.Clone(saved)
		for _, parts := range []int{1, 2, 3, 7, 100} {
			got := make([]F, op.size)
			clear(arg)
			clear(saved)
			for stage, run := range op.stages {
				for part := parts - 1; part >= 0; part-- {
					run(got, Piece{part, parts})
				}
				if op.join != nil {
					op.join(stage)
				}
			}
			if !slices.Equal(got, want) || op.join != nil && !slices.Equal(saved, statistics) {
				t.Errorf("%s of %dx%dx%d, %T: %d parts differ from the whole", op.name, h, w, c,
					x, parts)
			}
		}
	}
}

// places converts places of maxima to numbers.
func places[F Float](dst []F, arg []int32) {
	for i, a := range arg {
		dst[i] = F(a)
	}
}

// TestOnly checks that a requested method is used, and that both agree up to
// rounding.
func TestOnly(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		const h, w, c = 12, 9, 16
		f := NewFilter[float32](c, c, 3, 1)
		f.Pack(normal32(rng, f.Len(), 0))
		x, scratch := normal32(rng, h*w*c, 0), make([]float32, f.Scratch(h, w))
		results := map[Method][]float32{}
		for _, m := range []Method{Direct, Winograd} {
			f.Only(m)
			if a, b, w := f.Methods(h, w); f.tiled != nil && (a != m || b != m || w != m) {
				t.Errorf("asked for %s: %s, %s, %s", m, a, b, w)
			}
			results[m] = make([]float32, h*w*c)
			f.Forward(results[m], x, nil, h, w, scratch)
		}
		differ := false
		for i, v := range results[Direct] {
			// 144 products of unit variance: a standard deviation of 12, of
			// which 1e-4 is hundreds of units in the last place.
			if d := v - results[Winograd][i]; d > 1e-3 || d < -1e-3 {
				t.Fatalf("element %d: %v and %v", i, v, results[Winograd][i])
			}
			differ = differ || v != results[Winograd][i]
		}
		if f.tiled != nil && !differ {
			t.Error("both methods give the same bits: it is one")
		}
	})
}
