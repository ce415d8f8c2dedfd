package plot

import (
	"fmt"
	"math"
	"strings"
)

// Panel is one heat map.
type Panel struct {
	Title string // above the map, wrapped to its width; "\n" breaks a line
	Note  string // below the map, small: a number that belongs to it
	// Values is the field, row-major with row 0 at the bottom. Nil leaves the
	// place empty. NaN and infinite cells are hatched gray.
	Values     []float64
	Rows, Cols int
	Map        ColorMap
	// Quantity and Unit are the label of the color bar, as "shear modulus" and
	// "kPa".
	Quantity, Unit string
	// Outline is a field of Rows × Cols, as the true one. Lines follow the
	// edges between cells at which it jumps. Nil draws no lines.
	Outline []float64
	// Scale names the color scale. Panels of one figure with the same name
	// share their limits, and neighbors in a row share their bar. A panel
	// without a name has its own scale.
	Scale string
	// Lo and Hi fix the limits of the scale if Lo < Hi. Values beyond the
	// limits take the end colors. Otherwise the limits are the least and
	// greatest finite value of all panels on the scale. The scales of
	// DifferenceMap and SignedMap are made symmetric about 0.
	Lo, Hi float64
}

// Extent is where the cells of all panels lie: the physical coordinates of the
// outer edges of the outer cells. The zero Extent draws no axes and square
// cells.
type Extent struct{ X0, X1, Y0, Y1 float64 }

// NodeExtent is the Extent of rows × cols values on the nodes of a width ×
// height rectangle with its corner at the origin: the first and last nodes lie
// on the edges, so their cells reach out by half a spacing.
func NodeExtent(width, height float64, rows, cols int) Extent {
	hx, hy := width/float64(cols-1)/2, height/float64(rows-1)/2
	return Extent{-hx, width + hx, -hy, height + hy}
}

// Panels is a figure of heat maps in rows and columns.
type Panels struct {
	Panels [][]Panel // rows from the top; they may differ in length
	// RowTitles stand left of the rows and read upward, wrapped to a panel's
	// height. There may be fewer titles than rows.
	RowTitles []string
	Extent    Extent  // of every panel
	Unit      string  // of Extent, at the axes
	Width     float64 // mm, the most that the figure may take; 0 is 200
	// MaxPanel is the greatest width of one panel in mm; 0 is 55. A cell has at
	// least one device pixel, even if that makes the figure wider than Width.
	MaxPanel float64
	// Colors is how many colors of a map are used, at least 2; 0 is all. Fewer
	// colors make smaller files of noisy fields, and steps that show.
	Colors int
	NoAxes bool // no tick marks even with an Extent, which then gives the aspect alone
	// Frame is a rectangle that is outlined on every panel. The part outside
	// the rectangle is paled. The zero Frame draws nothing.
	Frame Extent
	Sides bool   // name the ends of axes with a Unit: left and right, bottom and top
	Alt   string // Figure.Alt
}

// Render draws the figure. It panics if a panel's Values are not Rows × Cols.
func (p *Panels) Render() *Figure { return p.layout().render() }

// RenderPNG draws only the PNG of Render, in a fifth of the time and with a
// little larger file.
func (p *Panels) RenderPNG() []byte { return p.layout().renderPNG() }

const (
	barGap      = 6.0  // between panel and bar
	barWidth    = 9.0  // of a color bar
	tickLength  = 3.5  // of all tick marks
	tickGap     = 3.0  // between tick mark and text
	panelGap    = 12.0 // between neighbors
	rowGap      = 14.0 // between rows
	outerMargin = 4.0  // around a figure
)

// panelLayout holds the geometry of a figure in CSS pixels during its layout.
type panelLayout struct {
	*Panels
	scales       map[string]*sharedScale
	key          [][]string // of each panel's scale
	bar          [][]bool   // whether a bar stands to the right of the panel
	oneBar       bool       // a single bar over the whole height instead
	rows, cols   int
	w, h         float64   // of a panel
	x            []float64 // left edge of each column
	y            []float64 // top edge of each row's panels
	titles       [][][]string
	rowTitles    [][]string
	left         float64
	gutter       []float64 // width right of each column
	xTicks       []tick
	yTicks       []tick
	xScale       scale
	yScale       scale
	figW, figH   float64
	bottomOfGrid float64
}

// axes reports whether tick marks are drawn.
func (p *Panels) axes() bool { return p.Extent != Extent{} && !p.NoAxes }

// layout finds the scales, then the bars, then all places.
func (p *Panels) layout() drawing {
	l := &panelLayout{Panels: p, rows: len(p.Panels)}
	for _, row := range p.Panels {
		l.cols = max(l.cols, len(row))
	}
	if l.rows == 0 || l.cols == 0 {
		panic("plot: Panels without a panel")
	}
	l.gatherScales()
	l.placeBars()
	l.measure()
	return drawing{l.figW, l.figH, p.Alt, l.draw}
}

