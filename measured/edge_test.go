package measured

import (
	"math"
	"testing"

	"csdm/rng"
)

// TestFilledEdge: where a slope of s noises a line was shifted by two lines,
// the slope alone leaves Σ v² of v = max(k, 2) without its regression on k.
// That is 38/35 for six lines, times s² for each place of the edge. A map that
// was not shifted is explained worse by filled lines, a flat one alike, and
// places that are missing or without signal are not judged.
//
// The values max(k, 2) = 2, 2, 2, 3, 4, 5 have S_pp = 8, S_pk = 11 and S_kk =
// 17.5, hence 8 − 121/17.5 = 38/35. In the unit of the cosine m = 0 the factor
// is s² times the number of places.
func TestFilledEdge(t *testing.T) {
	const side, slope = 20, 3.0
	shifted := func(slope float64, by int) []float64 {
		s := rng.New(4, rng.Test, 0, 0)
		y := make([]float64, side*side)
		for k := range y {
			y[k] = 100 + slope*float64(max(k/side, by)) + s.Normal()
		}
		return y
	}
	of := func(y []float64) float64 { return filledEdge(y, side, side) }
	y := shifted(slope, 2)
	std := NoiseStd(y, side, side)
	want := side * slope * slope * 38 / 35
	if got := of(y) * std * std; math.Abs(got/want-1) > 0.25 {
		t.Errorf("shifted by two lines: %v, want %v", got, want)
	}
	right, flat := of(shifted(slope, 0)), of(shifted(0, 0))
	if right > 5 || flat > 5 {
		t.Errorf("not shifted: %v; flat: %v", right, flat)
	}
	reversed := make([]float64, len(y))
	for k, v := range y {
		reversed[len(y)-1-k] = v
	}
	if a, b := of(y), of(reversed); math.Abs(a-b) > 1e-9*a {
		t.Errorf("at the bottom %v, at the top %v", a, b)
	}
	for k := range side * 3 { // no part of the bottom is long enough
		if k%side%8 == 0 {
			y[k] = math.NaN()
		}
	}
	if got := of(y); got > 5 {
		t.Errorf("with gaps at the edge: %v", got)
	}
	for k := range y {
		y[k] = 0
	}
	if got := of(y); got != 0 {
		t.Errorf("without signal: %v", got)
	}
}
