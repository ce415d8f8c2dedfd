package explain

import (
	"math"
	"testing"

	"csdm/nn"
	"csdm/rng"
)

// TestToleranceRank compares with Wilks (1941): with a confidence of 0.95 the
// smallest of a sample of 59 bounds 5 %, of 149 bounds 2 %, of 299 bounds 1 %.
// One value fewer is too few.
//
// 0.95⁵⁹ = 0.0485, 0.98¹⁴⁹ = 0.0493 and 0.99²⁹⁹ = 0.0495 are the first below
// 0.05.
func TestToleranceRank(t *testing.T) {
	for _, c := range []struct {
		n    int
		rate float64
		want int
	}{{58, 0.05, 0}, {59, 0.05, 1}, {148, 0.02, 0}, {149, 0.02, 1}, {298, 0.01, 0}, {299, 0.01, 1},
		{93, 0.05, 2}, {500, 0.02, 5}} {
		if k := toleranceRank(c.n, c.rate); k != c.want {
			t.Errorf("%d of rate %v: rank %d, want %d", c.n, c.rate, k, c.want)
		}
	}
}

// TestCalibrateHoldsItsRate: at most the stated share of 4,000 fields of noise
// exceeds limits from 400 others, within three standard errors. The share is
// not much smaller than the tolerance limit allows.
//
// The stated rate is an upper bound with confidence 0.95, so that the observed
// share may be smaller, but not by much.
func TestCalibrateHoldsItsRate(t *testing.T) {
	s := Shape{1, 14, 16}
	row := func(i uint64) []float64 {
		stream := rng.New(8, rng.Test, i, 0)
		r := make([]float64, s.Len())
		for k := range r {
			r[k] = stream.Normal()
		}
		values, _ := Statistics(r, s)
		return values
	}
	rows := make([][]float64, 400)
	for i := range rows {
		rows[i] = row(uint64(i))
	}
	const rate, fresh = 0.05, 4000
	c := Calibrate(Names(), rows, rate)
	if err := c.Validate(); err != nil || c.Count != 400 || c.Rate != rate {
		t.Fatalf("%+v, %v", c, err)
	}
	beyond := 0
	for i := range uint64(fresh) {
		values, inside, likely := row(1000+i), true, true
		for k := range c.Tests {
			low, high := Limits(&c.Tests[k], c.Limit)
			inside = inside && values[k] >= low && values[k] <= high
			likely = likely && probability(&c.Tests[k], values[k]) >= c.Limit
		}
		if inside != likely {
			t.Fatal("limits and probabilities differ")
		}
		if !inside {
			beyond++
		}
	}
	got := float64(beyond) / fresh
	if noise := math.Sqrt(rate / fresh); got > rate+3*noise || got < rate/5 {
		t.Errorf("%.4f of fresh fields are beyond the limits of rate %v", got, rate)
	}
	if few := Calibrate(Names(), rows[:20],
		rate); math.Abs(few.Rate-(1-math.Pow(0.05, 1./20))) > 1e-12 {
		t.Errorf("20 fields bound a rate of %v", few.Rate)
	}
}

// TestTail: the fitted tail of an exponential sample has its scale, and the
// probability of a value is the share of the sample beyond it.
//
// An exponential sample is the case in which the model of the tail is exact.
func TestTail(t *testing.T) {
	const n, scale = 4000, 3.0
	sorted := make([]float64, n)
	for i := range sorted {
		sorted[i] = -scale * math.Log(1-(float64(i)+0.5)/n)
	}
	law := tail(sorted)
	if math.Abs(law.Scale-scale) > 0.05*scale || law.Share != tailShare {
		t.Errorf("tail %+v", law)
	}
	for _, p := range []float64{0.05, 1e-2, 1e-4} {
		if got := beyond(law, -scale*math.Log(p)); math.Abs(got/p-1) > 0.2 {
			t.Errorf("probability %v of a value that has %v", got, p)
		}
	}
	if p := probability(&nn.Tails{High: law}, math.NaN()); p != 0 {
		t.Errorf("not a number has probability %v", p)
	}
}
