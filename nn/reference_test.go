package nn

import (
	"fmt"
	"math"
	"testing"

	"csdm/internal/format"
	"csdm/internal/kernel"
)

// cases are the reference networks, evaluated in float64 by PyTorch with the parameter names of the NCSNv2 state dict.
var cases = []string{"scorenet_ngf8_28", "scorenet_ngf4_avg"}

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
			// Weights and gradients in the file are rounded to float32: u = 2⁻²⁴ relative at most.
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
	n := ConvertNet[F](m.Net)
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
	t.Logf("score %.2g, loss %.2g, worst gradient %.2g", relative(e.Score, want["score"].F64), e.Loss/want["loss"].F64[0]-1, worst)
}
