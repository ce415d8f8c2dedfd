//go:build course

package ex11

import (
	"math"
	"testing"

	"csdm/langevin"
	"csdm/langevin/langevintest"
)

func TestDraw(t *testing.T) {
	g := langevintest.Tilted()
	start := []float64{3, -8, 12, 5}
	want := make([]float64, len(start))
	g.Flow(want, start, 10, 0.05)
	last := 0.0
	for i, n := range []int{40, 80, 160} {
		x := append([]float64(nil), start...)
		sigmas, err := langevin.Geometric(10, 0.05, n+1)
		if err != nil {
			t.Fatal(err)
		}
		Draw(x, sigmas, g.Denoise)
		e := 0.0
		for k := range x {
			e = max(e, math.Abs(x[k]-want[k]))
		}
		order := math.Log2(last / e)
		t.Logf("%d steps: error %.2e", n, e)
		if i > 0 && !(order > 1.7) {
			t.Errorf("twice the steps divide the error by %.2f; second order divides by 4", last/e)
		}
		if last = e; !(e < 0.1) {
			t.Errorf("%d steps: error %v", n, e)
		}
	}
}
