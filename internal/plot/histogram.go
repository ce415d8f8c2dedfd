package plot

import (
	"fmt"
	"math"
	"slices"
)

// Sample is a set of values whose distribution a Histogram shows.
type Sample struct {
	Name   string
	Values []float64 // values that are not finite are left out
}

// Histogram is a figure of the densities of one or more samples, over common
// bins of equal width.
type Histogram struct {
	Title, XLabel string
	Samples       []Sample
	// 0: from the first sample, by Freedman and Diaconis (1981), between 8 and
	// 60
	Bins          int
	XRange        [2]float64 // the zero value: all values
	Curves        []Series   // densities drawn over the bars, as an exact posterior
	XMarks        []Mark     // vertical lines, as the truth
	Width, Height float64    // mm; 0 is 100 and 65
	Alt           string     // Figure.Alt
}

// Render draws the figure: the area of each sample's bars is 1 (less where
// XRange cuts).
func (h *Histogram) Render() *Figure {
	b := h.bin()
	c := Chart{Title: h.Title, XLabel: h.XLabel, YLabel: "density", Series: slices.Clone(h.Curves),
		XMarks: h.XMarks, XRange: h.XRange, YZero: true, Alt: h.Alt, bars: b,
		Width: orDefault(h.Width, 100), Height: orDefault(h.Height, 65)}
	for i := range c.Series { // colors after the colors of the samples
		if c.Series[i].Color == 0 {
			c.Series[i].Color = len(h.Samples) + i + 1
		}
	}
	return c.Render()
}

// bars are the histograms inside a chart.
type bars struct {
	edges   []float64
	density [][]float64 // of each sample, per bin
	names   []string
}

// bin counts the samples.
//
// The width of a bin by Freedman and Diaconis is 2·IQR/∛n, from the quartiles,
// which outliers do not move. The density of bin k is
//
//	count_k/(width·n),
//
// so that the areas sum to the share of the values in the range.
func (h *Histogram) bin() *bars {
	lo, hi := math.Inf(1), math.Inf(-1)
	finite := make([][]float64, len(h.Samples))
	for i, s := range h.Samples {
		for _, v := range s.Values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				finite[i] = append(finite[i], v)
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if h.XRange[0] < h.XRange[1] {
		lo, hi = h.XRange[0], h.XRange[1]
	}
	if lo > hi {
		lo, hi = 0, 1
	}
	if lo == hi {
		lo, hi = lo-0.5, hi+0.5
	}
	bins := h.Bins
	if bins <= 0 {
		bins = 12
		if len(finite) > 0 && len(finite[0]) > 0 {
			sorted := slices.Sorted(slices.Values(finite[0]))
			n := len(sorted)
			if width := 2 * (sorted[3*n/4] - sorted[n/4]) / math.Cbrt(float64(n)); width > 0 {
				bins = int(min(max((hi-lo)/width, 8), 60))
			}
		}
	}
	b := &bars{edges: make([]float64, bins+1)}
	width := (hi - lo) / float64(bins)
	for i := range b.edges {
		b.edges[i] = lo + float64(i)*width
	}
	for i, s := range h.Samples {
		d := make([]float64, bins)
		for _, v := range finite[i] {
			if v >= lo && v <= hi {
				d[min(int((v-lo)/width), bins-1)] += 1 / (width * float64(len(finite[i])))
			}
		}
		b.density = append(b.density, d)
		name := s.Name
		if name == "" {
			name = fmt.Sprintf("sample %d", i+1)
		}
		b.names = append(b.names, name)
	}
	return b
}

// fit widens the axes to the bars, whose bottom is 0.
func (b *bars) fit(l *chartLayout) {
	l.x.lo, l.x.hi = min(l.x.lo, b.edges[0]), max(l.x.hi, b.edges[len(b.edges)-1])
	l.y.lo, l.y.hi = min(l.y.lo, 0), max(l.y.hi, 0)
	for _, d := range b.density {
		l.y.hi = max(l.y.hi, slices.Max(d))
	}
}

// legend adds the samples' names with the numbers −2, −3, …, which no series
// has.
func (b *bars) legend(add func(name string, series int)) {
	for i, n := range b.names {
		add(n, -2-i)
	}
}

// sample draws a piece of the bars in the legend.
func (b *bars) sample(s surface, series int, from, to point) {
	c := cycle[(-2-series)%len(cycle)]
	s.polygon(withAlpha(c, 0x48), rectangle(from.x, from.y-5, to.x-from.x, 10)...)
	s.line(stroke{color: c, width: 1.25}, point{from.x, from.y - 5}, point{to.x, from.y - 5})
}

// draw fills the area of each sample with a pale color and strokes its upper
// edge, so samples can overlap.
func (b *bars) draw(l *chartLayout, s surface) {
	for i, d := range b.density {
		c := cycle[i%len(cycle)]
		edge := []point{l.at(b.edges[0], 0)}
		for k, v := range d {
			edge = append(edge, l.at(b.edges[k], v), l.at(b.edges[k+1], v))
		}
		edge = append(edge, l.at(b.edges[len(b.edges)-1], 0))
		s.polygon(withAlpha(c, 0x48), edge...)
		s.line(stroke{color: c, width: 1.25}, edge...)
	}
}
