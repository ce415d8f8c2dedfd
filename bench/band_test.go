package bench

import (
	"math"
	"slices"
	"testing"

	"csdm/rng"
)

// TestBandLevel checks that the level of a value is the smallest whose interval
// holds it: inside of the draws, between and on them, with ties, and outside.
func TestBandLevel(t *testing.T) {
	const grain = 0.5
	for _, draws := range [][]float64{{1, 2, 4, 8, 16}, {0, 0, 0, 1, 1, 1}, {3, 3}, {0, 1, 1, 5}} {
		for v := -3.; v <= 20; v += 0.125 {
			level := BandLevel(draws, grain, v)
			if low, high := BandInterval(draws, level, grain); v < low-1e-12 || v > high+1e-12 {
				t.Errorf("%v: %v is not in its interval [%v, %v]", draws, v, low, high)
			}
			less := level - 1e-6
			if low, high := BandInterval(draws, less, grain); less > 0 && v >= low && v <= high {
				t.Errorf("%v: %v is also in the smaller interval [%v, %v]", draws, v, low, high)
			}
		}
	}
	for _, c := range []struct{ v, level float64 }{{4, 0}, {8, 0.5}, {3, 0.25}, {1, 1}, {16, 1},
		{16 + 15.5, 2}, {1 - 31, 3}} {
		if got := BandLevel([]float64{1, 2, 4, 8, 16}, grain, c.v); math.Abs(got-c.level) > 1e-12 {
			t.Errorf("level of %v is %v, want %v", c.v, got, c.level)
		}
	}
}

// TestRegions checks that the regions have their shares of the pixels, the most
// uncertain first, and that misses and bands agree about them.
func TestRegions(t *testing.T) {
	const dim, n = 32, 4
	draws, field := make([]float64, n*dim), make([]float64, dim)
	for k := range dim { // pixel k varies by k+1
		for i := range n {
			draws[i*dim+k] = float64(i) * float64(k+1)
		}
		field[k] = 3 * float64(k+1) // at level 1
	}
	if ends := regionEnds(dim); !slices.Equal(ends, []int{2, 4, 8, 16, 32}) {
		t.Fatalf("regions end at %v", ends)
	}
	field[30] = 6 * 31 // level 1 + (6−3)/3, with no grain: in the first region
	field[0] = 0.5     // level 1 − 2·0.5/3: in the last region
	levels := BandLevels()
	misses := FieldMisses(field, draws, n, 1e-12)
	at := func(level float64) int { return slices.Index(levels, level) }
	for r := range bandRegions {
		row := misses[r*len(levels) : (r+1)*len(levels)]
		want := map[int][3]float64{0: {1, 0.5, 0}, 1: {1, 0, 0}, 2: {1, 0, 0}, 3: {1, 0, 0},
			4: {15. / 16, 0, 0}}[r]
		got := [3]float64{row[at(1)-1], row[at(1)], row[len(levels)-1]}
		for k := range got {
			if math.Abs(got[k]-want[k]) > 1e-12 {
				t.Errorf("region %d misses %v, want %v", r, got, want)
				break
			}
		}
	}
	low, high := make([]float64, dim), make([]float64, dim)
	FieldBand(low, high, draws, 1e-12, []float64{2, 1, 1, 1, 0})
	for k := range dim {
		w := 3 * float64(k+1)
		want := [2]float64{0, w}
		if k >= 30 {
			want = [2]float64{-w, 2 * w}
		} else if k < 16 {
			want = [2]float64{w / 2, w / 2}
		}
		if math.Abs(low[k]-want[0]) > 1e-6 || math.Abs(high[k]-want[1]) > 1e-6 {
			t.Errorf("pixel %d: [%v, %v], want %v", k, low[k], high[k], want)
		}
	}
}

