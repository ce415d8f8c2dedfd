package nn

import (
	"slices"
	"testing"
	"time"

	"csdm/internal/kernel"
)

// TestProfile checks that a profile computes the same as LossGrad, and has the
// time and shape of every operation.
func TestProfile(t *testing.T) {
	a := Arch{16, 1, 1, MaxPool, Base, false, 0, false}
	n := NewNet[float32](a)
	n.Init(1)
	w := n.NewWorker(preconditioned(1), 12, 8)
	x, y, z := sample[float32](a, 12, 8, 1)
	want, got := make([]float32, len(n.Flat())), make([]float32, len(n.Flat()))
	loss := w.LossGrad(want, x, y, z, 0.5)
	ops := w.Operations()
	forward, backward := make([]time.Duration, len(ops)), make([]time.Duration, len(ops))
	for i := range ops {
		forward[i], backward[i] = -1, -1
	}
	if l := w.TimeLossGrad(got, x, y, z, 0.5, forward, backward); l != loss ||
		!slices.Equal(got, want) {
		t.Error("a profile changes the results")
	}
	macs := 0
	for i, o := range ops {
		macs += o.MultiplyAdds
		if forward[i] < 0 || backward[i] < 0 {
			t.Errorf("%s at %s took %v and %v", o.Op, o.Layer, forward[i], backward[i])
		}
	}
	if macs != w.MultiplyAdds() {
		t.Errorf("%d multiply-adds, by operation %d", w.MultiplyAdds(), macs)
	}
	first, last := ops[0], ops[len(ops)-1]
	if first.Layer != "begin_conv" || first.Cin != 3 || first.C != 16 || first.H != 12 ||
		first.W != 8 || first.Kernel != 3 || first.Forward != kernel.Direct {
		t.Errorf("first operation %+v", first)
	}
	if last.Layer != "end_conv" || last.C != 1 || first.MultiplyAdds != 12*8*9*3*16 {
		t.Errorf("last operation %+v", last)
	}
}