// gatherScales collects the scales by name, each over all its panels, and
// checks the lengths.
func (l *panelLayout) gatherScales() {
	l.scales = map[string]*sharedScale{}
	for i, row := range l.Panels.Panels {
		keys := make([]string, len(row))
		for j, p := range row {
			if p.Values == nil {
				continue
			}
			if len(p.Values) != p.Rows*p.Cols || len(p.Values) == 0 {
				panic(fmt.Sprintf("plot: panel %q has %d values for %d × %d cells", p.Title,
					len(p.Values), p.Rows, p.Cols))
			}
			if p.Outline != nil && len(p.Outline) != len(p.Values) {
				panic(fmt.Sprintf("plot: panel %q has an outline of %d values for %d × %d cells",
					p.Title, len(p.Outline), p.Rows, p.Cols))
			}
			keys[j] = "named " + p.Scale
			if p.Scale == "" {
				keys[j] = fmt.Sprintf("own %d %d", i, j)
			}
			s := l.scales[keys[j]]
			if s == nil {
				s = &sharedScale{lo: math.Inf(1), hi: math.Inf(-1), cmap: p.Map,
					quantity: p.Quantity, unit: p.Unit, colors: l.Colors}
				l.scales[keys[j]] = s
			}
			s.include(p)
		}
		l.key = append(l.key, keys)
	}
	for _, s := range l.scales {
		s.close()
	}
}

// placeBars puts a bar to the right of each run of neighbors that share a
// scale. The panels above and below have a bar too, as the space is taken in
// any case. If all panels of several rows share one scale, a single bar stands
// next to the whole grid. A row that ends early needs no bar if a row of full
// length ends with the same scale.
func (l *panelLayout) placeBars() {
	l.oneBar = l.rows > 1 && len(l.scales) == 1
	atEnd := make(map[string]bool)
	for _, keys := range l.key {
		if len(keys) == l.cols {
			atEnd[keys[l.cols-1]] = true
		}
	}
	gutter := make([]bool, l.cols)
	for _, keys := range l.key {
		for j, k := range keys {
			ends := j == l.cols-1 || j == len(keys)-1 && !atEnd[k] || j < len(keys)-1 &&
				keys[j+1] != k
			gutter[j] = gutter[j] || k != "" && !l.oneBar && ends
		}
	}
	for _, keys := range l.key {
		bars := make([]bool, len(keys))
		for j, k := range keys {
			bars[j] = k != "" && gutter[j]
		}
		l.bar = append(l.bar, bars)
	}
}

// measure finds the size of the panels. With c columns, the width left by texts
// and bars is divided by c and rounded down so that each cell is a whole number
// of device pixels wide: an image of uneven cells shows stripes that are not in
// the data. The height follows from the aspect and is rounded likewise.
func (l *panelLayout) measure() {
	maxWidth, maxPanel := l.Width, l.MaxPanel
	if maxWidth <= 0 {
		maxWidth = 200
	}
	if maxPanel <= 0 {
		maxPanel = 55
	}
	rows, cols := l.resolution()
	aspect := float64(rows) / float64(cols)
	if (l.Extent != Extent{}) {
		aspect = (l.Extent.Y1 - l.Extent.Y0) / (l.Extent.X1 - l.Extent.X0)
	}
	// The text of the bars depends on the height of the panels, and the panels
	// have the space that the bars leave. A few rounds settle both.
	l.h = maxPanel * pxPerMM * aspect
	for range 3 {
		l.measureSides()
		free := maxWidth*pxPerMM - l.left - outerMargin
		for _, g := range l.gutter {
			free -= g
		}
		want := min(free/float64(l.cols), maxPanel*pxPerMM)
		l.w = snap(want, cols, math.Floor)
		l.h = snap(l.w*aspect, rows, math.Round)
	}
	l.measureSides()
	x := l.left
	l.x = l.x[:0]
	for j := range l.cols {
		l.x = append(l.x, math.Round(x))
		x = l.x[j] + l.w + l.gutter[j]
	}
	l.figW = x + outerMargin
	l.measureRows()
}

// resolution returns the rows and columns of the first panel, whose cells
// become whole device pixels.
func (l *panelLayout) resolution() (rows, cols int) {
	for _, row := range l.Panels.Panels {
		for _, p := range row {
			if p.Values != nil {
				return p.Rows, p.Cols
			}
		}
	}
	return 1, 1
}

