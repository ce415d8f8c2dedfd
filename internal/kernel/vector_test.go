package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// lengths returns all lengths around one and two vectors of eight, and a long
// odd one.
func lengths() []int {
	var n []int
	for i := range 35 {
		n = append(n, i)
	}
	return append(n, 1003)
}

// special has the values that kernels treat in their own way: both infinities,
// NaN, zeros, denormals, the largest, and values around the edges of ELU.
var special = []float32{
	0, float32(math.Copysign(0,
		-1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-40, -1e-40,
	math.MaxFloat32, -math.MaxFloat32,
	-1e-20, -1e-7, -0.34, -0.3466, -0.35, -17, -17.4, -29.9, -30.1, -87, -104, 88.8,
}

// ulps returns the distance between got and want in units of the last place of
// want. It is 0 for equal infinities and for two NaN.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	if got == w || (got != got && w != w) {
		return 0
	}
	unit := math.Abs(float64(math.Nextafter32(w, float32(math.Inf(1)))) - float64(w))
	return math.Abs(float64(got)-want) / unit
}

// The element-wise kernels against their definition in float64, at every length
// and alignment, with canaries around the output. The inputs stay unchanged.
func TestElementwise(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, n := range lengths() {
			a, b := normal32(rng, n, rng.IntN(8)), normal32(rng, n, rng.IntN(8))
			c := normal32(rng, n, rng.IntN(8))
			for i := range special {
				if j := i * 7 % max(n, 1); n > 40 {
					a[j] = special[i]
				}
			}
			a0, b0 := append([]float32(nil), a...), append([]float32(nil), b...)
			// run applies op to a fresh destination that holds c, and compares
			// the result with want. The tolerance is in units of size.
			run := func(name string, tolerance float64, op func(dst []float32),
				want func(i int) (v, size float64)) {
				t.Helper()
				dst := newGuard(n, rng.IntN(16))
				copy(dst.data(), c)
				op(dst.data())
				dst.check(t, name)
				for i, got := range dst.data() {
					v, size := want(i)
					if float32(v) == got || (v != v && got != got) {
						continue
					}
					if d := math.Abs(float64(got) - v); !(d <= tolerance*size/(1<<24)+1e-45) {
						t.Fatalf("%s n=%d [%d]: got %v, want %v", name, n, i, got, v)
					}
				}
				for i := range a {
					if math.Float32bits(a[i]) != math.Float32bits(a0[i]) ||
						math.Float32bits(b[i]) != math.Float32bits(b0[i]) {
						t.Fatalf("%s changed its input", name)
					}
				}
			}
			f := func(x []float32, i int) float64 { return float64(x[i]) }
			run("ELU", 4, func(dst []float32) { ELU(dst, a) }, func(i int) (float64, float64) {
				v := elu(f(a, i))
				return v, math.Abs(v)
			})
			run("ELUGrad", 4, func(dst []float32) { ELUGrad(dst, b, a) },
				func(i int) (float64, float64) {
					g := f(b, i) * eluSlope(f(a, i))
					return f(c, i) + g, math.Abs(f(c, i)) + math.Abs(f(b, i))*(1+math.Abs(f(a, i)))
				})
			run("Add", 1, func(dst []float32) { Add(dst, a, b) }, func(i int) (float64, float64) {
				return f(a, i) + f(b, i), math.Abs(f(a, i) + f(b, i))
			})
			run("Accumulate", 1, func(dst []float32) { Accumulate(dst, a) },
				func(i int) (float64, float64) {
					return f(c, i) + f(a, i), math.Abs(f(c, i) + f(a, i))
				})
			run("Axpy", 2, func(dst []float32) { Axpy(dst, 0.75, b) },
				func(i int) (float64, float64) {
					return f(c, i) + 0.75*f(b, i), math.Abs(f(c, i)) + math.Abs(f(b, i))
				})
			var dot, size float64
			for i := range b {
				dot += f(b, i) * f(c, i)
				size += math.Abs(f(b, i) * f(c, i))
			}
			if got := Dot(b, c); math.Abs(got-dot) > float64(n)*size/(1<<52) {
				t.Errorf("Dot n=%d: %v, want %v", n, got, dot)
			}
		}
	})
}

