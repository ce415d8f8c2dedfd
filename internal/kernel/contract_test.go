package kernel

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"csdm/internal/kernel/gen"
)

// The generated files are what the generator writes.
func TestGeneratedFiles(t *testing.T) {
	for name, want := range gen.Files() {
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from what gen writes (%v): run go generate", name, err)
		}
	}
}

// known reports whether this architecture has an implementation.
func known(name string) bool {
	return slices.ContainsFunc(implementations, func(im implementation) bool {
		return im.name == name
	})
}

// lacking reports whether the processor does not support an implementation of
// this architecture.
func lacking(name string) bool {
	return slices.ContainsFunc(implementations, func(im implementation) bool {
		return im.name == name && !im.supported()
	})
}

// The environment variable forces an implementation. An implementation that the
// processor lacks stops the program.
func TestForcedImplementation(t *testing.T) {
	if want := os.Getenv("CSDM_SIMD"); want != "" {
		if Implementation() != want {
			t.Errorf("CSDM_SIMD=%s gives %s", want, Implementation())
		}
		return // a child of the loop below
	}
	for _, name := range []string{"go", "avx2", "avx512", "neon", "sse9"} {
		child := exec.Command(os.Args[0], "-test.run=^TestForcedImplementation$")
		child.Env = append(os.Environ(), "CSDM_SIMD="+name)
		out, err := child.CombinedOutput()
		if name == "sse9" {
			if err == nil || !strings.Contains(string(out), "kernel: CSDM_SIMD=sse9: unknown") {
				t.Errorf("CSDM_SIMD=sse9: %v\n%s", err, out)
			}
		} else if lacking(name) {
			if err == nil ||
				!strings.Contains(string(out),
					"kernel: CSDM_SIMD="+name+": this processor does not support it") {
				t.Errorf("CSDM_SIMD=%s without support: %v\n%s", name, err, out)
			}
		} else if err != nil && known(name) {
			t.Errorf("CSDM_SIMD=%s: %v\n%s", name, err, out)
		}
	}
}

// everything runs each float32 operation once on arrays made by slice and
// returns all results in order.
func everything(slice func(n int) []float32, fill func(x []float32)) [][]float32 {
	var results [][]float32
	in := func(n int) []float32 {
		x := slice(n)
		fill(x)
		return x
	}
	out := func(n int) []float32 { // set by the operation: its old contents do not matter
		x := slice(n)
		results = append(results, x)
		return x
	}
	sum := func(n int) []float32 { // added to
		x := out(n)
		clear(x)
		return x
	}
	for _, s := range []struct{ cin, cout, k, d, h, w int }{
		{16, 16, 3, 1, 9, 10}, {32, 16, 3, 2, 11, 9}, {3, 5, 3, 1, 7, 5}, {24, 33, 1, 1, 4, 5},
		{16, 16, 3, 4, 14, 13}, {2, 1, 3, 1, 5, 1}, {5, 8, 3, 2, 1, 2}, {3, 16, 1, 1, 2, 1},
	} {
		f := NewFilter[float32](s.cin, s.cout, s.k, s.d)
		f.Pack(in(f.Len()))
		n := s.h * s.w
		x, dy, bias, scratch := in(n*s.cin), in(n*s.cout), in(s.cout), slice(f.Scratch(s.h, s.w))
		f.Forward(out(n*s.cout), x, bias, s.h, s.w, scratch)
		f.GradInput(sum(n*s.cin), dy, s.h, s.w, scratch)
		f.GradWeights(sum(f.Len()), sum(s.cout), x, dy, s.h, s.w, scratch)
	}
	const h, w, c = 9, 7, 24
	n := h * w * c
	x, dy, gamma, alpha, beta := in(n), in(n), in(c), in(c), in(c)
	y, saved := out(n), slice(NormSaved(c))
	InstanceNormPlus[float32]{
		Dst: y, X: x, Gamma: gamma, Alpha: alpha, Beta: beta, Saved: saved,
		HW: h * w, C: c, ELU: true,
	}.Run()
	InstanceNormPlusGrad[float32]{
		DX: sum(n), DGamma: sum(c), DAlpha: sum(c), DBeta: sum(c), DY: dy, X: x, Y: y,
		Gamma: gamma, Alpha: alpha, Saved: saved,
		HW: h * w, C: c, ELU: true,
	}.Run()
	z, grouped := out(n), slice(GroupNormSaved(c))
	GroupNorm[float32]{
		Dst: z, X: x, Scale: gamma, Shift: beta, Saved: grouped,
		HW: h * w, C: c, Group: 8, ELU: true,
	}.Run()
	GroupNormGrad[float32]{
		DX: sum(n), DScale: sum(c), DShift: sum(c), DY: dy, X: x, Y: z, Scale: gamma,
		Saved: grouped,
		HW:    h * w, C: c, Group: 8, ELU: true,
	}.Run()
	Tiles(out(n), img(x, 7, 27, 8), 1)
	Untile(img(out(n), 3, 9, 56), x, 3)
	ELU(out(n), x)
	ELUGrad(sum(n), dy, y)
	Add(out(n), x, dy)
	Axpy(sum(n), 0.3, x)
	MaxPool5(out(n), nil, img(x, h, w, c), slice(MaxPool5Scratch(h, w, c)))
	AvgPool5(out(n), img(x, h, w, c), slice(AvgPool5Scratch(h, w, c)))
	MeanPool2(out((h/2)*(w/2)*c), img(x, h, w, c))
	Resize(img(out(2*n), 2*h, w, c), img(x, h, w, c))
	ResizeGrad(img(sum(n), h, w, c), img(in(2*n), 2*h, w, c))
	return results
}

