package report

import (
	"math"
	"strings"
	"testing"
)

// TestOverview checks that an overview names its columns once, has all panels
// of both measurements, and states the distance from the true field in physical
// units.
func TestOverview(t *testing.T) {
	p, q := small(), small()
	p.Range, q.Range = [2]float64{3, 5}, [2]float64{3, 5}
	q.Network.Mean = q.Truth
	f := (&Overview{Name: "overview", Draws: 2, Cases: []*Posterior{p, q}}).Figure()
	svg := strings.ReplaceAll(string(f.SVG), "\u00a0", " ")
	for text, want := range map[string]int{
		"true field": 1, "draw 1": 1, "draw 2": 1, "draw 3": 0, "measured": 1,
		"RMS 1.000 kPa": 1, "RMS 0 kPa": 1, "<image": 2 * (9 + 4), // panels and color bars
	} {
		if n := strings.Count(svg, text); n != want {
			t.Errorf("%q stands %d times, want %d", text, n, want)
		}
	}
	if !strings.Contains(f.Caption, "2 draws") || !strings.Contains(f.Caption, "exact") {
		t.Errorf("caption %q", f.Caption)
	}
}

// TestThinned checks that an overview shows every second pixel of a large
// field, at its place.
func TestThinned(t *testing.T) {
	const rows, cols = 200, 256
	p := &Posterior{Rows: rows, Cols: cols, Width: 255, Height: 199,
		Truth: field(rows*cols, func(k int) float64 { return float64(k) })}
	p.Network.Mean = p.Truth
	q := p.thinned()
	if q.Rows != 100 || q.Cols != 128 || q.Width != 254 || q.Height != 198 {
		t.Errorf("%d×%d pixels on %g×%g", q.Rows, q.Cols, q.Width, q.Height)
	}
	for r := range 100 {
		for c := range 128 {
			if got := q.Truth[r*128+c]; math.Abs(got-float64(2*r*cols+2*c)) > 0 {
				t.Fatalf("pixel %d, %d is pixel %g", r, c, got)
			}
		}
	}
	if small().thinned().Rows != 4 {
		t.Error("a small field is thinned")
	}
}
