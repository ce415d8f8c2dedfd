package nn

import (
	"fmt"
	"math"
	"testing"

	"csdm/internal/format"
	"csdm/internal/kernel"
)

// cases lists the reference networks, evaluated in float64 by PyTorch with the
// parameter names of the NCSNv2 state dict.
var cases = []string{"scorenet_ngf8_28", "scorenet_ngf4_avg", "light_g8", "light4_g8"}

// relative returns ‖got - want‖/‖want‖.
func relative[A, B kernel.Float](got []A, want []B) float64 {
	var d, n float64
	for i := range want {
		d += (float64(got[i]) - float64(want[i])) * (float64(got[i]) - float64(want[i]))
		n += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(d / n)
}

func TestReference(t *testing.T) {
	for _, name := range cases {
		t.Run(name+"/float64", func(t *testing.T) {
			// Weights and gradients in the file are rounded to float32, with a
			// relative error of at most u = 2⁻²⁴.
			testReference[float64](t, name, 1e-9, 0x1p-24)
		})
		t.Run(name+"/float32", func(t *testing.T) {
			testReference[float32](t, name, 1e-5, 1e-4)
		})
	}
}

func testReference[F kernel.Float](t *testing.T, name string, tolScore, tolGrad float64) {
	m, err := ReadModelFile("testdata/" + name + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	c, err := ReadCase("testdata/" + name + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	want, err := format.ReadNPZFile("testdata/" + name + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	wantGrads, err := format.ReadTensorsFile("testdata/" + name + ".grads.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	n := convertNet[F](m.Net)
	e, err := n.Evaluate(m.Parameterization, c)
	if err != nil {
		t.Fatal(err)
	}
	if r := relative(e.Score, want["score"].F64); !(r <= tolScore) {
		t.Errorf("score: relative error %.2g > %g", r, tolScore)
	}
	if l := want["loss"].F64[0]; !(math.Abs(e.Loss-l) <= tolScore*l) {
		t.Errorf("loss %v, want %v", e.Loss, l)
	}
	grads := n.Tensors(e.Grads)
	if len(grads) != len(wantGrads.Arrays) {
		t.Errorf("%d gradients, want %d", len(grads), len(wantGrads.Arrays))
	}
	worst := 0.0
	for _, k := range wantGrads.Names() {
		a := grads[k]
		if a == nil || fmt.Sprint(a.Shape) != fmt.Sprint(wantGrads.Arrays[k].Shape) {
			t.Errorf("%s: missing or of another shape", k)
			continue
		}
		r := relative(a.F32, wantGrads.Arrays[k].F32)
		if worst = max(worst, r); !(r <= tolGrad) {
			t.Errorf("gradient of %s: relative error %.2g > %g", k, r, tolGrad)
		}
	}
	t.Logf("score %.2g, loss %.2g, worst gradient %.2g", relative(e.Score, want["score"].F64),
		e.Loss/want["loss"].F64[0]-1, worst)
}

// TestPrecision compares float32 and the vector kernels with float64, at a size
// that is used in practice. With that number of channels the convolutions take
// other code paths than in the small reference networks. The pool is the
// average: where two pixels tie except for rounding, the gradient of the
// maximum goes to either.
func TestPrecision(t *testing.T) {
	a := Arch{16, 1, 1, AvgPool, Base, false, 0, false}
	exact := NewNet[float64](a)
	exact.Init(2)
	n := convertNet[float32](exact)
	exact = convertNet[float64](n) // the same weights, rounded
	par := preconditioned(1)
	for i, sigma := range []float64{0.01, 3} {
		x, y, z := sample[float64](a, 15, 18, uint64(i))
		c := &Batch{1, 1, 15, 18, x, z, y, []float64{sigma}}
		want, err := exact.Evaluate(par, c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := n.Evaluate(par, c)
		if err != nil {
			t.Fatal(err)
		}
		score, worst := relative(got.Score, want.Score), 0.0
		for _, e := range n.Entries() {
			worst = max(worst, relative(got.Grads[e.Offset:][:e.Size()],
				want.Grads[e.Offset:][:e.Size()]))
		}
		t.Logf("sigma %g: score %.2g, worst gradient %.2g", sigma, score, worst)
		if !(score < 1e-5) || !(worst < 1e-4) {
			t.Errorf("sigma %g: relative error of score %.2g, of the worst gradient %.2g", sigma,
				score, worst)
		}
	}
}

// convertNet returns the same network in another precision.
func convertNet[To, From kernel.Float](n *Net[From]) *Net[To] {
	c := NewNet[To](n.arch)
	for i, v := range n.Flat() {
		c.Flat()[i] = To(v)
	}
	c.Repack()
	return c
}
