package plot

import (
	"fmt"
	"image/color"
	"math"
)

// Style is how a Series is drawn.
type Style int

const (
	Line    Style = iota // a line
	Points               // a line with markers at the points
	Markers              // markers alone
	Raw                  // a thin pale line behind the others: unsmoothed data
	Dots                 // small pale discs, many of which may overlap
	Path                 // a line whose points need no order, as a contour
)

// Series is one curve of a chart. The points of Line, Points and Raw must be
// ordered by X. A point with a NaN interrupts the line.
type Series struct {
	Name string // in the legend; empty leaves it out
	X, Y []float64
	// Lo and Hi, if not nil, are limits around Y: a band around a line, or bars
	// at markers.
	Lo, Hi []float64
	Style  Style
	// Color is the place in the cycle of colors, markers and dashes, from 1. A
	// series with 0 has its place in the chart. Series that belong together, as
	// raw and smoothed loss, share one.
	Color int
}

// Mark is a straight line across a chart at one value, with a name in the
// legend.
type Mark struct {
	At   float64
	Name string
}

// Chart is a figure of curves over common axes.
type Chart struct {
	Title          string // usually left to the caption
	XLabel, YLabel string
	// XLog and YLog make an axis logarithmic. A logarithmic axis leaves out
	// points at or below 0.
	XLog, YLog bool
	Series     []Series
	XMarks     []Mark // vertical lines
	YMarks     []Mark // horizontal lines, which widen the axis until they show
	// XRange and YRange fix the axes. The zero value fits them to the data.
	// Lines are cut at the ends.
	XRange, YRange [2]float64
	// Equal gives both axes the same scale: it widens the range of one of them.
	// Both axes must be linear.
	Equal         bool
	YZero         bool    // the fitted linear axis starts at 0
	Width, Height float64 // mm; 0 is 150 and 78
	Alt           string  // Figure.Alt
	bars          *bars
}

// Render draws the figure. It panics if the slices of a series differ in
// length.
func (c *Chart) Render() *Figure {
	for _, s := range c.Series {
		n := len(s.X)
		if len(s.Y) != n || s.Lo != nil && len(s.Lo) != n || s.Hi != nil && len(s.Hi) != n ||
			(s.Lo == nil) != (s.Hi == nil) {
			panic(fmt.Sprintf("plot: series %q has slices of different lengths", s.Name))
		}
	}
	l := c.layout()
	return drawing{l.w, l.h, c.Alt, l.draw}.render()
}

// layout finds ranges and places. Ticks decide on the width of their labels,
// which decides on the plot area; Equal changes a range for the area, so that
// both are measured again.
func (c *Chart) layout() *chartLayout {
	l := &chartLayout{Chart: c, w: orDefault(c.Width, 150) * pxPerMM,
		h: orDefault(c.Height, 78) * pxPerMM}
	l.fit()
	l.measure()
	if c.Equal && !c.XLog && !c.YLog {
		l.equalize()
		l.measure()
	}
	return l
}

// orDefault returns v, or standard if v is not positive.
func orDefault(v, standard float64) float64 {
	if v <= 0 {
		return standard
	}
	return v
}

// chartLayout holds a chart's geometry in CSS pixels.
type chartLayout struct {
	*Chart
	w, h                     float64
	left, top, right, bottom float64 // edges of the plot area
	x, y                     scale
	xTicks, yTicks           []tick
	xFactor, yFactor         string
	legend                   []legendEntry
}

// legendEntry is one name of the legend with the upper left corner of its
// place.
type legendEntry struct {
	name   string
	at     point
	series int // −1: a mark
}

// fit finds the range of both axes.
//
// A point counts for y only if its x can be shown. Limits Lo and Hi of a band
// widen y, so that no error bar leaves the figure.
func (l *chartLayout) fit() {
	l.x = scale{lo: math.Inf(1), hi: math.Inf(-1), log: l.XLog}
	l.y = scale{lo: math.Inf(1), hi: math.Inf(-1), log: l.YLog}
	grow := func(s *scale, v float64) {
		if s.shows(v) {
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
		}
	}
	for _, s := range l.Series {
		for i := range s.X {
			if !l.x.shows(s.X[i]) {
				continue
			}
			grow(&l.x, s.X[i])
			grow(&l.y, s.Y[i])
			if s.Lo != nil {
				grow(&l.y, s.Lo[i])
				grow(&l.y, s.Hi[i])
			}
		}
	}
	if l.bars != nil {
		l.bars.fit(l)
	}
	for _, m := range l.YMarks {
		grow(&l.y, m.At)
	}
	for _, m := range l.XMarks {
		grow(&l.x, m.At)
	}
	zero := l.YZero && !l.YLog && l.y.lo >= 0
	l.x.widen(0.015, l.XRange)
	l.y.widen(0.05, l.YRange)
	if zero && l.YRange[0] >= l.YRange[1] {
		l.y.lo = 0
	}
}

