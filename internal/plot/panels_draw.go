package plot

import "math"

// draw draws each panel: image, outline, frame, title, axes, note and bar.
func (l *panelLayout) draw(s surface) {
	for i, row := range l.Panels.Panels {
		if i < len(l.rowTitles) {
			l.drawRowTitle(s, l.rowTitles[i], l.y[i]+l.h/2)
		}
		for j, p := range row {
			if p.Values == nil {
				continue
			}
			x, y := l.x[j], l.y[i]
			sc := l.scales[l.key[i][j]]
			s.image(point{x, y}, heat(p, sc, l.w, l.h))
			p.drawOutline(s, x, y, l.w, l.h)
			l.drawFrame(s, x, y)
			outline(s, x, y, l.w, l.h)
			l.drawTitle(s, l.titles[i][j], x+l.w/2, y)
			if l.axes() {
				l.drawAxes(s, i, j)
			}
			if p.Note != "" {
				below := y + l.h + tickSize + 3
				if l.axes() && l.labelsX(i, j) {
					below += l.axisHeight()
				}
				s.label(label{at: point{x + l.w/2, below}, text: p.Note, size: tickSize,
					anchor: anchorMiddle, color: faint})
			}
			if l.bar[i][j] {
				sc.drawBar(s, x+l.w+barGap, y, l.h)
			}
		}
	}
	if l.oneBar {
		for _, sc := range l.scales {
			sc.drawBar(s, l.x[l.cols-1]+l.w+barGap, l.y[0], l.bottomOfGrid-l.y[0])
		}
	}
}

// frame returns the part of the Frame on the panel at (x, y). Without a Frame
// it returns the panel itself.
func (l *panelLayout) frame(x, y float64) (x0, x1, y0, y1 float64) {
	e, f := l.Extent, l.Frame
	if (f == Extent{}) {
		f = e
	}
	pixel := func(v float64) float64 { return math.Round(v*deviceScale) / deviceScale }
	across := func(v float64) float64 { return pixel(x + l.w*min(max((v-e.X0)/(e.X1-e.X0), 0), 1)) }
	down := func(v float64) float64 { return pixel(y + l.h*min(max((e.Y1-v)/(e.Y1-e.Y0), 0), 1)) }
	return across(f.X0), across(f.X1), down(f.Y1), down(f.Y0)
}

// drawFrame outlines the Frame on the panel at (x, y), and pales the part
// outside.
func (l *panelLayout) drawFrame(s surface, x, y float64) {
	if (l.Frame == Extent{}) {
		return
	}
	x0, x1, y0, y1 := l.frame(x, y)
	pale := withAlpha(white, 0xb4)
	for _, r := range [][4]float64{
		{x, y, l.w, y0 - y}, {x, y1, l.w, y + l.h - y1}, {x, y0, x0 - x, y1 - y0},
		{x1, y0, x + l.w - x1, y1 - y0},
	} {
		if r[2] > 0 && r[3] > 0 {
			s.polygon(pale, rectangle(r[0], r[1], r[2], r[3])...)
		}
	}
	corners := rectangle(x0, y0, x1-x0, y1-y0)
	corners = append(corners, corners[0], corners[1])
	s.line(stroke{color: white, width: 3.5}, corners...)
	s.line(stroke{color: ink, width: 1.5}, corners...)
}

// drawTitle stacks the lines of a title upward from the panel.
func (l *panelLayout) drawTitle(s surface, lines []string, x, bottom float64) {
	for k, line := range lines {
		up := float64(len(lines)-1-k) * titleSize * lineSpacing
		s.label(label{at: point{x, bottom - 6 - up}, text: line, size: titleSize,
			anchor: anchorMiddle, color: ink})
	}
}

// drawRowTitle puts the last line next to the panels, as above a column.
func (l *panelLayout) drawRowTitle(s surface, lines []string, y float64) {
	right := outerMargin + l.rowTitleWidth() - 8
	for k, line := range lines {
		back := float64(len(lines)-1-k) * titleSize * lineSpacing
		s.label(label{at: point{right - back, y}, text: line, size: titleSize, anchor: anchorMiddle,
			vertical: true, color: ink})
	}
}

// labelsY reports whether the vertical axis of panel (i, j) has tick labels. It
// has if no panel stands to its left.
func (l *panelLayout) labelsY(i, j int) bool {
	return j == 0 || l.Panels.Panels[i][j-1].Values == nil
}

// labelsX reports whether the horizontal axis of panel (i, j) has tick labels.
// It has if no panel stands below.
func (l *panelLayout) labelsX(i, j int) bool {
	if i == l.rows-1 {
		return true
	}
	below := l.Panels.Panels[i+1]
	return j >= len(below) || below[j].Values == nil
}

func (l *panelLayout) anyLabelsX(i int) bool {
	for j, p := range l.Panels.Panels[i] {
		if p.Values != nil && l.labelsX(i, j) {
			return true
		}
	}
	return false
}

func (l *panelLayout) drawAxes(s surface, i, j int) {
	x, y, st := l.x[j], l.y[i], stroke{color: frame, width: 1}
	for _, t := range l.xTicks {
		at := crisp(x + l.xScale.place(t.value)*l.w)
		s.line(st, point{at, y + l.h}, point{at, y + l.h + tickLength})
		if l.labelsX(i, j) {
			s.label(label{at: point{at, y + l.h + tickLength + tickGap + tickSize*0.8},
				text: t.text, size: tickSize, anchor: anchorMiddle, color: ink})
		}
	}
	for _, t := range l.yTicks {
		at := crisp(y + l.h - l.yScale.place(t.value)*l.h)
		s.line(st, point{x, at}, point{x - tickLength, at})
		if l.labelsY(i, j) {
			s.label(label{at: point{x - tickLength - tickGap, at + tickSize*0.35}, text: t.text,
				size: tickSize, anchor: anchorEnd, color: ink})
		}
	}
	if l.Unit == "" {
		return
	}
	if l.labelsX(i, j) {
		below := y + l.h + tickLength + tickGap + 2*tickSize + 3
		s.label(label{at: point{x + l.w/2, below}, text: "*x* (" + l.Unit + ")", size: tickSize,
			anchor: anchorMiddle, color: ink})
		if l.Sides {
			x0, x1, _, _ := l.frame(x, y)
			s.label(label{at: point{x0, below}, text: "left", size: tickSize, bold: true,
				color: ink})
			s.label(label{at: point{x1, below}, text: "right", size: tickSize, bold: true,
				anchor: anchorEnd, color: ink})
		}
	}
	if l.labelsY(i, j) && j == 0 {
		beside := outerMargin + l.rowTitleWidth() + tickSize*0.8
		s.label(label{at: point{beside, y + l.h/2}, text: "*y* (" + l.Unit + ")", size: tickSize,
			anchor: anchorMiddle, vertical: true, color: ink})
		if l.Sides {
			_, _, y0, y1 := l.frame(x, y)
			s.label(label{at: point{beside, y1}, text: "bottom", size: tickSize, bold: true,
				vertical: true, color: ink})
			s.label(label{at: point{beside, y0}, text: "top", size: tickSize, bold: true,
				anchor: anchorEnd, vertical: true, color: ink})
		}
	}
}