// ELU is within two units in the last place over its whole range, densely near
// zero.
func TestELUAccuracy(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		x, y := make([]float32, 1<<16), make([]float32, 1<<16)
		worst, at := 0.0, float32(0)
		for e := -24; e < 5; e++ {
			for i := range x {
				x[i] = -float32(math.Ldexp(1+float64(i)/float64(len(x)), e))
			}
			ELU(y, x)
			for i, v := range x {
				if d := ulps(y[i], math.Expm1(float64(v))); d > worst {
					worst, at = d, v
				}
			}
		}
		if worst > 2 {
			t.Errorf("ELU(%v) has an error of %v units", at, worst)
		}
		t.Logf("worst: %.2f units, at %v", worst, at)
	})
}

// Adam against its own formula in float64, several steps in a row, with
// canaries around the arrays. The relative error of v is at most 4ε, so the
// error of a step is at most 8ε of the step. w loses at most ε of itself per
// step. The average is of the rounded weights: it loses at most 4ε per step.
func TestAdam(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, n := range []int{1, 7, 8, 9, 31, 100} {
			var guards [4]*guard
			for i := range guards {
				guards[i] = newGuard(n, 3*i+1)
			}
			w, m, v := guards[0].data(), guards[1].data(), guards[2].data()
			avg, g := guards[3].data(), normal32(rng, n, 5)
			copy(w, normal32(rng, n, 0))
			copy(avg, normal32(rng, n, 0))
			clear(m)
			clear(v)
			w64, m64, v64, avg64 := widen(w), make([]float64, n), make([]float64, n), widen(avg)
			const lr, b1, b2, eps, decay, scale = 1e-2, 0.9, 0.999, 1e-8, 0.75, 0.25
			for step := 1; step <= 5; step++ {
				for i := range g {
					g[i] = float32(rng.NormFloat64())
					gi := scale * float64(g[i])
					m64[i] = b1*m64[i] + (1-b1)*gi
					v64[i] = b2*v64[i] + (1-b2)*gi*gi
					w64[i] -= lr * m64[i] / (1 - math.Pow(b1, float64(step))) /
						(math.Sqrt(v64[i]/(1-math.Pow(b2, float64(step)))) + eps)
				}
				Adam{Rate: lr, Beta1: b1, Beta2: b2, Epsilon: eps, Decay: decay, Step: step,
					Scale: scale}.Update(w, m, v, avg, g)
				for _, x := range guards {
					x.check(t, "Adam.Update")
				}
				for i := range w {
					avg64[i] = decay*avg64[i] + (1-decay)*float64(w[i])
					size := math.Abs(avg64[i]) + math.Abs(w64[i]) + 1
					bound := float64(step) * 4 * size / (1 << 24)
					if d := math.Abs(float64(avg[i]) - avg64[i]); d > bound {
						t.Fatalf("step %d: avg[%d] = %v, want %v", step, i, avg[i], avg64[i])
					}
					bound = float64(step) * (math.Abs(w64[i]) + 64*lr) / (1 << 24)
					if d := math.Abs(float64(w[i]) - w64[i]); d > bound {
						t.Fatalf("step %d: w[%d] = %v, want %v", step, i, w[i], w64[i])
					}
				}
			}
		}
	})
}

// InstanceNorm++ and its gradient against the definition in float64. The error
// of a value is relative to the terms that make it up. The mean and the
// deviation are both about one.
func TestInstanceNormPlus(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, c := range []int{2, 3, 4, 8, 16, 24, 64, 72, 136} {
			for _, hw := range []int{1, 2, 3, 5, 49, 196, 300} {
				for _, withELU := range []bool{false, true} {
					checkNormPlus(t, rng, hw, c, withELU)
				}
			}
		}
	})
}

