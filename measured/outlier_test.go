package measured

import (
	"math"
	"testing"

	"csdm/rng"
)

// tissue is a plane with noise of standard deviation 1 in the columns from 4
// on, and noise alone in the columns before.
func tissue() []float64 {
	s := rng.New(3, rng.Test, 0, 0)
	y := make([]float64, 20*20)
	for k := range y {
		y[k] = s.Normal()
		if k%20 >= 4 {
			y[k] += 100 + 2*float64(k%20) - float64(k/20)
		}
	}
	return y
}

// TestOutlier: a value that is raised by h stands out by about h, less what its
// neighbors' noise spans; a value at the edge of the tissue, outside of it, on
// the border or next to a missing one is not judged.
//
// Raising the value by 10 more raises the result by 10 standard deviations of
// the noise, exactly if the neighbors and the noise estimate stay the same. On
// a steep map the plane must absorb the slope of 30 per column.
func TestOutlier(t *testing.T) {
	y := tissue()
	std := NoiseStd(y, 20, 20)
	usual := outlier(y, 20, 20)
	if math.Abs(std-1) > 0.3 || !(usual > 0 && usual < 4) {
		t.Fatalf("noise %v, and the largest value stands out by %v", std, usual)
	}
	raise := func(row, col int, h float64) float64 {
		z := tissue()
		z[row*20+col] += h
		return outlier(z, 20, 20)
	}
	if a, b := raise(9, 12, 20), raise(9, 12, 30); math.Abs((b-a)*std-10) > 1 || a < 12 {
		t.Errorf("raised by 20 and 30 a value stands out by %v and %v", a, b)
	}
	if a, b := raise(9, 12, -20), raise(9, 12, -30); math.Abs((b-a)*std-10) > 1 {
		t.Errorf("lowered by 20 and 30 a value stands out by %v and %v", a, b)
	}
	steep := tissue()
	steep[9*20+12] += 20
	for k := range steep {
		if k%20 >= 4 {
			steep[k] += 30 * float64(k%20)
		}
	}
	// Values at the edge of the tissue have neighbors outside of it.
	if a, b := raise(9, 12, 20), outlier(steep, 20, 20); math.Abs(b-a) > 0.1*a {
		t.Errorf("raised by 20 a value stands out by %v, on a steep map by %v", a, b)
	}
	for _, at := range [][2]int{{9, 2}, {9, 4}, {0, 12}, {9, 19}} {
		if got := raise(at[0], at[1], 30); got > usual+1 {
			t.Errorf("at %v: %v, usually %v", at, got, usual)
		}
	}
	z := tissue()
	z[9*20+12] += 30
	z[8*20+13] = math.NaN()
	if got := outlier(z, 20, 20); !(got <= usual) {
		t.Errorf("next to a missing value: %v, usually %v", got, usual)
	}
	two := append(make([]float64, len(y)), y...) // the first channel has no noise
	if got := outlier(two, 20, 20); got != usual {
		t.Errorf("with an empty channel: %v, want %v", got, usual)
	}
}
