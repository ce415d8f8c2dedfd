package calibrate

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/cli"
)

// made returns a bander with made-up records, without any draw.
func made(t *testing.T, measurements, fresh int) *bander {
	t.Helper()
	job, s := bandTest(t)
	s.Measurements, s.Fresh = measurements, fresh
	c, err := newBander(job, s, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	c.grains = make([]float64, len(c.quantified.Quantities()))
	c.records = make([]float64, (measurements+fresh)*c.recordLen)
	return c
}

// setMisses makes measurement i miss share of the pixels of a region below a
// level, which is given by its index, and none from there on.
func (c *bander) setMisses(i, region, below int, share float64) {
	row := c.misses(i, region)
	for j := range row {
		if row[j] = 0; j < below {
			row[j] = share
		}
	}
}

func (c *bander) setNeeded(i, k int, level float64) {
	c.records[(i+1)*c.recordLen-len(c.grains)+k] = level
}

// TestBandLevels counts by hand. Nineteen measurements may together miss one
// region whole: (1 + 1)/(19 + 1) is 1 − 0.9. In region r, measurement i misses
// all pixels below level i·(r + 1), so that level 17·(r + 1) is the first that
// only measurement 18 misses. Of 19 levels of a quantity the 18th counts, and
// of 10 the last.
func TestBandLevels(t *testing.T) {
	c := made(t, 19, 4)
	nan := math.NaN()
	for i := range 19 {
		for r := range bench.BandRegions(c.pairs.spec.XLen()) {
			c.setMisses(i, r, i*(r+1), 1)
		}
		c.setNeeded(i, 0, float64(i+1)/20)
		c.setNeeded(i, 1, float64(i))
		if i%2 == 1 {
			c.setNeeded(i, 1, nan) // the true field lacks the quantity
		}
	}
	for k, needed := range []float64{0.5, 0.9, 0.91, nan} { // fresh
		for r := range bench.BandRegions(c.pairs.spec.XLen()) {
			c.setMisses(19+k, r, len(bench.BandLevels()), 0.1*float64(k))
		}
		c.setNeeded(19+k, 0, needed)
		c.setNeeded(19+k, 1, 18.5)
	}
	r, err := c.result()
	if err != nil {
		t.Fatal(err)
	}
	for region, level := range r.Bands.Levels {
		if want := float64(17*(region+1)) / 128; level != want {
			t.Errorf("region %d has level %v, want %v", region, level, want)
		}
	}
	for k, want := range []struct {
		level float64
		count int
	}{{0.9, 19}, {18, 10}} {
		q := r.Bands.Quantities[k]
		if q.Level == nil || *q.Level != want.level || q.Count != want.count {
			t.Errorf("quantity %d: %+v, want %v of %d", k, q, want.level, want.count)
		}
	}
	// The fresh measurements hold 1, 0.9, 0.8 and 0.7 of the pixels of each
	// region: mean 0.85, variance 2·(0.15² + 0.05²)/3.
	want := HeldShare{Share: 0.85, Error: math.Sqrt(0.05/3) / 2, Count: 4}
	for k, h := range append(r.Fresh.Regions, r.Fresh.Pixels) {
		if h.Count != want.Count || math.Abs(h.Share-want.Share) > 1e-12 ||
			math.Abs(h.Error-want.Error) > 1e-12 {
			t.Errorf("share %d: %+v, want %+v", k, h, want)
		}
	}
	q := r.Fresh.Quantities
	if q[0].Count != 3 || math.Abs(q[0].Share-2./3) > 1e-12 || q[1].Count != 4 || q[1].Share != 0 {
		t.Errorf("fresh quantities %+v", q)
	}
}

// TestBandsOfBadNetwork checks that a network whose widest bands miss pixels
// has no result, and that a quantity that no interval holds has no level.
//
// Without the check a level beyond the last would be read.
func TestBandsOfBadNetwork(t *testing.T) {
	c := made(t, 19, 0)
	for i := range 19 {
		c.setNeeded(i, 0, math.Inf(1))
	}
	r, err := c.result()
	if err != nil {
		t.Fatal(err)
	}
	if q := r.Bands.Quantities[0]; q.Level != nil || q.Count != 19 || r.Fresh != nil {
		t.Errorf("quantity %+v, fresh %+v", q, r.Fresh)
	}
	for i := range 2 { // one may miss
		c.setMisses(i, 4, len(bench.BandLevels()), 1)
	}
	if _, err := c.result(); cli.Code(err) != cli.ExitData {
		t.Errorf("two of nineteen measurements that no band holds: %v", err)
	}
}

// TestHeldShare checks the empty and the single share, which have no error.
//
// A division by n − 1 = 0 would give NaN.
func TestHeldShare(t *testing.T) {
	if h := newHeldShare("a", nil); h != (HeldShare{Name: "a"}) {
		t.Errorf("no shares: %+v", h)
	}
	if h := newHeldShare("a", []float64{0.3}); h != (HeldShare{Name: "a", Share: 0.3, Count: 1}) {
		t.Errorf("one share: %+v", h)
	}
}
