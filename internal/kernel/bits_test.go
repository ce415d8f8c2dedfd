package kernel

import (
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"testing"
)

// digest sums up the bits of results.
type digest uint32

func (d *digest) add(results ...any) {
	for _, r := range results {
		bytes, err := binary.Append(nil, binary.LittleEndian, r)
		if err != nil {
			panic(err)
		}
		*d = digest(crc32.Update(uint32(*d), crc32.IEEETable, bytes))
	}
}

// The vector implementations have the same bits, which any of them printed.
// Dot is left out, since NEON sums in another order. The α of InstanceNorm++
// is zero, since Go fuses the arithmetic between its passes on arm64 only.
func TestSameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		if active == "go" {
			return
		}
		rng := rand.New(rand.NewPCG(30, 31))
		in := func(n int) []float32 { // numbers without rounding: equal on all machines
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(rng.IntN(2001)-1000) / 256
			}
			return x
		}
		expect := func(name string, want digest, results ...any) {
			t.Helper()
			var got digest
			if got.add(results...); got != want {
				t.Errorf("%s: %08x, want %08x", name, uint32(got), uint32(want))
			}
		}
		var forward, dx, dw digest
		for _, s := range []struct{ h, w, cin, cout, k, d int }{{9, 10, 16, 32, 3, 1},
			{11, 9, 32, 16, 3, 2}, {7, 5, 3, 21, 3, 1}, {4, 5, 10, 9, 1, 1}} {
			f := NewFilter[float32](s.cin, s.cout, s.k, s.d)
			f.Pack(in(f.Len()))
			n := s.h * s.w
			x, dy, y, gx := in(n*s.cin), in(n*s.cout), in(n*s.cout), in(n*s.cin)
			gw, gb := in(f.Len()), in(s.cout)
			for _, m := range []Method{Direct, Winograd} {
				f.Only(m)
				scratch := make([]float32, f.Scratch(s.h, s.w))
				f.ForwardAdd(y, x, gb, s.h, s.w, scratch)
				f.GradInput(gx, dy, s.h, s.w, scratch)
				f.GradWeights(gw, gb, x, dy, s.h, s.w, scratch)
				forward.add(y)
				dx.add(gx)
				dw.add(gw, gb)
			}
		}
		expect("convolutions", 0xd4551b60, uint32(forward))
		expect("gradients of inputs", 0x5cb2d83f, uint32(dx))
		expect("gradients of weights", 0x1112e8f1, uint32(dw))

		const h, w, c = 9, 7, 24
		n := h * w * c
		x, y, z, gamma, beta, alpha := in(n+3), in(n+3), in(n+3), in(c), in(c), make([]float32, c)
		ELU(y, x)
		ELUGrad(z, x, y)
		Axpy(z, 0.75, y)
		Add(x, y, z)
		expect("elementwise", 0xe17ab5af, y, z, x)
		m, v, average := in(n+3), in(n+3), in(n+3)
		for i := range v {
			v[i] *= v[i]
		}
		Adam{Rate: 0.25, Beta1: 0.875, Beta2: 0.75, Epsilon: 0.125, Decay: 0.5, Step: 1,
			Scale: 0.5}.Update(x, m, v, average, z)
		expect("optimizer", 0xbd3f8f07, x, m, v, average)

		x, y, z = in(n), in(n), in(n)
		dgamma, dbeta, saved := in(c), in(c), make([]float32, NormSaved(c))
		for _, elu := range []bool{false, true} {
			InstanceNormPlus[float32]{
				Dst: y, X: x, Gamma: gamma, Alpha: alpha, Beta: beta, Saved: saved,
				HW: h * w, C: c, ELU: elu,
			}.Run()
			InstanceNormPlusGrad[float32]{
				DX: z, DGamma: dgamma, DAlpha: in(c), DBeta: dbeta, DY: in(n), X: x, Y: y,
				Gamma: gamma, Alpha: alpha, Saved: saved,
				HW: h * w, C: c, ELU: elu,
			}.Run()
		}
		expect("norms", 0x5525522f, y, z, saved[:2*c], dgamma, dbeta)

		arg := make([]int32, n)
		scratch := make([]float32, max(MaxPool5Scratch(h, w, c), AvgPool5Scratch(h, w, c)))
		MaxPool5(y, arg, img(x, h, w, c), scratch)
		AvgPool5Grad(z, img(x, h, w, c), scratch)
		halves, twice := make([]float32, (h/2)*(w/2)*c), make([]float32, 2*n)
		MeanPool2(halves, img(x, h, w, c))
		Resize(img(twice, 2*h, w, c), img(x, h, w, c))
		ResizeGrad(img(x, h, w, c), img(twice, 2*h, w, c))
		expect("pools and sizes", 0xbb27c944, y, arg, z, halves, twice, x)

		var tiles digest
		wide := func(n int) []float64 { return widen(in(n)) }
		for count := 1; count < 6; count++ {
			const k = 12
			a, b, cc, l, inv := wide(count*4*k), wide(4*k), wide(count*16), wide(16), wide(4)
			d := wide(k)
			blocks, rows := Strided[float64]{cc, 16}, Strided[float64]{a, 4 * k}
			TileProduct(blocks, rows, b, count, count == 2)
			TileEliminate(blocks, l, inv, count)
			TileScale(b, b, d)
			y := wide(4 * count)
			TileForward(y, rows, d)
			TileBackward(d, rows, y)
			tiles.add(cc, b, y, d)
			complexes := func(n int) []complex128 {
				x := make([]complex128, n)
				for i, re := range wide(n) {
					x[i] = complex(re, float64(i%5))
				}
				return x
			}
			product := complexes(count * 16)
			TileProductComplex(Strided[complex128]{product, 16},
				Strided[complex128]{complexes(count * 4 * k), 4 * k}, complexes(4*k), count,
				count == 2)
			tiles.add(product)
		}
		expect("tiles", 0xc6eb3eef, uint32(tiles))
	})
}