// snap returns the width near want that gives each of n cells the same whole
// number of device pixels, at least one.
//
// With n cells and two device pixels per CSS pixel, the cell is round(want·2/n)
// device pixels, and the width n times that over two.
func snap(want float64, n int, round func(float64) float64) float64 {
	return max(1, round(want*deviceScale/float64(n))) * float64(n) / deviceScale
}

// measureSides finds the space left of the panels and between the columns for
// the present height of the panels.
func (l *panelLayout) measureSides() {
	l.rowTitles = l.rowTitles[:0]
	for _, text := range l.RowTitles {
		l.rowTitles = append(l.rowTitles, wrap(text, titleSize, l.h+panelGap))
	}
	l.left = outerMargin + l.rowTitleWidth()
	if l.axes() {
		e := l.Extent
		l.xScale, l.yScale = scale{lo: e.X0, hi: e.X1}, scale{lo: e.Y0, hi: e.Y1}
		l.xTicks, l.yTicks = l.xScale.shortTicks(tickCount(l.w)),
			l.yScale.shortTicks(tickCount(l.h))
		w := 0.0
		for _, t := range l.yTicks {
			w = max(w, textWidth(t.text, tickSize))
		}
		l.left += w + tickGap + tickLength
		if l.Unit != "" {
			l.left += tickSize + 4
		}
	}
	l.gutter = make([]float64, l.cols)
	for i, bars := range l.bar {
		for j, b := range bars {
			if b {
				l.gutter[j] = max(l.gutter[j], l.scales[l.key[i][j]].barSpace(l.h))
			}
		}
	}
	if l.oneBar {
		for _, s := range l.scales {
			l.gutter[l.cols-1] = s.barSpace(2 * l.h)
		}
	}
	for j := range l.cols - 1 {
		l.gutter[j] += panelGap
		if l.gutter[j] > panelGap {
			l.gutter[j] += 4
		}
	}
}

// rowTitleWidth is the space that the titles of the rows need on the left.
func (l *panelLayout) rowTitleWidth() float64 {
	lines := 0
	for _, t := range l.rowTitles {
		lines = max(lines, len(t))
	}
	if lines == 0 {
		return 0
	}
	return float64(lines)*titleSize*lineSpacing + 4
}

// tickCount is the number of ticks that suit an edge of a panel.
func tickCount(length float64) int { return int(min(max(math.Round(length/40), 2), 5)) }

// measureRows stacks titles, panels and notes.
//
// A row takes the space of its tallest title, so that panels of a row stand on
// one line.
func (l *panelLayout) measureRows() {
	y := outerMargin
	for i, row := range l.Panels.Panels {
		lines, note, header := 0, false, false
		titles := make([][]string, len(row))
		for j, p := range row {
			titles[j] = wrap(p.Title, titleSize, l.w+panelGap-2)
			lines = max(lines, len(titles[j]))
			note = note || p.Note != ""
			if l.bar[i][j] {
				_, text := l.scales[l.key[i][j]].barText(l.h)
				header = header || text != ""
			}
		}
		if l.oneBar && i == 0 {
			for _, s := range l.scales {
				_, text := s.barText(2 * l.h)
				header = text != ""
			}
		}
		l.titles = append(l.titles, titles)
		switch {
		case lines > 0:
			y += float64(lines)*titleSize*lineSpacing + 4
		case header:
			y += tickSize*lineSpacing + 4
		}
		y = math.Round(y)
		l.y = append(l.y, y)
		y += l.h
		l.bottomOfGrid = y
		if note {
			y += tickSize*lineSpacing + 3
			if i < l.rows-1 && l.axes() && l.anyLabelsX(i) {
				y += l.axisHeight()
			}
		}
		if i < l.rows-1 {
			y += rowGap
			if lines == 0 && !note { // a bare sheet: the same gap down as across
				y += panelGap - rowGap
			}
		}
	}
	if l.axes() {
		y += l.axisHeight()
	}
	l.figH = y + outerMargin + 2
}

// axisHeight is the space that the texts of a horizontal axis need below a
// panel.
func (l *panelLayout) axisHeight() float64 {
	h := tickLength + tickGap + tickSize
	if l.Unit != "" {
		h += tickSize*lineSpacing + 2
	}
	return h
}

// isBreak reports whether a line may end at r. It may not at a no-break space.
func isBreak(r rune) bool { return r == ' ' }

// wrap breaks text into lines of at most width, at spaces and at newlines.
//
// A word that is wider than a line stands on a line of its own.
func wrap(text string, size, width float64) []string {
	if text == "" {
		return nil
	}
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, word := range strings.FieldsFunc(paragraph, isBreak) {
			longer := strings.TrimSpace(line + " " + word)
			if line != "" && textWidth(longer, size) > width {
				lines, longer = append(lines, line), word
			}
			line = longer
		}
		lines = append(lines, line)
	}
	return lines
}
