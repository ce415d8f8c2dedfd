package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// box is the place of a part of a figure in CSS pixels.
type box struct {
	x0, y0, x1, y1 float64
	what           string
}

func (b box) overlaps(c box) bool {
	return min(b.x1, c.x1)-max(b.x0, c.x0) > 0.5 && min(b.y1, c.y1)-max(b.y0, c.y0) > 0.5
}

// recorder is a surface that notes where things are drawn.
type recorder struct{ texts, images, shapes []box }

func around(what string, ps []point) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1), what}
	for _, p := range ps {
		b.x0, b.x1 = min(b.x0, p.x), max(b.x1, p.x)
		b.y0, b.y1 = min(b.y0, p.y), max(b.y1, p.y)
	}
	return b
}

func (r *recorder) line(s stroke, ps ...point) {
	if len(ps) > 1 {
		r.shapes = append(r.shapes, around("line", ps))
	}
}

func (r *recorder) lines(s stroke, lines [][]point) {
	for _, ps := range lines {
		r.line(s, ps...)
	}
}

func (r *recorder) polygon(fill color.NRGBA, ps ...point) {
	r.shapes = append(r.shapes, around("polygon", ps))
}

func (r *recorder) disc(fill color.NRGBA, c point, radius float64) {
	r.shapes = append(r.shapes, box{c.x - radius, c.y - radius, c.x + radius, c.y + radius, "disc"})
}

func (r *recorder) image(p point, img *image.Paletted) {
	w, h := float64(img.Rect.Dx())/deviceScale, float64(img.Rect.Dy())/deviceScale
	r.images = append(r.images, box{p.x, p.y, p.x + w, p.y + h, "image"})
}

// label notes the box of a text without its descenders.
func (r *recorder) label(l label) {
	w := textWidth(l.text, l.size)
	if w == 0 {
		return
	}
	start := float64(l.anchor) * w
	b := box{l.at.x - start, l.at.y - 0.72*l.size, l.at.x - start + w, l.at.y, l.text}
	if l.vertical {
		b = box{l.at.x - 0.72*l.size, l.at.y + start - w, l.at.x, l.at.y + start, l.text}
	}
	r.texts = append(r.texts, b)
}

func record(d drawing) *recorder {
	r := &recorder{}
	d.draw(r)
	return r
}

// check fails if a part of a figure is cut by the figure's edge, or if two
// texts overlap, or a text and a heat map.
func (r *recorder) check(d drawing) error {
	for _, list := range [][]box{r.texts, r.images, r.shapes} {
		for _, b := range list {
			if b.x0 < -0.5 || b.y0 < -0.5 || b.x1 > d.width+0.5 || b.y1 > d.height+0.5 {
				return fmt.Errorf("%q at %.1f…%.1f, %.1f…%.1f is cut by a figure of %.1f × %.1f",
					b.what, b.x0, b.x1, b.y0, b.y1, d.width, d.height)
			}
		}
	}
	for i, a := range r.texts {
		for _, b := range r.texts[:i] {
			if a.overlaps(b) {
				return fmt.Errorf("%+v overlaps %+v", a, b)
			}
		}
		for _, b := range r.images {
			if a.overlaps(b) {
				return fmt.Errorf("%q lies on a heat map", a.what)
			}
		}
	}
	return nil
}

