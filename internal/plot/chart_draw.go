package plot

import (
	"image/color"
	"math"
)

// at returns the place of a pair of values. y grows downward on the surface and
// upward in the data.
func (l *chartLayout) at(x, y float64) point {
	return point{l.left + l.x.place(x)*(l.right-l.left), l.bottom - l.y.place(y)*(l.bottom-l.top)}
}

// draw draws from back to front: grid, bars, bands, raw lines, marks, series,
// frame, legend. A pale band thus hides no line.
func (l *chartLayout) draw(s surface) {
	l.drawGrid(s)
	if l.bars != nil {
		l.bars.draw(l, s)
	}
	for i, series := range l.Series { // bands below all lines
		if series.Lo != nil && series.Style.hasLine() {
			l.drawBand(s, i)
		}
	}
	for i, series := range l.Series {
		if series.Style == Raw {
			l.drawSeries(s, i)
		}
	}
	for i, m := range l.YMarks {
		if l.y.shows(m.At) {
			y := l.at(l.x.lo, m.At).y
			s.line(markStroke(i), point{l.left, y}, point{l.right, y})
		}
	}
	for i, m := range l.XMarks {
		if l.x.shows(m.At) {
			x := l.at(m.At, l.y.lo).x
			s.line(markStroke(len(l.YMarks)+i), point{x, l.bottom}, point{x, l.top})
		}
	}
	for i, series := range l.Series {
		if series.Style != Raw {
			l.drawSeries(s, i)
		}
	}
	l.drawFrame(s)
	l.drawLegend(s)
}

// markStroke is the line of the i-th mark, horizontal ones first.
func markStroke(i int) stroke {
	return stroke{color: faint, width: 1.25,
		dash: [][]float64{{5, 3}, {1.5, 2.5}, {9, 3, 1.5, 3}}[i%3]}
}

// drawGrid draws horizontal lines at the labeled ticks, and vertical ones on a
// logarithmic x axis, whose ticks are unevenly spaced.
func (l *chartLayout) drawGrid(s surface) {
	st := stroke{color: grid, width: 1}
	for _, t := range l.yTicks {
		if t.text != "" {
			y := crisp(l.at(l.x.lo, t.value).y)
			s.line(st, point{l.left, y}, point{l.right, y})
		}
	}
	if !l.XLog {
		return
	}
	for _, t := range l.xTicks {
		if t.text != "" {
			x := crisp(l.at(t.value, l.y.lo).x)
			s.line(st, point{x, l.top}, point{x, l.bottom})
		}
	}
}

// drawFrame draws the axes with their ticks and texts.
func (l *chartLayout) drawFrame(s surface) {
	st := stroke{color: ink, width: 1}
	s.line(st, point{l.left, l.top}, point{l.left, l.bottom}, point{l.right, l.bottom})
	for _, t := range l.xTicks {
		x := crisp(l.at(t.value, l.y.lo).x)
		length := tickLength
		if t.text == "" {
			length *= 0.6
		}
		s.line(st, point{x, l.bottom}, point{x, l.bottom + length})
		s.label(label{at: point{x, l.bottom + tickLength + tickGap + tickSize*0.8}, text: t.text,
			size: tickSize, anchor: anchorMiddle, color: ink})
	}
	for _, t := range l.yTicks {
		y := crisp(l.at(l.x.lo, t.value).y)
		length := tickLength
		if t.text == "" {
			length *= 0.6
		}
		s.line(st, point{l.left, y}, point{l.left - length, y})
		s.label(label{at: point{l.left - tickLength - tickGap, y + tickSize*0.35}, text: t.text,
			size: tickSize, anchor: anchorEnd, color: ink})
	}
	join := func(text, factor string) string {
		if factor == "" {
			return text
		}
		return text + " (" + factor + ")"
	}
	if l.XLabel != "" {
		s.label(label{at: point{(l.left + l.right) / 2, l.h - outerMargin - 4},
			text: join(l.XLabel, l.xFactor), size: labelSize, anchor: anchorMiddle, color: ink})
	}
	if l.YLabel != "" {
		s.label(label{at: point{outerMargin + labelSize*0.85, (l.top + l.bottom) / 2},
			text: join(l.YLabel, l.yFactor), size: labelSize, anchor: anchorMiddle, vertical: true,
			color: ink})
	}
	if l.Title != "" {
		s.label(label{at: point{l.left, outerMargin + titleSize}, text: l.Title, size: titleSize,
			bold: true, color: ink})
	}
}

