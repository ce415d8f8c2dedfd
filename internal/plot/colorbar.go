package plot

import (
	"image"
	"math"
	"strings"
)

// sharedScale is a color scale with the panels on it.
type sharedScale struct {
	lo, hi   float64
	fixed    bool
	cmap     ColorMap
	colors   int    // of the map, 0 for all
	quantity string // with markup
	unit     string
}

// include widens the scale to the values of a panel, or takes the limits that
// the panel fixes.
func (s *sharedScale) include(p Panel) {
	if p.Lo < p.Hi && !s.fixed {
		s.lo, s.hi, s.fixed = p.Lo, p.Hi, true
	}
	if s.fixed {
		return
	}
	for _, v := range p.Values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
		}
	}
}

// close makes the limits usable whatever the values were.
//
// Maps with a neutral middle need limits that are symmetric about 0: otherwise
// white would not mean 0. A constant field gets limits of half its value around
// it, so that it has a color in the middle of the map.
func (s *sharedScale) close() {
	if s.lo > s.hi { // nothing finite
		s.lo, s.hi = 0, 1
	}
	if s.cmap.symmetric() {
		m := max(math.Abs(s.lo), math.Abs(s.hi))
		s.lo, s.hi = -m, m
	}
	if s.hi-s.lo <= 1e-12*max(math.Abs(s.lo), math.Abs(s.hi)) {
		pad := 0.5 * math.Abs(s.lo)
		if pad == 0 {
			pad = 0.5
		}
		s.lo, s.hi = s.lo-pad, s.hi+pad
	}
}

// barTicks returns the ticks of a bar of the given height, and the factor that
// the ticks share. A bar has two ticks or more, as one tick shows no scale.
//
// More and more ticks are requested until two fall into the range: a step such
// as 0.5 may miss a range such as 0.6 to 0.9.
func (s *sharedScale) barTicks(height float64) (ts []tick, factor string) {
	n := int(min(max(height/28, 2), 6))
	for ; len(ts) < 2 && n < 20; n++ {
		ts, factor = scale{lo: s.lo, hi: s.hi}.ticks(n)
	}
	return ts, factor
}

// barText returns the texts of a bar of the given height: the lines that read
// upward along the bar, and the header above the bar. The quantity, the factor
// of the ticks and the unit stand along the bar if they fit there in two lines.
// Otherwise the bar has only a header of factor and unit.
func (s *sharedScale) barText(height float64) (along []string, header string) {
	_, factor := s.barTicks(height)
	unit := strings.TrimSpace(factor + " " + s.unit)
	if s.quantity == "" {
		return nil, unit
	}
	text := s.quantity
	if unit != "" {
		text += " (" + strings.ReplaceAll(unit, " ", "\u00a0") + ")"
	}
	along = wrap(text, tickSize, height)
	for _, line := range along {
		if len(along) > 2 || textWidth(line, tickSize) > height {
			return nil, unit
		}
	}
	return along, ""
}

// tickWidth is the width of the widest tick label of a bar.
func (s *sharedScale) tickWidth(height float64) (w float64) {
	ts, _ := s.barTicks(height)
	for _, t := range ts {
		w = max(w, textWidth(t.text, tickSize))
	}
	return w
}

// barLine is the distance between two lines of text along a bar.
const barLine = tickSize * lineSpacing

// barSpace is the width that the bar of s needs to the right of its panel.
func (s *sharedScale) barSpace(height float64) float64 {
	along, header := s.barText(height)
	w := barWidth + tickLength + tickGap + s.tickWidth(height)
	if len(along) > 0 {
		w += tickGap + barLine*float64(len(along))
	}
	return barGap + max(w, textWidth(header, tickSize))
}

// drawBar draws the color bar of the scale with its upper left corner at (x,
// y).
func (s *sharedScale) drawBar(on surface, x, y, height float64) {
	img := image.NewPaletted(image.Rect(0, 0, int(barWidth*deviceScale),
		int(math.Round(height*deviceScale))), s.cmap.palette())
	for r := range img.Rect.Dy() {
		t := 1 - (float64(r)+0.5)/float64(img.Rect.Dy())
		index := coarse(s.cmap.index(t, 0, 1), s.colors)
		for c := range img.Rect.Dx() {
			img.Pix[r*img.Stride+c] = index
		}
	}
	on.image(point{x, y}, img)
	st := stroke{color: frame, width: 1}
	outline(on, x, y, barWidth, height)
	ts, _ := s.barTicks(height)
	axis := scale{lo: s.lo, hi: s.hi}
	right := x + barWidth + tickLength + tickGap
	for _, t := range ts {
		at := crisp(min(y+height*(1-axis.place(t.value)), y+height))
		on.line(st, point{x + barWidth, at}, point{x + barWidth + tickLength, at})
		on.label(label{at: point{right, at + tickSize*0.35}, text: t.text, size: tickSize,
			color: ink})
	}
	along, header := s.barText(height)
	right += s.tickWidth(height) + tickGap
	for k, line := range along {
		on.label(label{at: point{right + barLine*(float64(k)+0.8), y + height/2}, text: line,
			size: tickSize, anchor: anchorMiddle, vertical: true, color: ink})
	}
	if header != "" {
		on.label(label{at: point{x, y - 6}, text: header, size: tickSize, color: ink})
	}
}