func checkNormPlus(t *testing.T, rng *rand.Rand, hw, c int, withELU bool) {
	t.Helper()
	name := fmt.Sprintf("hw=%d c=%d elu=%v", hw, c, withELU)
	n := hw * c
	x, dy := normal32(rng, n, rng.IntN(8)), normal32(rng, n, rng.IntN(8))
	gamma, alpha, beta := normal32(rng, c, 1), normal32(rng, c, 2), normal32(rng, c, 3)
	for i := range x {
		x[i] += beta[i%c]
	}
	y, saved := newGuard(n, rng.IntN(16)), newGuard(NormSaved(c), 1)
	InstanceNormPlus[float32]{
		Dst: y.data(), X: x, Gamma: gamma, Alpha: alpha, Beta: beta, Saved: saved.data(),
		HW: hw, C: c, ELU: withELU,
	}.Run()
	wide := func(x []float32) []float64 { return widen(x) }
	y64, saved64 := make([]float64, n), make([]float64, NormSaved(c))
	InstanceNormPlus[float64]{
		Dst: y64, X: wide(x), Gamma: wide(gamma), Alpha: wide(alpha), Beta: wide(beta),
		Saved: saved64,
		HW:    hw, C: c, ELU: withELU,
	}.Run()
	// A single pixel has no variance: the factor is 1/√ε ≈ 316 on exact zeros,
	// and rounding of the mean counts as much.
	const eps = 1.0 / (1 << 24)
	compare := func(what string, got []float32, want []float64, tolerance func(i int) float64) {
		t.Helper()
		for i := range got {
			if d := math.Abs(float64(got[i]) - want[i]); !(d <= tolerance(i)*eps) {
				t.Fatalf("%s: %s[%d] = %v, want %v (%.1f of tolerance)", name, what, i, got[i],
					want[i], d/eps/tolerance(i))
			}
		}
	}
	// The terms of an output of channel ch, each with an error of a few ε. The
	// error of the mean is ε of the mean, times the factor.
	size := func(ch int) float64 {
		g, r, z := math.Abs(float64(gamma[ch])), saved64[c+ch], math.Abs(saved64[2*c+ch])
		means := saved64[3*c] * (math.Abs(saved64[ch]) + 1)
		return 16 *
			(g*(r*(math.Abs(saved64[ch])+1)+4+math.Abs(float64(alpha[ch]))*(z+means+1)) +
				math.Abs(float64(beta[ch])))
	}
	compare("y", y.data(), y64, func(i int) float64 { return size(i % c) })
	y.check(t, name)
	saved.check(t, name)

	zero := func(n int) *guard {
		g := newGuard(n, rng.IntN(16))
		clear(g.data())
		return g
	}
	dx, dgamma, dalpha, dbeta := zero(n), zero(c), zero(c), zero(c)
	InstanceNormPlusGrad[float32]{
		DX: dx.data(), DGamma: dgamma.data(), DAlpha: dalpha.data(), DBeta: dbeta.data(),
		DY: dy, X: x, Y: y.data(), Gamma: gamma, Alpha: alpha, Saved: saved.data(),
		HW: hw, C: c, ELU: withELU,
	}.Run()
	dx64, dg64, da64 := make([]float64, n), make([]float64, c), make([]float64, c)
	db64 := make([]float64, c)
	InstanceNormPlusGrad[float64]{
		DX: dx64, DGamma: dg64, DAlpha: da64, DBeta: db64, DY: wide(dy), X: wide(x),
		Y: wide(y.data()), Gamma: wide(gamma), Alpha: wide(alpha), Saved: saved64,
		HW: hw, C: c, ELU: withELU,
	}.Run()
	sums, zetas := make([]float64, c), 0.0
	for i, g := range dy {
		sums[i%c] += math.Abs(float64(g))
	}
	for ch := range c {
		zetas += math.Abs(float64(gamma[ch]*alpha[ch])) * sums[ch] * (1 + math.Abs(saved64[2*c+ch]))
	}
	// The errors of the means enter rstd and z, and through them every term.
	loss := func(ch int) float64 {
		return 32 *
			(1 + saved64[c+ch]*(math.Abs(saved64[ch])+1) + saved64[3*c]*(math.Abs(saved64[ch])+2))
	}
	compare("dbeta", dbeta.data(), db64, func(ch int) float64 { return 16 * sums[ch] })
	compare("dalpha", dalpha.data(), da64, func(ch int) float64 {
		return loss(ch) * sums[ch] * math.Abs(float64(gamma[ch])) * (1 + math.Abs(saved64[2*c+ch]))
	})
	compare("dgamma", dgamma.data(), dg64, func(ch int) float64 {
		return loss(ch) * sums[ch] *
			(4 + math.Abs(float64(alpha[ch]))*(1+math.Abs(saved64[2*c+ch])))
	})
	compare("dx", dx.data(), dx64, func(i int) float64 {
		ch := i % c
		g, r := math.Abs(float64(gamma[ch])), saved64[c+ch]
		return loss(ch) * (g*r*(math.Abs(float64(dy[i]))+5*sums[ch]/float64(hw)*5) +
			saved64[3*c]/float64(hw)*(1+math.Abs(saved64[2*c+ch]))*zetas)
	})
	for _, g := range []*guard{dx, dgamma, dalpha, dbeta, saved} {
		g.check(t, name)
	}
}