// Results depend on the inputs only: not on alignment, nor on the old contents
// of destinations and scratch.
func TestBitsDependOnInputsAlone(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		run := func(offset int, garbage float32) [][]float32 {
			rng := rand.New(rand.NewPCG(13, 14))
			return everything(
				func(n int) []float32 {
					x := newGuard(n, offset).data()
					offset = (offset*5 + 3) % 16
					for i := range x {
						x[i] = garbage
					}
					return x
				},
				func(x []float32) {
					for i := range x {
						x[i] = float32(rng.NormFloat64())
					}
				})
		}
		want := run(0, 0)
		for offset := 1; offset < 16; offset++ {
			got := run(offset, float32(math.NaN()))
			for i := range want {
				for j := range want[i] {
					if math.Float32bits(got[i][j]) != math.Float32bits(want[i][j]) {
						t.Fatalf("offset %d: result %d[%d] is %v, was %v", offset, i, j,
							got[i][j], want[i][j])
					}
				}
			}
		}
	})
}

// Nothing allocates except NewFilter.
func TestNoAllocations(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		f := NewFilter[float32](16, 32, 3, 1)
		g := NewFilter[float32](11, 5, 3, 2)
		const h, w = 9, 8
		n := h * w * 32
		x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
		weights := make([]float32, f.Len())
		scratch := make([]float32,
			max(f.Scratch(h, w), g.Scratch(h, w), MaxPool5Scratch(h, w, 32),
				AvgPool5Scratch(h, w, 32)))
		saved, arg := make([]float32, NormSaved(32)), make([]int32, n)
		grouped := make([]float32, GroupNormSaved(32))
		if got := testing.AllocsPerRun(5, func() {
			f.Pack(weights)
			for _, f := range []*Filter[float32]{f, g} {
				f.Forward(y, x, saved, h, w, scratch)
				f.ForwardAdd(y, x, saved, h, w, scratch)
				f.GradInput(y, x, h, w, scratch)
				f.GradWeights(weights[:f.Len()], saved, x, z, h, w, scratch)
			}
			InstanceNormPlus[float32]{
				Dst: y, X: x, Gamma: z, Alpha: z, Beta: z, Saved: saved,
				HW: h * w, C: 32, ELU: true,
			}.Run()
			InstanceNormPlusGrad[float32]{
				DX: y, DGamma: z, DAlpha: z, DBeta: z, DY: x, X: x, Y: x, Gamma: z, Alpha: z,
				Saved: saved,
				HW:    h * w, C: 32, ELU: true,
			}.Run()
			GroupNorm[float32]{
				Dst: y, X: x, Scale: z, Shift: z, Saved: grouped,
				HW: h * w, C: 32, Group: 8, ELU: true,
			}.Run()
			GroupNormGrad[float32]{
				DX: y, DScale: z, DShift: z, DY: x, X: x, Y: x, Scale: z, Saved: grouped,
				HW: h * w, C: 32, Group: 8, ELU: true,
			}.Run()
			Tiles(y, img(x, 8, 9, 32), 1)
			UntileGrad(y, img(x, 8, 9, 32), 1)
			ELU(y, x)
			ELUGrad(y, x, z)
			Add(y, x, z)
			Accumulate(y, x)
			MaxPool5(y, arg, img(x, h, w, 32), scratch)
			MaxPool5Grad(y, x, arg)
			AvgPool5(y, img(x, h, w, 32), scratch)
			AvgPool5Grad(y, img(x, h, w, 32), scratch)
			MeanPool2(y, img(x, h, w, 32))
			MeanPool2Grad(img(y, h, w, 32), x)
			Resize(img(y, 4, 4, 32), img(x, 6, 6, 32))
			ResizeGrad(img(y, 4, 4, 32), img(x, 6, 6, 32))
			Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decay: 0.9, Step: 1,
				Scale: 1}.Update(y, x, z, z, z)
			Dot(x, y)
		}); got != 0 {
			t.Errorf("%v allocations", got)
		}
	})
}

