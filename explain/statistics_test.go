package explain

import (
	"math"
	"slices"
	"testing"

	"csdm/rng"
)

// value returns the statistic with the given name.
func value(t *testing.T, name string, r []float64, s Shape) (float64, int) {
	t.Helper()
	values, at := Statistics(r, s)
	k := slices.Index(Names(), name)
	if k < 0 {
		t.Fatalf("no statistic %q", name)
	}
	return values[k], at[k]
}

// TestStatisticsOfKnownFields compares statistics with closed forms, in two
// channels of which only the second is not zero.
//
// A box of 4×4 values −0.5 has |Σ|/√16 = 2. A checkerboard of ±1 has second
// differences of ±16, in one of two channels: √(16²/2)/6. A cosine has the sum
// of squares 12 · 9/2, all of it in one of 2 · 24 coefficients.
func TestStatisticsOfKnownFields(t *testing.T) {
	s := Shape{2, 9, 12}
	n := s.Rows * s.Cols
	field := func(f func(row, col int) float64) []float64 {
		r := make([]float64, s.Len())
		for k := range n {
			r[n+k] = f(k/s.Cols, k%s.Cols)
		}
		return r
	}
	constant := field(func(_, _ int) float64 { return -0.5 })
	ramp := field(func(_, col int) float64 { return float64(col) - 5.5 })
	spike := field(func(row, col int) float64 {
		if row == 3 && col == 7 {
			return -6
		}
		return 0
	})
	checker := field(func(row, col int) float64 { return float64(1 - 2*((row+col)%2)) })
	cosine := field(func(row, _ int) float64 {
		return math.Cos(math.Pi * 2 * (float64(row) + 0.5) / 9)
	})
	square := 0.0
	for _, v := range ramp {
		square += v * v
	}
	for _, c := range []struct {
		name string
		r    []float64
		want float64
		at   int
	}{
		{"misfit", constant, 0.125, -1},
		{"largest value", spike, 6, n + 3*12 + 7},
		{"patch", constant, 0.5 * 4, n + 2*12 + 2},
		{"line", constant, 0.5 * math.Sqrt(12), n + 6},
		{"line", spike, 6 / math.Sqrt(9), n + 4*12 + 7},
		{"mean", constant, -0.5 * math.Sqrt(float64(n)), -1},
		{"mean", ramp, 0, -1},
		{"slope in x", ramp, math.Sqrt(square), -1},
		{"slope in y", ramp, 0, -1},
		// one of 2·24 modes holds all of Σ r²
		{"smooth part", cosine, (9. / 2 * 12) / (2 * 24), -1},
		{"smooth part", constant, 0, -1},
		{"autocorrelation in x", checker, -1, -1},
		{"autocorrelation in y", checker, -1, -1},
		{"pixel noise", checker, math.Sqrt(16*16./2) / 6, -1},
		{"pixel noise", ramp, 0, -1},
	} {
		got, at := value(t, c.name, c.r, s)
		if math.Abs(got-c.want) > 1e-3*(1+math.Abs(c.want)) || at != c.at {
			t.Errorf("%s: %v at %d, want %v at %d", c.name, got, at, c.want, c.at)
		}
	}
}

// TestStatisticsOfNoise: over white noise the statistics have their means,
// within five standard errors.
func TestStatisticsOfNoise(t *testing.T) {
	s := Shape{1, 20, 30}
	want := map[string]float64{
		"misfit": 1, "mean": 0, "slope in x": 0, "slope in y": 0, "smooth part": 1,
		"autocorrelation in x": -1 / float64(s.Len()),
		"autocorrelation in y": -1 / float64(s.Len()),
	}
	const repeats = 400
	first, second := map[string]float64{}, map[string]float64{}
	r := make([]float64, s.Len())
	for i := range uint64(repeats) {
		stream := rng.New(3, rng.Test, i, 0)
		for k := range r {
			r[k] = stream.Normal()
		}
		values, _ := Statistics(r, s)
		for k, name := range Names() {
			first[name] += values[k] / repeats
			second[name] += values[k] * values[k] / repeats
		}
	}
	for name, w := range want {
		std := math.Sqrt((second[name] - first[name]*first[name]) / repeats)
		if math.Abs(first[name]-w) > 5*std {
			t.Errorf("%s: mean %.4f ± %.4f, want %.4f", name, first[name], std, w)
		}
	}
}

// TestRepeated: zeros that stand for missing samples are found, in plain and in
// rounded maps. Rounding alone is no repetition.
//
// Rounded maps repeat values by nature, and neighbors in size repeat as often.
func TestRepeated(t *testing.T) {
	stream := rng.New(4, rng.Test, 0, 0)
	y := make([]float64, 28*28)
	for k := range y {
		y[k] = -0.01*float64(k/28)/27 + 0.0005*stream.Normal()
	}
	rounded := func(step float64) []float64 {
		r := slices.Clone(y)
		for k, v := range r {
			r[k] = step * math.Round(v/step)
		}
		return r
	}
	for name, right := range map[string][]float64{
		"as it is": y, "whole micrometers": rounded(1e-4), "tenths": rounded(1e-5),
		"hundredths": rounded(1e-6), "float32": float32s(y), "ten micrometers": rounded(1e-3),
	} {
		if v, times, _ := Repeated(right); times > 0 {
			t.Errorf("%s: %v occurs %d times", name, v, times)
		}
		if name == "ten micrometers" { // each value occurs about 60 times, so 16 more can be chance
			continue
		}
		dead := slices.Clone(right)
		for k := 13; k < len(dead); k += 50 { // 2 % dropouts
			dead[k] = 0.002
		}
		if v, times, at := Repeated(dead); v != 0.002 || times != 16 || at != 13 {
			t.Errorf("%s with 2 %% dropouts: %v occurs %d times, first at %d", name, v, times, at)
		}
	}
	if v, times, at := Repeated(make([]float64, 100)); v != 0 || times != 100 || at != 0 {
		t.Errorf("all zeros: %v occurs %d times, first at %d", v, times, at)
	}
}

func float32s(v []float64) []float64 {
	out := make([]float64, len(v))
	for k, a := range v {
		out[k] = float64(float32(a))
	}
	return out
}

// TestPoissonTail compares with sums of the definition.
func TestPoissonTail(t *testing.T) {
	for _, c := range []struct {
		k    int
		mean float64
	}{{1, 0.5}, {4, 0.025}, {3, 2}, {30, 8}, {5, 20}} {
		below, term := 0.0, math.Exp(-c.mean)
		for j := range c.k {
			below += term
			term *= c.mean / float64(j+1)
		}
		if got := poissonTail(c.k, c.mean); math.Abs(got-(1-below)) > 1e-12 {
			t.Errorf("P(≥ %d | %v) = %v, want %v", c.k, c.mean, got, 1-below)
		}
	}
}

// TestPlace checks places in physical units and, without a size, by row and
// column.
func TestPlace(t *testing.T) {
	s := Shape{2, 5, 9}
	if got := s.Place(45+2*9+4, 1, 2, "cm"); got != "(0.5, 1) cm of channel 2" {
		t.Error(got)
	}
	if got := (Shape{1, 5, 9}).Place(2*9+4, 0, 0, ""); got != "row 2, column 4" {
		t.Error(got)
	}
}