// The pools and Resize against their definition in float64, at odd sizes.
// Maxima and their places are exact, with ties and NaN.
func TestPoolsAndResize(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		for range 60 {
			h, w, c := 1+rng.IntN(9), 1+rng.IntN(9), 1+rng.IntN(20)
			n := h * w * c
			name := fmt.Sprintf("%dx%dx%d", h, w, c)
			x := normal32(rng, n, rng.IntN(8))
			for i := range x {
				switch rng.IntN(10) {
				case 0:
					x[i] = float32(rng.IntN(3)) // ties
				case 1:
					x[i] = special[rng.IntN(len(special))]
				}
			}
			y, arg, want := newGuard(n, rng.IntN(16)), make([]int32, n), make([]float64, n)
			wantArg := make([]int32, n)
			scratch := newGuard(MaxPool5Scratch(h, w, c), rng.IntN(16))
			MaxPool5(y.data(), arg, img(x, h, w, c), scratch.data())
			maxPool5(want, wantArg, widen(x), img(want, h, w, c).band(whole))
			for i, v := range y.data() {
				if ulps(v, want[i]) != 0 || arg[i] != wantArg[i] {
					t.Fatalf("MaxPool5 %s [%d] = %v from %d, want %v from %d", name, i, v, arg[i],
						want[i], wantArg[i])
				}
			}
			MaxPool5(y.data(), nil, img(x, h, w, c), scratch.data())
			for i, v := range y.data() {
				if ulps(v, want[i]) != 0 {
					t.Fatalf("MaxPool5 %s [%d] = %v without places, want %v", name, i, v, want[i])
				}
			}
			y.check(t, name)
			scratch.check(t, name)

			x = normal32(rng, n, rng.IntN(8))
			size, scratch64 := make([]float64, n), make([]float64, AvgPool5Scratch(h, w, c))
			scratch = newGuard(AvgPool5Scratch(h, w, c), rng.IntN(16))
			AvgPool5(y.data(), img(x, h, w, c), scratch.data())
			AvgPool5(want, img(widen(x), h, w, c), scratch64)
			AvgPool5(size, img(absolute(widen(x)), h, w, c), scratch64)
			within(t, "AvgPool5 "+name, y.data(), want, size, 25)
			y.check(t, name)
			scratch.check(t, name)

			dh, dw := 1+rng.IntN(12), 1+rng.IntN(12)
			z, wide := newGuard(dh*dw*c, rng.IntN(16)), make([]float64, dh*dw*c)
			bound := make([]float64, dh*dw*c)
			Resize(img(z.data(), dh, dw, c), img(x, h, w, c))
			Resize(img(wide, dh, dw, c), img(widen(x), h, w, c))
			Resize(img(bound, dh, dw, c), img(absolute(widen(x)), h, w, c))
			within(t, "Resize "+name, z.data(), wide, bound, 8)
			z.check(t, name)
			clear(y.data())
			clear(want)
			clear(size)
			ResizeGrad(img(y.data(), h, w, c), img(z.data(), dh, dw, c))
			ResizeGrad(img(want, h, w, c), img(widen(z.data()), dh, dw, c))
			ResizeGrad(img(size, h, w, c), img(absolute(widen(z.data())), dh, dw, c))
			within(t, "ResizeGrad "+name, y.data(), want, size, float64(8+dh*dw))
			y.check(t, name)
		}
	})
}
