package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachImplementation runs a test with every implementation that this processor
// supports.
func eachImplementation(t *testing.T, test func(t *testing.T)) {
	before := active
	defer force(before)
	for _, im := range implementations {
		if im.supported() {
			force(im.name)
			t.Run(im.name, test)
		}
	}
}

// guard surrounds a slice with canaries. Its data starts at any offset from a
// cache line.
type guard struct {
	all []float32
	n   int
	at  int
}

const canary = 1234.5

func newGuard(n, offset int) *guard {
	g := &guard{all: make([]float32, n+64), n: n}
	for i := range g.all {
		g.all[i] = canary
	}
	g.at = 16 + offset
	return g
}

func (g *guard) data() []float32 { return g.all[g.at : g.at+g.n : g.at+g.n] }

func (g *guard) check(t *testing.T, name string) {
	t.Helper()
	for i, v := range g.all {
		if (i < g.at || i >= g.at+g.n) && v != canary {
			t.Errorf("%s: wrote outside, at %d of %d", name, i-g.at, g.n)
		}
	}
}

func normal32(rng *rand.Rand, n, offset int) []float32 {
	x := newGuard(n, offset).data()
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func absolute(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Abs(v)
	}
	return y
}

// within checks got against want, element by element, with tolerance
// c·n·ε·size: a sum of n products in any order, whose absolute values sum to
// size, has an error of at most about n·ε·size.
func within(t *testing.T, name string, got []float32, want, size []float64, n float64) {
	t.Helper()
	const eps = 1.0 / (1 << 24)
	for i := range got {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= (n+2)*eps*size[i]) {
			t.Fatalf("%s[%d] = %v, want %v within %.3g", name, i, got[i], want[i],
				(n+2)*eps*size[i])
		}
	}
}

// Every implementation of the convolution against the float64 definition, for
// channels around the panel widths, images around the tile height, both filter
// sizes and three dilations. The definition applied to absolute values gives
// the size that the tolerance is relative to.
func TestConvolution(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, k := range []int{1, 3} {
			for _, d := range []int{1, 2, 4} {
				for _, cin := range []int{1, 2, 3, 8, 11, 16, 17} {
					for _, cout := range []int{1, 4, 8, 11, 16, 24, 33} {
						h, w := 1+rng.IntN(9), 1+rng.IntN(9)
						name := fmt.Sprintf("%dx%d/d%d/%d→%d/%dx%d", k, k, d, cin, cout, h, w)
						checkConvolution(t, rng, name, convShape{k, d, cin, cout, h, w})
					}
				}
			}
		}
		for n := 1; n <= 15; n++ { // pieces of rows, and runs of weights, of all lengths
			for _, cout := range []int{9, 32, 43, 59} {
				name := fmt.Sprintf("%d→%d, %d wide", n, cout, n)
				checkConvolution(t, rng, name, convShape{3, 2, n, cout, 3, n})
			}
		}
		for _, s := range [][5]int{{1, 16, 16, 28, 28}, {1, 32, 32, 14, 14}, {4, 32, 32, 14, 14},
			{2, 16, 32, 15, 13}, {1, 32, 16, 7, 6}, {1, 16, 16, 40, 37}} {
			checkConvolution(t, rng, fmt.Sprint(s), convShape{3, s[0], s[1], s[2], s[3], s[4]})
		}
	})
}

// A convShape is a convolution by k×k taps, dilated by d, of h×w pixels.
type convShape struct{ k, d, cin, cout, h, w int }

func checkConvolution(t *testing.T, rng *rand.Rand, name string, s convShape) {
	k, d, cin, cout, h, w := s.k, s.d, s.cin, s.cout, s.h, s.w
	t.Helper()
	n := h * w
	// Winograd's filtering mixes the pixels of a tile, so an error is relative
	// to the largest terms near it. The transforms add to the error: each of
	// the six lines of a transform rounds about four times, forward and back.
	winograd := k == 3 && cin%16 == 0 && cout%16 == 0
	within := func(t *testing.T, name string, got []float32, want, size []float64, n float64) {
		t.Helper()
		if winograd {
			n += 48
			largest := slices.Max(size)
			for i := range size {
				size[i] = largest
			}
		}
		within(t, name, got, want, size, n)
	}
	f, exact, size := NewFilter[float32](cin, cout, k, d), &Filter[float64]{}, &Filter[float64]{}
	*exact, *size = *NewFilter[float64](cin, cout, k, d), *NewFilter[float64](cin, cout, k, d)
	weights := normal32(rng, f.Len(), rng.IntN(8))
	f.Pack(weights)
	exact.Pack(widen(weights))
	size.Pack(absolute(widen(weights)))
	scratch := newGuard(f.Scratch(h, w), rng.IntN(16))
	for i := range scratch.data() {
		scratch.data()[i] = float32(math.NaN())
	}
	x, dy := normal32(rng, n*cin, rng.IntN(8)), normal32(rng, n*cout, rng.IntN(8))
	bias := normal32(rng, cout, rng.IntN(8))
	want, bound := make([]float64, n*cout), make([]float64, n*cout)
	exact.Forward(want, widen(x), widen(bias), h, w, nil)
	size.Forward(bound, absolute(widen(x)), absolute(widen(bias)), h, w, nil)
	y := newGuard(n*cout, rng.IntN(16))
	f.Forward(y.data(), x, bias, h, w, scratch.data())
	y.check(t, name)
	within(t, name+" forward", y.data(), want, bound, float64(k*k*cin))
	f.ForwardAdd(y.data(), x, bias, h, w, scratch.data())
	y.check(t, name)
	for i := range want {
		want[i], bound[i] = 2*want[i], 3*bound[i]
	}
	within(t, name+" forward added", y.data(), want, bound, float64(k*k*cin))

	want, bound = make([]float64, n*cin), make([]float64, n*cin)
	dx := newGuard(n*cin, rng.IntN(16))
	copy(dx.data(), x)
	copy(want, widen(x))
	copy(bound, absolute(widen(x)))
	exact.GradInput(want, widen(dy), h, w, nil)
	size.GradInput(bound, absolute(widen(dy)), h, w, nil)
	f.GradInput(dx.data(), dy, h, w, scratch.data())
	dx.check(t, name)
	within(t, name+" input gradient", dx.data(), want, bound, float64(k*k*cout))

	want, bound = widen(weights), absolute(widen(weights))
	wantBias, boundBias := widen(bias), absolute(widen(bias))
	exact.GradWeights(want, wantBias, widen(x), widen(dy), h, w, nil)
	size.GradWeights(bound, boundBias, absolute(widen(x)), absolute(widen(dy)), h, w, nil)
	dw, dbias := newGuard(f.Len(), rng.IntN(16)), newGuard(cout, rng.IntN(16))
	copy(dw.data(), weights)
	copy(dbias.data(), bias)
	f.GradWeights(dw.data(), dbias.data(), x, dy, h, w, scratch.data())
	dw.check(t, name)
	dbias.check(t, name)
	scratch.check(t, name)
	within(t, name+" weight gradient", dw.data(), want, bound, float64(n))
	within(t, name+" bias gradient", dbias.data(), wantBias, boundBias, float64(n))
}