// widen makes the fitted range a usable one with a margin, or replaces it by a
// fixed one.
//
// The cases are: no data, a range of a point, and a range. On a logarithmic
// axis the margin is a factor: with the range hi/lo and a margin m, each end
// moves by (hi/lo)^m. A range below 10⁻¹² of its values is rounding, and is
// opened by a tenth of the value.
func (s *scale) widen(margin float64, fixed [2]float64) {
	if fixed[0] < fixed[1] && (!s.log || fixed[0] > 0) {
		s.lo, s.hi = fixed[0], fixed[1]
		return
	}
	switch {
	case s.lo > s.hi && s.log:
		s.lo, s.hi = 0.1, 1
	case s.lo > s.hi:
		s.lo, s.hi = 0, 1
	case s.log && s.hi/s.lo < 1.01:
		s.lo, s.hi = s.lo/2, s.hi*2
	case s.log:
		f := math.Pow(s.hi/s.lo, margin)
		s.lo, s.hi = s.lo/f, s.hi*f
	case s.hi-s.lo <= 1e-12*max(math.Abs(s.lo), math.Abs(s.hi)):
		pad := max(0.1*math.Abs(s.lo), 1e-300)
		if s.lo == 0 {
			pad = 1
		}
		s.lo, s.hi = s.lo-pad, s.hi+pad
	default:
		pad := margin * (s.hi - s.lo)
		s.lo, s.hi = s.lo-pad, s.hi+pad
	}
}

// equalize widens the range of one axis about its middle until a unit is as
// long on both axes. The tick labels that a wider range brings may then shift
// the plot area by a few pixels.
//
// With p_x and p_y pixels per unit, the axis with more pixels gets a range
// longer by their ratio. No data leaves the figure, since ranges only grow.
func (l *chartLayout) equalize() {
	perX := (l.right - l.left) / (l.x.hi - l.x.lo)
	perY := (l.bottom - l.top) / (l.y.hi - l.y.lo)
	widen := func(s *scale, by float64) {
		middle, half := (s.lo+s.hi)/2, by*(s.hi-s.lo)/2
		s.lo, s.hi = middle-half, middle+half
	}
	if perX > perY {
		widen(&l.x, perX/perY)
	} else {
		widen(&l.y, perY/perX)
	}
}

const (
	legendSample = 24.0 // width of a legend's sample line
	legendGap    = 18.0 // between entries
	legendLine   = 17.0
)

// measure places the edges of the plot area from the outside inwards: title,
// legend and texts of the axes take their space, and the rest is for the data.
// A tick of y needs about 40 pixels, one of x 70, for its text is wide.
func (l *chartLayout) measure() {
	l.top, l.legend = outerMargin+4, nil
	if l.Title != "" {
		l.top += titleSize + 8
	}
	l.right = l.w - outerMargin - 10
	l.bottom = l.h - outerMargin - tickLength - tickGap - tickSize - 2
	if l.XLabel != "" {
		l.bottom -= labelSize + 6
	}
	l.bottom = crisp(l.bottom)
	l.yTicks, l.yFactor = l.y.ticks(int(min(max((l.bottom-l.top)/40, 2), 8)))
	l.left = outerMargin + tickGap + tickLength
	widest := 0.0
	for _, t := range l.yTicks {
		widest = max(widest, textWidth(t.text, tickSize))
	}
	l.left += widest
	if l.YLabel != "" {
		l.left += labelSize + 8
	}
	l.left = crisp(l.left)
	l.xTicks, l.xFactor = l.x.ticks(int(min(max((l.right-l.left)/70, 2), 9)))
	l.right -= l.overhang()
	l.placeLegend()
	l.top = crisp(l.top + 6)
}

// overhang is the width of the part of the tick labels beyond the right margin.
func (l *chartLayout) overhang() (over float64) {
	for _, t := range l.xTicks {
		if t.text != "" {
			end := l.at(t.value, l.y.lo).x + textWidth(t.text, tickSize)/2
			over = max(over, end-(l.w-outerMargin))
		}
	}
	return over
}

// placeLegend sets the names in lines above the plot area, where they hide
// nothing.
//
// A single name needs no legend: the label of the axis names the curve. A line
// that is full is followed by another, and the plot area begins below the last.
func (l *chartLayout) placeLegend() {
	add := func(name string, series int) {
		if name != "" {
			l.legend = append(l.legend, legendEntry{name: name, series: series})
		}
	}
	if l.bars != nil {
		l.bars.legend(add)
	}
	for i, s := range l.Series {
		add(s.Name, i)
	}
	for _, m := range l.YMarks {
		add(m.Name, -1)
	}
	for _, m := range l.XMarks {
		add(m.Name, -1)
	}
	if len(l.legend) == 0 || len(l.legend) == 1 && len(l.YMarks)+len(l.XMarks) == 0 {
		l.legend = nil
		return
	}
	x := l.left
	for i := range l.legend {
		w := legendSample + 6 + textWidth(l.legend[i].name, tickSize)
		if x > l.left && x+w > l.right {
			x, l.top = l.left, l.top+legendLine
		}
		l.legend[i].at = point{x, l.top}
		x += w + legendGap
	}
	l.top += legendLine
}

// color returns a series' color and its place in the cycles of markers and
// dashes.
func (l *chartLayout) color(i int) (c color.NRGBA, place int) {
	place = i
	if l.Series[i].Color > 0 {
		place = l.Series[i].Color - 1
	}
	place %= len(cycle)
	return cycle[place], place
}
