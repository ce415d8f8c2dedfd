package plot

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestClip checks that clipping leaves points inside the plot area and on the
// line, and keeps all of the line's length that lies inside, by comparison with
// fine sampling. A segment that crosses the area without an end in it is the
// case that a test of end points alone would lose.
func TestClip(t *testing.T) {
	l := &chartLayout{left: 10, right: 110, top: 20, bottom: 80}
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Float64Range(-60, 200)
		run := make([]point, rapid.IntRange(2, 6).Draw(t, "n"))
		for i := range run {
			run[i] = point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
		}
		got := 0.0
		for _, piece := range l.clip(run) {
			for i, p := range piece {
				if !l.inside(p) {
					t.Fatalf("%v is outside", p)
				}
				if i > 0 {
					got += math.Hypot(p.x-piece[i-1].x, p.y-piece[i-1].y)
				}
			}
		}
		want, longest := 0.0, 0.0
		const samples = 2000
		for i := 1; i < len(run); i++ {
			p, q := run[i-1], run[i]
			length := math.Hypot(q.x-p.x, q.y-p.y)
			longest += length
			for k := range samples {
				s := (float64(k) + 0.5) / samples
				x, y := p.x+s*(q.x-p.x), p.y+s*(q.y-p.y)
				if x >= l.left && x <= l.right && y >= l.top && y <= l.bottom {
					want += length / samples
				}
			}
		}
		// each end of a piece is off by at most a sample
		if math.Abs(got-want) > 2*longest/samples+1e-9 {
			t.Fatalf("length %g inside, sampling says %g", got, want)
		}
	})
}

// TestThin checks that thinning keeps the ends and each column's extremes, in
// order, and bounds the number of points. A peak of one point must stay visible
// among a million.
func TestThin(t *testing.T) {
	run := make([]point, 100000)
	for i := range run {
		run[i] = point{200 * float64(i) / float64(len(run)), math.Sin(float64(i)*12.9898) * 40}
	}
	run[54321].y = 999
	out := thin(run)
	if len(out) > 4*201 {
		t.Errorf("%d points left for 200 columns", len(out))
	}
	peak := false
	for i, p := range out {
		peak = peak || p == run[54321]
		if i > 0 && p.x < out[i-1].x {
			t.Fatalf("point %d goes back", i)
		}
	}
	if !peak || out[0] != run[0] || out[len(out)-1] != run[len(run)-1] {
		t.Error("thinning lost the peak or an end")
	}
}

// TestHistogramArea checks that the bars of a histogram have area 1, over
// whatever bins: counts that are not divided by the width of a bin would not.
func TestHistogramArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Histogram{Samples: []Sample{{Values: rapid.SliceOfN(rapid.Float64Range(-50, 50), 1,
			80).Draw(t, "values")}}, Bins: rapid.IntRange(0, 30).Draw(t, "bins")}
		b := h.bin()
		area := 0.0
		for i, d := range b.density[0] {
			area += d * (b.edges[i+1] - b.edges[i])
		}
		if math.Abs(area-1) > 1e-9 {
			t.Fatalf("area %g", area)
		}
	})
}
