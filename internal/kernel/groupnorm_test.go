package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestGroupNorm compares float32, for each implementation, with the definition
// in float64. An error is relative to the terms that make up a value.
func TestGroupNorm(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(21, 22))
		for _, c := range []int{1, 2, 6, 8, 16, 24, 48, 64, 72, 128, 136} {
			for _, hw := range []int{1, 2, 5, 49, 196, 300} {
				for _, group := range []int{1, 2, 8, c} {
					if c%group == 0 {
						checkGroup(t, rng, hw, c, group, hw%2 == 0)
					}
				}
			}
		}
	})
}

func checkGroup(t *testing.T, rng *rand.Rand, hw, c, group int, withELU bool) {
	t.Helper()
	name := fmt.Sprintf("hw=%d c=%d group=%d elu=%v", hw, c, group, withELU)
	n := hw * c
	x, dy := normal32(rng, n, rng.IntN(8)), normal32(rng, n, rng.IntN(8))
	scale, shift := normal32(rng, c, 1), normal32(rng, c, 2)
	zero := func(n int) *guard {
		g := newGuard(n, rng.IntN(16))
		clear(g.data())
		return g
	}
	y, saved := newGuard(n, rng.IntN(16)), newGuard(GroupNormSaved(c), 1)
	GroupNorm[float32]{
		Dst: y.data(), X: x, Scale: scale, Shift: shift, Saved: saved.data(),
		HW: hw, C: c, Group: group, ELU: withELU,
	}.Run()
	dx, dscale, dshift := zero(n), zero(c), zero(c)
	GroupNormGrad[float32]{
		DX: dx.data(), DScale: dscale.data(), DShift: dshift.data(), DY: dy, X: x,
		Y: y.data(), Scale: scale, Saved: saved.data(),
		HW: hw, C: c, Group: group, ELU: withELU,
	}.Run()

	x64, dy64, y64 := widen(x), widen(dy), make([]float64, n)
	saved64, dx64 := make([]float64, GroupNormSaved(c)), make([]float64, n)
	dscale64, dshift64 := make([]float64, c), make([]float64, c)
	GroupNorm[float64]{
		Dst: y64, X: x64, Scale: widen(scale), Shift: widen(shift), Saved: saved64,
		HW: hw, C: c, Group: group, ELU: withELU,
	}.Run()
	GroupNormGrad[float64]{
		DX: dx64, DScale: dscale64, DShift: dshift64, DY: dy64, X: x64, Y: widen(y.data()),
		Scale: widen(scale), Saved: saved64,
		HW: hw, C: c, Group: group, ELU: withELU,
	}.Run()

	sums := make([]float64, c) // of |dy| by channel
	for i, g := range dy {
		sums[i%c] += math.Abs(float64(g))
	}
	compare := func(what string, got []float32, want []float64, size func(i int) float64) {
		t.Helper()
		for i := range got {
			if d := math.Abs(float64(got[i]) - want[i]); !(d <= 64*size(i)*0x1p-24) {
				t.Fatalf("%s: %s[%d] = %v, want %v", name, what, i, got[i], want[i])
			}
		}
	}
	// Normalized values are as good as the mean, times the factor r.
	lost := func(ch int) float64 { return 1 + saved64[c+ch]*(math.Abs(saved64[ch])+1) }
	total := func(ch int) (sum float64) {
		for k := ch / group * group; k < (ch/group+1)*group; k++ {
			sum += sums[k] * math.Abs(float64(scale[k]))
		}
		return sum
	}
	compare("y", y.data(), y64, func(i int) float64 {
		return math.Abs(float64(scale[i%c]))*(lost(i%c)+math.Abs(x64[i])*saved64[c+i%c]) +
			math.Abs(float64(shift[i%c]))
	})
	compare("dshift", dshift.data(), dshift64, func(ch int) float64 { return sums[ch] })
	compare("dscale", dscale.data(), dscale64,
		func(ch int) float64 { return 5 * lost(ch) * sums[ch] })
	compare("dx", dx.data(), dx64, func(i int) float64 {
		ch := i % c
		r := saved64[c+ch]
		return 25 * r * lost(ch) *
			(math.Abs(float64(scale[ch])*dy64[i]) + total(ch)/float64(hw*group))
	})
	for _, g := range []*guard{y, saved, dx, dscale, dshift} {
		g.check(t, name)
	}
}

// TestGroupNormStatistics checks that with unit scale and no shift, each group
// of the result has mean 0 and variance v/(v+ε).
func TestGroupNormStatistics(t *testing.T) {
	const hw, c, group = 40, 12, 4
	rng := rand.New(rand.NewPCG(3, 4))
	x, y := make([]float64, hw*c), make([]float64, hw*c)
	for i := range x {
		x[i] = float64(1+i%c)*rng.NormFloat64() + float64(i%5)
	}
	one, zero := make([]float64, c), make([]float64, c)
	for i := range one {
		one[i] = 1
	}
	saved := make([]float64, GroupNormSaved(c))
	GroupNorm[float64]{
		Dst: y, X: x, Scale: one, Shift: zero, Saved: saved,
		HW: hw, C: c, Group: group, ELU: false,
	}.Run()
	for g := 0; g < c; g += group {
		var mean, square float64
		for p := range hw {
			for _, v := range y[p*c+g:][:group] {
				mean += v / (hw * group)
				square += v * v / (hw * group)
			}
		}
		want := 1 - normEps*saved[c+g]*saved[c+g] // v/(v+ε), as 1/√(v+ε) is saved
		if math.Abs(mean) > 1e-14 || math.Abs(square-want) > 1e-12 {
			t.Errorf("group %d: mean %v, mean square %v, want 0, %v", g/group, mean, square, want)
		}
	}
}

// TestTiles compares the layout with its definition, and Untile with the
// inverse.
func TestTiles(t *testing.T) {
	const h, w, c, tile = 4, 6, 3, 2
	x, y, back := make([]float32, h*w*c), make([]float32, h*w*c), make([]float32, h*w*c)
	for i := range x {
		x[i] = float32(i)
	}
	Tiles(y, img(x, h, w, c), tile)
	for r := range h {
		for col := range w {
			for ch := range c {
				at := ((r/tile)*(w/tile)+col/tile)*tile*tile*c + ((r%tile)*tile+col%tile)*c + ch
				if y[at] != x[(r*w+col)*c+ch] {
					t.Fatalf("pixel %d,%d channel %d is not at %d", r, col, ch, at)
				}
			}
		}
	}
	Untile(img(back, h, w, c), y, tile)
	for i := range x {
		if back[i] != x[i] {
			t.Fatalf("Untile(Tiles(x))[%d] = %v, want %v", i, back[i], x[i])
		}
	}
}