// TestPanelsFit draws up to nine panels, of whatever shape, scale, unit and
// title: nothing is cut by the edge of the figure, and no text lies on another
// text or on a map.
func TestPanelsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(2, 40).Draw(t, "rows"), rapid.IntRange(8, 40).Draw(t, "cols")
		p := &Panels{NoAxes: rapid.Bool().Draw(t, "no axes"),
			Width: rapid.Float64Range(170, 220).Draw(t, "width")}
		aspect := rapid.Float64Range(0.6, 1.6).Draw(t, "aspect")
		p.Extent, p.Unit = NodeExtent(7, 7*aspect, rows, cols), "mm"
		across := rapid.IntRange(1, 3).Draw(t, "across")
		size := math.Pow(10, rapid.Float64Range(-7, 5).Draw(t, "size"))
		for i := range rapid.IntRange(1, 3).Draw(t, "down") {
			var row []Panel
			for j := range rapid.IntRange(1, across).Draw(t, "in row") {
				values := make([]float64, rows*cols)
				for k := range values {
					values[k] = size * math.Sin(float64(k+i+j))
				}
				row = append(row, Panel{
					Title: rapid.SampledFrom([]string{"", "mean", "mean\nexact"}).Draw(t, "title"),
					Note:  rapid.SampledFrom([]string{"", "RMS 0.0213"}).Draw(t, "note"),
					Quantity: rapid.SampledFrom([]string{"", "shear modulus", "vertical " +
						"displacement *u*_{y} of the specimen"}).Draw(t, "quantity"),
					Unit:  rapid.SampledFrom([]string{"", "kPa"}).Draw(t, "unit"),
					Scale: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "scale"),
					Rows:  rows, Cols: cols, Values: values,
				})
			}
			p.Panels = append(p.Panels, row)
		}
		d := p.layout()
		if err := record(d).check(d); err != nil {
			t.Fatal(err)
		}
	})
}

// TestChartsFit checks that a chart cuts nothing and that no two of its texts
// overlap, whatever the range of the data and the texts.
func TestChartsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := math.Pow(10, rapid.Float64Range(-9, 9).Draw(t, "size"))
		from := rapid.SampledFrom([]float64{0, 0.01, 1, 30}).Draw(t, "from") * size
		c := &Chart{XLabel: "noise level *σ*", YLabel: "loss per pixel",
			XLog: rapid.Bool().Draw(t, "x log"), YLog: rapid.Bool().Draw(t, "y log"),
			Equal: rapid.Bool().Draw(t, "equal"),
			Width: rapid.Float64Range(80, 180).Draw(t, "width"),
			Title: rapid.SampledFrom([]string{"", "A title"}).Draw(t, "title")}
		for i := range rapid.IntRange(1, 5).Draw(t, "series") {
			s := Series{Name: fmt.Sprint("series ", i), Style: Style(rapid.IntRange(0,
				int(Path)).Draw(t, "style"))}
			for k := range 12 {
				s.X = append(s.X, from+size*float64(k))
				s.Y = append(s.Y, from+size*(1.1+math.Sin(float64(k+i))))
			}
			c.Series = append(c.Series, s)
		}
		c.YMarks = []Mark{{At: from + size, Name: "floor"}}
		l := c.layout()
		d := drawing{l.w, l.h, "", l.draw}
		if err := record(d).check(d); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLongLastLabel checks that the plot area is narrower where the last tick
// label would end beyond the figure.
func TestLongLastLabel(t *testing.T) {
	c := &Chart{Width: 80, XRange: [2]float64{0, 80000},
		Series: []Series{{X: []float64{0, 80000}, Y: []float64{0, 1}}}}
	l := c.layout()
	d := drawing{l.w, l.h, "", l.draw}
	if err := record(d).check(d); err != nil {
		t.Error(err)
	}
	if last := l.xTicks[len(l.xTicks)-1]; last.text != "80000" {
		t.Errorf("the last label is %q", last.text)
	}
}

// TestLongLegend checks that a legend too long for one line breaks into
// several, all above the plot area.
func TestLongLegend(t *testing.T) {
	c := &Chart{Width: 90}
	for i := range 9 {
		c.Series = append(c.Series, Series{Name: strings.Repeat("name ", 3) + fmt.Sprint(i),
			X: []float64{0, 1}, Y: []float64{0, float64(i)}})
	}
	l := c.layout()
	lines := map[float64]bool{}
	for _, e := range l.legend {
		lines[e.at.y] = true
		if e.at.y+legendLine > l.top {
			t.Errorf("%q reaches into the plot area", e.name)
		}
	}
	if len(l.legend) != 9 || len(lines) < 3 {
		t.Errorf("%d names in %d lines", len(l.legend), len(lines))
	}
}