// TestRank checks the exact finite-sample rank: with uniform levels the chance
// that a further one is at most the k-th of n is k/(n+1).
func TestRank(t *testing.T) {
	for _, c := range []struct {
		n        int
		coverage float64
		rank     int
	}{{9, 0.9, 9}, {10, 0.9, 10}, {19, 0.9, 18}, {99, 0.9, 90}, {100, 0.9, 91}, {500, 0.9, 451},
		{1, 0.5, 1}} {
		levels := make([]float64, c.n)
		for i := range levels {
			levels[(i*7)%c.n] = float64(i + 1) // the values 1 … n, unordered unless 7 | n
		}
		if got := QuantileLevel(levels, c.coverage); got != float64(c.rank) {
			t.Errorf("n = %d, coverage %v: rank %v, want %d", c.n, c.coverage, got, c.rank)
		}
	}
	if least := LeastMeasurements(0.9); least != 9 {
		t.Errorf("least number for 0.9 is %d", least)
	}
	if got := QuantileLevel(make([]float64, 8), 0.9); !math.IsInf(got, 1) {
		t.Errorf("of 8 values: %v", got)
	}
	for n, want := range map[int]int{8: -1, 9: 1} { // no loss at index 1: (0+1)/(9+1) is 0.1
		losses := make([][]float64, n)
		for i := range losses {
			losses[i] = []float64{0.05, 0}
		}
		if got := RiskLevel(losses, 0.9); got != want {
			t.Errorf("risk with %d measurements: index %d, want %d", n, got, want)
		}
	}
}

// narrow is a simulated network: the true value has standard deviation 1 about
// a center that the draws know, and the draws have 0.5.
func narrow(s *rng.Stream, dim, n int) (field, draws []float64) {
	center := s.Normal()
	for range dim {
		field = append(field, center+s.Normal())
	}
	for range n * dim {
		draws = append(draws, center+0.5*s.Normal())
	}
	return field, draws
}

// TestBandsRestoreCoverage calibrates bands around draws that are too narrow by
// a factor of two, and finds the stated coverage on fresh pairs, averaged over
// calibrations. Without calibration it is far too small.
func TestBandsRestoreCoverage(t *testing.T) {
	const dim, n, count, fresh, repeats, coverage, grain = 16, 16, 100, 100, 20, 0.9, 0.01
	levels := BandLevels()
	s := rng.New(5, rng.Test, 0, 0)
	var pixels, single, plain, total float64
	for range repeats {
		misses := make([][][]float64, bandRegions)
		var scalar []float64
		for range count {
			field, draws := narrow(s, dim, n)
			m := FieldMisses(field, draws, n, grain)
			for r := range misses {
				misses[r] = append(misses[r], m[r*len(levels):(r+1)*len(levels)])
			}
			first := column(draws, dim)
			scalar = append(scalar, BandLevel(first, grain, field[0]))
		}
		at := make([]float64, bandRegions)
		for r := range at {
			at[r] = levels[RiskLevel(misses[r], coverage)]
		}
		level := QuantileLevel(scalar, coverage)
		low, high := make([]float64, dim), make([]float64, dim)
		for range fresh {
			field, draws := narrow(s, dim, n)
			FieldBand(low, high, draws, grain, at)
			for k, v := range field {
				if low[k] <= v && v <= high[k] {
					pixels += 1. / dim
				}
			}
			total++
			first := column(draws, dim)
			if l, h := BandInterval(first, level, grain); l <= field[0] && field[0] <= h {
				single++
			}
			if l, h := BandInterval(first, coverage, grain); l <= field[0] && field[0] <= h {
				plain++
			}
		}
	}
	pixels, single, plain = pixels/total, single/total, plain/total
	t.Logf("%v fresh measurements: %.4f of the pixels and %.4f of the single values are held; "+
		"%.4f by the 90 %% intervals of the draws", total, pixels, single, plain)
	// 4 standard errors, by the fresh measurements and by the finite number
	// that sets the levels, which also makes the coverage a little too large.
	e := 4 * math.Sqrt(coverage*(1-coverage)*(1/total+1./(count*repeats)))
	if pixels < coverage-e/2 || pixels > coverage+e/2+0.02 || single < coverage-e ||
		single > coverage+e+0.01 {
		t.Errorf("pixels %.3f, single values %.3f, want %v", pixels, single, coverage)
	}
	if plain > 0.7 {
		t.Errorf("without calibration %.3f are held; the draws are not too narrow", plain)
	}
}

// column returns the first pixel of each draw, in ascending order.
func column(draws []float64, dim int) []float64 {
	var out []float64
	for i := 0; i < len(draws); i += dim {
		out = append(out, draws[i])
	}
	slices.Sort(out)
	return out
}