// drawLegend draws each name with a sample of its line: band, line and marker
// as in the figure. Marks have the number −1 and bars the numbers from −2 down.
func (l *chartLayout) drawLegend(s surface) {
	marks := 0
	for _, e := range l.legend {
		mid := e.at.y + legendLine/2
		from, to := point{e.at.x, mid}, point{e.at.x + legendSample, mid}
		switch {
		case e.series < -1:
			l.bars.sample(s, e.series, from, to)
		case e.series == -1:
			s.line(markStroke(marks), from, to)
			marks++
		default:
			series := l.Series[e.series]
			c, k := l.color(e.series)
			if series.Lo != nil && series.Style.hasLine() {
				s.polygon(withAlpha(c, 0x30), rectangle(from.x, mid-5, legendSample, 10)...)
			}
			if series.Style.hasLine() {
				s.line(lineStroke(series.Style, c, k), from, to)
			}
			switch middle := (point{(from.x + to.x) / 2, mid}); series.Style {
			case Points, Markers:
				marker(s, c, k, middle)
			case Dots:
				s.disc(c, middle, dotRadius)
			}
		}
		s.label(label{at: point{to.x + 6, mid + tickSize*0.36}, text: e.name, size: tickSize,
			color: ink})
	}
}

// lineStroke returns the line of a style: raw data pale and thin, lines with
// points solid, other lines with the dash of their place.
func lineStroke(style Style, c color.NRGBA, place int) stroke {
	switch style {
	case Raw:
		return stroke{color: withAlpha(c, 0x40), width: 1}
	case Points, Path:
		return stroke{color: c, width: 1.5}
	}
	return stroke{color: c, width: 1.75, dash: dashes[place]}
}

// hasLine reports whether a series of style s has a line through its points.
func (s Style) hasLine() bool { return s != Markers && s != Dots }

const (
	dotRadius = 2.0
	dotAlpha  = 0x80
)

// marker draws the place-th marker of the cycle: disc, square, triangle,
// diamond.
func marker(s surface, c color.NRGBA, place int, p point) {
	const r = 3.4
	switch place % 4 {
	case 0:
		s.disc(c, p, r)
	case 1:
		s.polygon(c, rectangle(p.x-r*0.9, p.y-r*0.9, 1.8*r, 1.8*r)...)
	case 2:
		s.polygon(c, point{p.x, p.y - 1.3*r}, point{p.x + 1.2*r, p.y + 0.8*r},
			point{p.x - 1.2*r, p.y + 0.8*r})
	case 3:
		s.polygon(c, point{p.x, p.y - 1.35*r}, point{p.x + 1.35*r, p.y}, point{p.x, p.y + 1.35*r},
			point{p.x - 1.35*r, p.y})
	}
}

// drawSeries draws the line, in pieces around points that cannot be shown, and
// its markers.
func (l *chartLayout) drawSeries(s surface, i int) {
	series := l.Series[i]
	c, k := l.color(i)
	st := lineStroke(series.Style, c, k)
	if series.Style.hasLine() {
		var pieces [][]point
		for _, run := range l.runs(series) {
			if series.Style != Path {
				run = thin(run)
			}
			pieces = append(pieces, l.clip(run)...)
		}
		s.lines(st, pieces)
	}
	if series.Style != Points && series.Style != Markers && series.Style != Dots {
		return
	}
	for j := range series.X {
		if !l.x.shows(series.X[j]) || !l.y.shows(series.Y[j]) {
			continue
		}
		p := l.at(series.X[j], series.Y[j])
		switch {
		case !l.inside(p):
		case series.Style == Dots:
			s.disc(withAlpha(c, dotAlpha), p, dotRadius)
		default:
			l.drawErrorBar(s, series, j, c, p.x)
			marker(s, c, k, p)
		}
	}
}

// drawErrorBar draws the bar from Lo to Hi at point j of a series of Markers.
func (l *chartLayout) drawErrorBar(s surface, series Series, j int, c color.NRGBA, x float64) {
	if series.Style != Markers || series.Lo == nil || !l.y.shows(series.Hi[j]) {
		return
	}
	lo := l.bottom
	if l.y.shows(series.Lo[j]) {
		lo = min(l.bottom, l.at(series.X[j], series.Lo[j]).y)
	}
	hi := max(l.top, l.at(series.X[j], series.Hi[j]).y)
	bar := stroke{color: c, width: 1.25}
	s.line(bar, point{x, lo}, point{x, hi})
	s.line(bar, point{x - 3, hi}, point{x + 3, hi})
	s.line(bar, point{x - 3, lo}, point{x + 3, lo})
}

