package nn

import (
	"math"
	"testing"
)

// TestMask compares a network with a mask to one that takes the mask as one
// more channel of y: a missing value is the mean of its channel, and the mask
// is 0 where any channel is missing. The two have the same layers.
func TestMask(t *testing.T) {
	const rows, cols, hw = 8, 10, 80
	for _, v := range []Variant{Base, Light} {
		masked := NewNet[float32](Arch{8, 2, 1, MaxPool, v, true, 0, false})
		plain := NewNet[float32](Arch{8, 3, 1, MaxPool, v, false, 0, false})
		masked.Init(3)
		copy(plain.Flat(), masked.Flat())
		if len(plain.Flat()) != len(masked.Flat()) {
			t.Fatal("the two differ in the number of parameters")
		}
		plain.Repack()
		par := preconditioned(2)
		wide := &Preconditioned{SigmaData: par.SigmaData, YMean: append(par.YMean, 0),
			YStd: append(par.YStd, 1)}
		x, y, z := sample[float32](masked.Arch(), rows, cols, 5)
		y[2*hw-1], y[hw-1] = float32(math.NaN()), 0.3 // missing in one channel
		full := make([]float32, 3*hw)
		missing := 0
		for p := range hw {
			full[2*hw+p] = 1
			for ch := range 2 {
				v := y[ch*hw+p]
				if v != v {
					v, full[2*hw+p] = float32(par.YMean[ch]), 0
					missing++
				}
				full[ch*hw+p] = v
			}
		}
		if missing < hw/2 {
			t.Fatalf("%d values are missing", missing)
		}
		got := masked.NewEvaluator(par, rows, cols).Loss(x, y, z, 0.7)
		want := plain.NewEvaluator(wide, rows, cols).Loss(x, full, z, 0.7)
		if math.Abs(got-want) > 1e-5*want {
			t.Errorf("%s: a loss of %v, want %v", v, got, want)
		}
		// Another measurement leaves nothing of the mask behind.
		w := masked.NewEvaluator(par, rows, cols)
		w.Loss(x, y, z, 0.7)
		whole := make([]float32, 2*hw)
		again := w.Loss(x, whole, z, 0.7)
		if fresh := masked.NewEvaluator(par, rows, cols).Loss(x, whole, z, 0.7); again != fresh {
			t.Errorf("%s: a worker remembers its former mask: %v, want %v", v, again, fresh)
		}
	}
}
