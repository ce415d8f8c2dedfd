package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPieces: parts of a convolution, last first, make the whole bit by bit, and a gradient set is one added to zeros.
func TestPieces(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, s := range []struct{ h, w, cin, cout, k, d int }{
			{9, 11, 16, 32, 3, 1}, {20, 17, 32, 16, 3, 2}, {16, 15, 16, 16, 3, 4}, {5, 6, 3, 16, 3, 1}, {6, 5, 16, 16, 1, 1}, {3, 2, 16, 16, 3, 1},
		} {
			f := NewFilter[float32](s.cin, s.cout, s.k, s.d)
			f.Pack(normal32(rng, f.Len(), 0))
			n := s.h * s.w
			x, bias, scratch := normal32(rng, n*s.cin, 1), normal32(rng, s.cout, 2), make([]float32, f.Scratch(s.h, s.w))
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
						f.ForwardPart(got, x, bias, s.h, s.w, add, part, parts, scratch)
					}
					if !slices.Equal(got, want) {
						t.Errorf("%v, add %v: %d parts differ from the whole", s, add, parts)
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

// TestOnly: a method that is asked for is used, and both agree to rounding.
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
			// 144 products of unit variance: a standard deviation of 12, of which 1e-4 is hundreds of units in the last place.
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
