package plot

import (
	"math"
	"slices"
	"testing"
)

func constant(n int, v float64) []float64 { return slices.Repeat([]float64{v}, n) }

// TestPlaceBars checks that neighbors on one scale share the bar at their
// right, that panels on scales of their own have one each, and that several
// rows on one scale have a single bar.
func TestPlaceBars(t *testing.T) {
	panel := func(scale string) Panel {
		return Panel{Values: constant(4, 1), Rows: 2, Cols: 2, Scale: scale}
	}
	for _, c := range []struct {
		name   string
		panels [][]Panel
		bars   [][]bool
		one    bool
	}{
		{"shared", [][]Panel{{panel("a"), panel("a"), panel("b")}}, [][]bool{{false, true, true}},
			false},
		{"own", [][]Panel{{panel(""), panel("")}}, [][]bool{{true, true}}, false},
		{"one", [][]Panel{{panel("a"), panel("a")}, {panel("a")}}, [][]bool{{false, false},
			{false}}, true},
		{"above", [][]Panel{{panel("a"), panel("a")}, {panel("b"), panel("c")}},
			[][]bool{{true, true}, {true, true}}, false},
		{"short row", [][]Panel{{panel("a"), panel("a")}, {panel("a")}, {panel("b"), panel("b")}},
			[][]bool{{false, true}, {false}, {false, true}}, false},
		{"gap", [][]Panel{{{}, panel("a")}, {panel("b"), panel("a")}},
			[][]bool{{false, true}, {true, true}}, false},
	} {
		l := &panelLayout{Panels: &Panels{Panels: c.panels}, rows: len(c.panels)}
		for _, row := range c.panels {
			l.cols = max(l.cols, len(row))
		}
		l.gatherScales()
		l.placeBars()
		if !slices.EqualFunc(l.bar, c.bars, slices.Equal[[]bool]) || l.oneBar != c.one {
			t.Errorf("%s: bars %v, one %v; want %v, %v", c.name, l.bar, l.oneBar, c.bars, c.one)
		}
	}
}

// TestPanelSize checks that cells have a whole number of device pixels, that
// panels keep the aspect of the extent, and that larger panels appear where
// there is room, up to MaxPanel.
func TestPanelSize(t *testing.T) {
	for _, c := range []struct {
		side, across    int
		width, maxPanel float64
	}{{28, 1, 200, 55}, {56, 3, 200, 55}, {128, 4, 200, 55}, {20, 8, 120, 30}, {500, 2, 100, 40}} {
		var row []Panel
		for range c.across {
			row = append(row, Panel{Values: constant(c.side*c.side, 1), Rows: c.side,
				Cols: c.side, Scale: "x"})
		}
		p := &Panels{Panels: [][]Panel{row}, Width: c.width, MaxPanel: c.maxPanel}
		l := &panelLayout{Panels: p, rows: 1, cols: c.across}
		l.gatherScales()
		l.placeBars()
		l.measure()
		cell := l.w * deviceScale / float64(c.side)
		if cell != math.Trunc(cell) || cell < 1 || l.w != l.h {
			t.Errorf("%+v: a cell of %g device pixels in a panel of %g × %g", c, cell, l.w, l.h)
		}
		if cell > 1 && (l.figW > c.width*pxPerMM+1 || l.w > c.maxPanel*pxPerMM) {
			t.Errorf("%+v: a panel of %g in a figure of %g", c, l.w, l.figW)
		}
		room := c.width*pxPerMM - l.figW
		grown := l.w + float64(c.side)/deviceScale
		if room > float64(c.across)*float64(c.side)/deviceScale+2 && grown < c.maxPanel*pxPerMM {
			t.Errorf("%+v: a panel of %g leaves %g of room", c, l.w, room)
		}
	}
}

// TestFit checks that the fitted range of an axis holds the data with a margin,
// that marks widen the vertical axis, that a fixed range wins, and that YZero
// begins at 0.
func TestFit(t *testing.T) {
	series := []Series{{X: []float64{1, 2, 3}, Y: []float64{10, 30, 20}}}
	fit := func(c Chart) *chartLayout {
		c.Series = series
		return c.layout()
	}
	if l := fit(Chart{}); !(l.y.lo < 10 && l.y.lo > 8) || !(l.y.hi > 30 && l.y.hi < 32) ||
		!(l.x.lo < 1 && l.x.lo > 0.9) {
		t.Errorf("fitted to %v and %v", l.x, l.y)
	}
	if l := fit(Chart{YZero: true}); l.y.lo != 0 {
		t.Errorf("with YZero the axis begins at %g", l.y.lo)
	}
	if l := fit(Chart{YMarks: []Mark{{At: 50}}}); l.y.hi < 50 {
		t.Errorf("a mark at 50 lies beyond %g", l.y.hi)
	}
	if l := fit(Chart{YRange: [2]float64{0, 15}}); l.y.lo != 0 || l.y.hi != 15 {
		t.Errorf("a fixed range became %v", l.y)
	}
	if l := fit(Chart{YLog: true, YRange: [2]float64{0, 15}}); l.y.lo <= 0 {
		t.Errorf("a logarithmic axis begins at %g", l.y.lo)
	}
}

// TestBins checks that the default bins follow Freedman and Diaconis within
// their bounds, that values beyond a fixed range do not count, and that values
// that are not finite are left out.
func TestBins(t *testing.T) {
	var values []float64
	for i := range 1000 {
		values = append(values, float64(i)/1000) // interquartile range 0.5
	}
	h := Histogram{Samples: []Sample{{Values: append(values, math.NaN(), math.Inf(1))}}}
	b := h.bin()
	// 2 · 0.5 / 1000^{1/3} = 0.1 is the width, so ten bins fit [0, 0.999].
	if n := len(b.edges) - 1; n < 9 || n > 10 {
		t.Errorf("%d bins", n)
	}
	h.XRange, h.Bins = [2]float64{0, 0.5}, 5
	b = h.bin()
	area := 0.0
	for _, d := range b.density[0] {
		area += d * 0.1
	}
	if len(b.edges) != 6 || math.Abs(area-0.501) > 1e-9 {
		t.Errorf("half of the range has the area %g in %d bins", area, len(b.edges)-1)
	}
	if b.names[0] != "sample 1" {
		t.Errorf("a sample without a name is called %q", b.names[0])
	}
}

// TestMeasurementMapOf checks that data of one sign, or with a little noise
// about 0, have a sequential map, and data of both signs the signed map.
func TestMeasurementMapOf(t *testing.T) {
	ramp, noise := make([]float64, 1000), make([]float64, 1000)
	for i := range ramp {
		noise[i] = 0.05 * math.Sin(77*float64(i))
		ramp[i] = -float64(i)/1000 + noise[i]
	}
	for name, c := range map[string]struct {
		data []float64
		want ColorMap
	}{
		"ramp":     {ramp, MeasurementMap},
		"noise":    {noise, SignedMap},
		"nothing":  {nil, MeasurementMap},
		"zero":     {constant(5, 0), MeasurementMap},
		"NaN":      {[]float64{math.NaN(), 1, math.Inf(-1)}, MeasurementMap},
		"two":      {[]float64{1, -0.06}, SignedMap},
		"one sign": {[]float64{-1, -2}, MeasurementMap},
	} {
		if got := MeasurementMapOf(c.data); got != c.want {
			t.Errorf("%s has map %d, want %d", name, got, c.want)
		}
	}
	if MeasurementMapOf([]float64{1}, []float64{-1}) != SignedMap {
		t.Error("two channels of opposite signs have a sequential map")
	}
}
