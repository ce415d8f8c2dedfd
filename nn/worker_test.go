package nn

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// TestLossGradAdds checks that a gradient is added to the previous values, and
// that a worker keeps no trace of a former sample.
func TestLossGradAdds(t *testing.T) {
	a := Arch{3, 1, 1, MaxPool, Base, false, 0, false}
	n := NewNet[float32](a)
	n.Init(1)
	par := parameterizationFor(a)
	x, y, z := sample[float32](a, 7, 6, 1)
	x2, y2, z2 := sample[float32](a, 7, 6, 2)
	fresh, used := n.NewWorker(par, 7, 6), n.NewWorker(par, 7, 6)
	want, got := make([]float32, len(n.Flat())), make([]float32, len(n.Flat()))
	loss := fresh.LossGrad(want, x, y, z, 0.5)
	used.LossGrad(make([]float32, len(got)), x2, y2, z2, 9)
	if l := used.LossGrad(got, x, y, z, 0.5); l != loss || !slices.Equal(got, want) {
		t.Error("a worker remembers its former sample")
	}
	if l := n.NewEvaluator(par, 7, 6).Loss(x, y, z, 0.5); l != loss {
		t.Errorf("loss is %v in training, %v in evaluation", loss, l)
	}
	fresh.LossGrad(want, x, y, z, 0.5)
	for i := range want {
		if math.Abs(float64(want[i]-2*got[i])) > 1e-5*math.Abs(float64(got[i]))+1e-6 {
			t.Fatalf("parameter %d: twice the gradient is %v, added %v", i, 2*got[i], want[i])
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, a := range []Arch{{4, 1, 1, MaxPool, Base, false, 0, false},
		{2, 2, 0, AvgPool, Deeper, false, 0, false}, {8, 1, 1, MaxPool, Light, false, 0, false}} {
		n := NewNet[float32](a)
		n.Init(1)
		par := parameterizationFor(a)
		w, e := n.NewWorker(par, 10, 8), n.NewEvaluator(par, 10, 8)
		x, y, z := sample[float32](a, 10, 8, 1)
		grads := make([]float32, len(n.Flat()))
		if k := testing.AllocsPerRun(3, func() { w.LossGrad(grads, x, y, z, 1) }); k != 0 {
			t.Errorf("training: %v allocations", k)
		}
		if k := testing.AllocsPerRun(3, func() { e.Loss(x, y, z, 1) }); k != 0 {
			t.Errorf("evaluation: %v allocations", k)
		}
		if k := testing.AllocsPerRun(3, n.Repack); k != 0 {
			t.Errorf("packing: %v allocations", k)
		}
		m := &Model{Net: n, Parameterization: par, Meta: Metadata{Rows: 10, Cols: 8}}
		s := m.Condition(make([]float64, len(y)))()
		state := make([]float64, len(x))
		if k := testing.AllocsPerRun(3, func() { _ = s.Score(state, state, 1) }); k != 0 {
			t.Errorf("sampling: %v allocations", k)
		}
	}
}

// TestMemory checks that activations which are no longer needed are
// overwritten, most of all where there is no backward pass.
func TestMemory(t *testing.T) {
	n := NewNet[float32](Arch{16, 1, 1, MaxPool, Base, false, 0, false})
	par := preconditioned(1)
	training, inference := n.NewWorker(par, 28, 28).Bytes(), n.NewEvaluator(par, 28, 28).Bytes()
	image := 28 * 28 * 16 * 4
	t.Logf("in images of full resolution: training %.1f, inference %.1f",
		float64(training)/float64(image), float64(inference)/float64(image))
	if 4*inference > training {
		t.Errorf("inference takes %d bytes, training %d", inference, training)
	}
}

// TestNonFinite places a number that is not finite in a layer, forward and
// backward, and checks that it is found.
func TestNonFinite(t *testing.T) {
	a := Arch{4, 1, 0, MaxPool, Base, false, 0, false}
	x, y, z := sample[float32](a, 8, 8, 1)
	entry := func(n *Net[float32], name string) []float32 {
		for _, e := range n.Entries() {
			if e.Name == name {
				return n.params.Values(e)
			}
		}
		panic(name)
	}
	plant := func(name string, v float32) (*Worker[float32], float64, []float32) {
		n := NewNet[float32](a)
		n.Init(1)
		entry(n, name)[0] = v
		n.Repack()
		w := n.NewWorker(Paper{}, 8, 8)
		grads := make([]float32, len(n.Flat()))
		return w, w.LossGrad(grads, x, y, z, 1), grads
	}
	inf := float32(math.Inf(1))
	for name, layer := range map[string]string{
		"res2.0.conv1.bias":          "res2.0.conv1",
		"res4.1.normalize2.gamma":    "res4.1.normalize2",
		"refine3.msf.convs.1.weight": "refine3.msf.convs.1",
		"end_conv.bias":              "end_conv",
	} {
		w, loss, grads := plant(name, inf)
		if loss-loss == 0 {
			t.Errorf("%s: loss %v", name, loss)
		}
		if slices.ContainsFunc(grads, func(g float32) bool { return g != 0 }) {
			t.Errorf("%s: a gradient of a loss that is not finite", name)
		}
		var e *NonFiniteError
		if err := w.Diagnose(); !errors.As(err, &e) || e.Layer != layer || e.Backward {
			t.Errorf("%s: %v", name, err)
		}
		if w.NonFiniteLayer() != layer {
			t.Errorf("%s: found in layer %q", name, w.NonFiniteLayer())
		}
	}

	if w, loss, _ := plant("end_conv.bias", 1); loss-loss != 0 || w.Diagnose() != nil ||
		w.NonFiniteLayer() != "" {
		t.Errorf("nothing is wrong: %v", w.Diagnose())
	}

	// An output of size 1e25 has a finite loss, summed in float64, but its
	// gradient overflows in a weight of that size.
	w, loss, _ := plant("end_conv.weight", 1e25)
	var e *NonFiniteError
	if err := w.Diagnose(); loss-loss != 0 || !errors.As(err, &e) || e.Layer != "end_conv" ||
		!e.Backward {
		t.Errorf("loss %v, %v", loss, err)
	}

	x[3] = inf
	if w, _, _ := plant("end_conv.bias", 0); w.NonFiniteLayer() != "input" {
		t.Errorf("infinite x found in layer %q", w.NonFiniteLayer())
	}
}