// Winograd's filtering is nearly as accurate as direct summation. Relative to
// float64, in the L2 norm, on normal data, a forward pass, an input gradient
// and a weight gradient have errors of 5e-7 to 8e-7 (direct: 2e-7 to 4e-7). The
// errors are about the same for all channels and dilations. A network of fifty
// layers may then stay within 1e-5.
func TestWinogradAccuracy(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for _, s := range []struct{ size, cin, cout, d int }{{28, 16, 16, 1}, {14, 32, 32, 1},
			{14, 32, 32, 2}, {14, 32, 32, 4}, {15, 64, 16, 1}} {
			n := s.size * s.size
			f, exact := NewFilter[float32](s.cin, s.cout, 3, s.d), &Filter[float64]{}
			*exact = *NewFilter[float64](s.cin, s.cout, 3, s.d)
			weights := normal32(rng, f.Len(), 0)
			f.Pack(weights)
			exact.Pack(widen(weights))
			x, dy := normal32(rng, n*s.cin, 0), normal32(rng, n*s.cout, 0)
			scratch := make([]float32, f.Scratch(s.size, s.size))
			distance := func(name string, got []float32, want []float64, limit float64) {
				var e, size float64
				for i, v := range want {
					e += (float64(got[i]) - v) * (float64(got[i]) - v)
					size += v * v
				}
				r := math.Sqrt(e / size)
				t.Logf("%v %s: %.2g", s, name, r)
				if !(r <= limit) {
					t.Errorf("%v %s: off by %.2g", s, name, r)
				}
			}
			y, want := make([]float32, n*s.cout), make([]float64, n*s.cout)
			f.Forward(y, x, nil, s.size, s.size, scratch)
			exact.Forward(want, widen(x), nil, s.size, s.size, nil)
			distance("forward", y, want, 1.2e-6)
			dx, want := make([]float32, n*s.cin), make([]float64, n*s.cin)
			f.GradInput(dx, dy, s.size, s.size, scratch)
			exact.GradInput(want, widen(dy), s.size, s.size, nil)
			distance("input gradient", dx, want, 1.2e-6)
			dw, want := make([]float32, f.Len()), make([]float64, f.Len())
			f.GradWeights(dw, nil, x, dy, s.size, s.size, scratch)
			exact.GradWeights(want, nil, widen(x), widen(dy), s.size, s.size, nil)
			distance("weight gradient", dw, want, 1.2e-6)
		}
	})
}

// Programming errors panic, with the package's name.
func TestPanics(t *testing.T) {
	f := NewFilter[float32](2, 3, 3, 1)
	short := make([]float32, 3)
	for name, call := range map[string]func(){
		"NewFilter": func() { NewFilter[float32](1, 1, 2, 1) },
		"Pack":      func() { f.Pack(short) },
		"Forward": func() {
			f.Forward(short, short, nil, 4, 4,
				make([]float32, f.Scratch(4, 4)))
		},
		"Forward scratch": func() {
			f.Forward(make([]float32, 12), make([]float32, 8), nil, 2, 2,
				nil)
		},
		"InstanceNormPlus": func() {
			InstanceNormPlus[float32]{
				Dst: short, X: short, Gamma: short, Alpha: short, Beta: short, Saved: short,
				HW: 3, C: 1, ELU: false,
			}.Run()
		},
		"GroupNorm": func() {
			GroupNorm[float32]{
				Dst: short, X: short, Scale: short, Shift: short, Saved: make([]float32, 12),
				HW: 1, C: 3, Group: 2, ELU: false,
			}.Run()
		},
		"Tiles":    func() { Tiles(short, img(short, 3, 1, 1), 2) },
		"ELU":      func() { ELU(short, short[:2]) },
		"MaxPool5": func() { MaxPool5(short, nil, img(short, 2, 2, 2), nil) },
		"Resize":   func() { Resize(img(short, 1, 1, 1), img(short, 2, 2, 1)) },
		"Adam": func() {
			Adam{Rate: 1, Beta1: 0.9, Beta2: 0.9, Epsilon: 1}.Update(short,
				short, short, short, short)
		},
	} {
		if name == "Forward scratch" && Implementation() == "go" {
			continue // needs none
		}
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.HasPrefix(r, "kernel: ") {
					t.Errorf("%s: recovered %s", name, r)
				}
			}()
			call()
		}()
	}
}

// FuzzConvolution searches for a shape where an implementation has a wrong
// result or writes outside its output.
func FuzzConvolution(f *testing.F) {
	f.Add(uint8(3), uint8(1), uint8(16), uint8(16), uint8(9), uint8(8), uint64(1))
	f.Add(uint8(3), uint8(4), uint8(32), uint8(48), uint8(5), uint8(17), uint64(2))
	f.Add(uint8(1), uint8(1), uint8(5), uint8(19), uint8(1), uint8(3), uint64(3))
	f.Fuzz(func(t *testing.T, k, d, cin, cout, h, w uint8, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 17))
		name := fmt.Sprint(k, d, cin, cout, h, w, seed)
		checkConvolution(t, rng, name, convShape{
			k: 1 + 2*int(k%2), d: 1 + int(d%5), cin: 1 + int(cin%50), cout: 1 + int(cout%50),
			h: 1 + int(h%20), w: 1 + int(w%20),
		})
	})
}