func (l *chartLayout) inside(p point) bool {
	const slack = 0.5
	return p.x >= l.left-slack && p.x <= l.right+slack && p.y >= l.top-slack && p.y <= l.bottom+
		slack
}

// runs returns the unbroken stretches of a series.
func (l *chartLayout) runs(s Series) (runs [][]point) {
	var run []point
	for i := range s.X {
		if l.x.shows(s.X[i]) && l.y.shows(s.Y[i]) {
			run = append(run, l.at(s.X[i], s.Y[i]))
			continue
		}
		if len(run) > 0 {
			runs, run = append(runs, run), nil
		}
	}
	if len(run) > 0 {
		runs = append(runs, run)
	}
	return runs
}

// thin reduces a run to the first, lowest, highest and last point of each
// column of one CSS pixel. The picture stays the same, however long the series.
func thin(run []point) []point {
	if len(run) < 4 {
		return run
	}
	const column = 1
	var out []point
	for i := 0; i < len(run); {
		j, lo, hi := i, i, i
		for ; j < len(run) && math.Floor(run[j].x/column) == math.Floor(run[i].x/column); j++ {
			if run[j].y < run[lo].y {
				lo = j
			}
			if run[j].y > run[hi].y {
				hi = j
			}
		}
		last := -1
		for _, k := range []int{i, min(lo, hi), max(lo, hi), j - 1} {
			if k > last {
				out, last = append(out, run[k]), k
			}
		}
		i = j
	}
	return out
}

// clip cuts a polyline at the edges of the plot area and returns the pieces
// inside (Liang and Barsky, 1984, segment by segment).
//
// For a segment p + t·(q − p), the distance inside an edge is room − t·d, with
// d the change toward the edge. It is positive for t < room/d if d > 0, for t >
// room/d if d < 0, and for all t or none if d = 0. The intersection of the four
// conditions is the part t0 ≤ t ≤ t1 that is inside.
func (l *chartLayout) clip(run []point) (pieces [][]point) {
	var piece []point
	flush := func() {
		if len(piece) > 1 {
			pieces = append(pieces, piece)
		}
		piece = nil
	}
	for i := 1; i < len(run); i++ {
		p, q := run[i-1], run[i]
		t0, t1 := 0.0, 1.0
		for _, edge := range [][2]float64{ // distance change and distance inside, for each edge
			{p.x - q.x, p.x - l.left}, {q.x - p.x, l.right - p.x},
			{p.y - q.y, p.y - l.top}, {q.y - p.y, l.bottom - p.y}} {
			switch d, room := edge[0], edge[1]; {
			case d == 0 && room < 0:
				t0, t1 = 1, 0
			case d < 0:
				t0 = max(t0, room/d)
			case d > 0:
				t1 = min(t1, room/d)
			}
		}
		if t0 > t1 {
			flush()
			continue
		}
		along := func(t float64) point { return point{p.x + t*(q.x-p.x), p.y + t*(q.y-p.y)} }
		if len(piece) == 0 || t0 > 0 {
			flush()
			piece = []point{along(t0)}
		}
		piece = append(piece, along(t1))
		if t1 < 1 {
			flush()
		}
	}
	flush()
	return pieces
}

// drawBand fills between Lo and Hi, within the plot area.
func (l *chartLayout) drawBand(s surface, i int) {
	series := l.Series[i]
	c, _ := l.color(i)
	var up, down []point
	fill := func() {
		if len(up) > 1 {
			for j := len(down) - 1; j >= 0; j-- {
				up = append(up, down[j])
			}
			s.polygon(withAlpha(c, 0x30), up...)
		}
		up, down = nil, nil
	}
	for j := range series.X {
		x, lo, hi := series.X[j], series.Lo[j], series.Hi[j]
		if !l.x.shows(x) || !l.y.shows(hi) || math.IsNaN(lo) || x < l.x.lo || x > l.x.hi {
			fill()
			continue
		}
		lo, hi = min(max(lo, l.y.lo), l.y.hi), min(max(hi, l.y.lo), l.y.hi)
		up, down = append(up, l.at(x, hi)), append(down, l.at(x, lo))
	}
	fill()
}
