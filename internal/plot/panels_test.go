package plot_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"csdm/internal/plot"
)

// placedImage is an image inside an SVG with its place in CSS pixels.
type placedImage struct {
	x, y, w, h float64
	img        image.Image
}

var imageTag = regexp.MustCompile(
	`<image x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"[^>]*base64,([^"]+)"`)

func images(t *testing.T, svg []byte) (list []placedImage) {
	t.Helper()
	for _, m := range imageTag.FindAllSubmatch(svg, -1) {
		var v [4]float64
		for i := range v {
			var err error
			if v[i], err = strconv.ParseFloat(string(m[i+1]), 64); err != nil {
				t.Fatal(err)
			}
		}
		data, err := base64.StdEncoding.DecodeString(string(m[5]))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, placedImage{v[0], v[1], v[2], v[3], decode(t, data)})
	}
	return list
}

// TestCellsAreExact checks that every cell of a field is a block of equal size
// and one color, in the PNG and in the SVG alike, that row 0 is at the bottom,
// and that colors order as values do.
func TestCellsAreExact(t *testing.T) {
	const rows, cols = 3, 4
	field := make([]float64, rows*cols)
	for k := range field {
		field[k] = float64(k * k)
	}
	field[5], field[6] = math.NaN(), math.Inf(1)
	p := plot.Panels{Panels: [][]plot.Panel{{{Values: field, Rows: rows, Cols: cols}}},
		Extent: plot.NodeExtent(3, 2, rows, cols)}
	f := p.Render()
	list := images(t, f.SVG)
	if len(list) != 2 {
		t.Fatalf("%d images, want field and bar", len(list))
	}
	heat, page := list[0], decode(t, f.PNG)
	W, H := heat.img.Bounds().Dx(), heat.img.Bounds().Dy()
	if W%cols != 0 || H%rows != 0 || W/cols != H/rows || float64(W) != 2*heat.w ||
		float64(H) != 2*heat.h {
		t.Fatalf("%d × %d pixels for %d × %d square cells of %g × %g CSS pixels", W, H, cols, rows,
			heat.w, heat.h)
	}
	seen := map[color.RGBA]int{}
	previous := -1.0
	for k, v := range field {
		row, col := k/cols, k%cols
		x0, y0 := col*W/cols, (rows-1-row)*H/rows
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue // TestMissingCells
		}
		first := color.RGBAModel.Convert(heat.img.At(x0, y0)).(color.RGBA)
		for y := y0; y < y0+H/rows; y++ {
			for x := x0; x < x0+W/cols; x++ {
				inSVG := color.RGBAModel.Convert(heat.img.At(x, y))
				inPNG := color.RGBAModel.Convert(page.At(int(2*heat.x)+x, int(2*heat.y)+y))
				if inSVG != first || inPNG != first {
					t.Fatalf("cell (%d, %d): pixel (%d, %d) is %v in the SVG, %v in the PNG, "+
						"want %v", row, col, x, y, inSVG, inPNG, first)
				}
			}
		}
		seen[first]++
		luma := 0.2126*math.Pow(float64(first.R)/255, 2.2) +
			0.7152*math.Pow(float64(first.G)/255, 2.2) + 0.0722*math.Pow(float64(first.B)/255, 2.2)
		if luma <= previous {
			t.Errorf("cell of %g is no lighter than the one before", v)
		}
		previous = luma
	}
	if len(seen) != rows*cols-2 {
		t.Errorf("%d colors for %d different values", len(seen), rows*cols-2)
	}
}

// TestScales checks that panels of one scale show equal values alike, whatever
// else they hold, and that a scale of differences has its pale middle at 0.
func TestScales(t *testing.T) {
	panel := func(m plot.ColorMap, scale string, v ...float64) plot.Panel {
		return plot.Panel{Values: v, Rows: 1, Cols: len(v), Map: m, Scale: scale}
	}
	p := plot.Panels{Panels: [][]plot.Panel{{
		panel(plot.FieldMap, "x", 0, 1), panel(plot.FieldMap, "x", 1, 4),
		panel(plot.FieldMap, "", 0, 1),
		panel(plot.DifferenceMap, "", -3, 0, 0.1)}}}
	list := images(t, p.Render().SVG)
	if len(list) != 4+3 {
		t.Fatalf("%d images, want 4 panels and 3 bars", len(list))
	}
	var panels []placedImage
	for _, l := range list {
		if l.w > 10 { // not a bar
			panels = append(panels, l)
		}
	}
	last := func(i int) color.Color { return panels[i].img.At(panels[i].img.Bounds().Dx()-1, 0) }
	if panels[1].img.At(0, 0) != last(0) {
		t.Error("the value 1 has two colors on one scale")
	}
	if last(2) != last(1) || last(2) == last(0) {
		t.Error("a panel of its own scale does not span the map")
	}
	r, g, b, _ := panels[3].img.At(panels[3].img.Bounds().Dx()/2, 0).RGBA()
	if min(r, g, b) < 0xe000 {
		t.Errorf("difference 0 is %x %x %x, not pale", r, g, b)
	}
}

// TestMissingCells checks that cells without a value show a gray ground with
// darker lines, in both formats, and that no other cell shows either gray.
func TestMissingCells(t *testing.T) {
	const n = 6
	field := make([]float64, n*n)
	for k := range field {
		field[k] = float64(k)
	}
	field[0], field[n*n-1] = math.NaN(), math.Inf(-1)
	p := plot.Panels{Panels: [][]plot.Panel{{{Values: field, Rows: n, Cols: n}}}}
	heat := images(t, p.Render().SVG)[0].img
	ground, line := color.RGBA{0xb4, 0xb4, 0xb4, 0xff}, color.RGBA{0x86, 0x86, 0x86, 0xff}
	side := heat.Bounds().Dx() / n
	for k := range field {
		counts := map[bool]int{}
		var grounds, lines int
		for y := range side {
			for x := range side {
				switch heat.At(k%n*side+x, (n-1-k/n)*side+y) {
				case ground:
					grounds++
				case line:
					lines++
				default:
					counts[true]++
				}
			}
		}
		if missing := k == 0 || k == n*n-1; missing && (counts[true] > 0 || lines == 0 ||
			grounds < 2*lines) || !missing && grounds+lines > 0 {
			t.Errorf("cell %d of value %g has %d pixels of ground, %d of lines, %d others", k,
				field[k], grounds, lines, counts[true])
		}
	}
}

// TestSignedAndCyclicScales checks that a scale of signed data has its white at
// 0 even if the data lie on one side, and that a scale of angles has one color
// at both of its ends.
func TestSignedAndCyclicScales(t *testing.T) {
	panel := func(m plot.ColorMap, lo, hi float64, v ...float64) plot.Panel {
		return plot.Panel{Values: v, Rows: 1, Cols: len(v), Map: m, Lo: lo, Hi: hi}
	}
	p := plot.Panels{Panels: [][]plot.Panel{{
		panel(plot.SignedMap, 0, 0, 0, 1, 2, 3),
		panel(plot.CyclicMap, -math.Pi, math.Pi, -math.Pi, 0, math.Pi, 1)}}}
	list := images(t, p.Render().SVG)
	signed, cyclic := list[0].img, list[2].img
	side := signed.Bounds().Dx() / 4
	if r, g, b, _ := signed.At(0, 0).RGBA(); min(r, g, b) < 0xe000 {
		t.Errorf("0 is %x %x %x on a scale of signed data, not white", r, g, b)
	}
	if cyclic.At(0, 0) != cyclic.At(2*side, 0) || cyclic.At(0, 0) == cyclic.At(side, 0) {
		t.Errorf("−π, 0 and π are %v, %v and %v", cyclic.At(0, 0), cyclic.At(side, 0),
			cyclic.At(2*side, 0))
	}
}

// TestOddInput checks that a figure comes out whatever the numbers and strings
// are: an SVG that is well-formed and without NaN.
func TestOddInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	const evil = `</text><script>"&'` + "\x00"
	panel := func(v ...float64) *plot.Panels {
		return &plot.Panels{Panels: [][]plot.Panel{{{Title: evil, Note: evil, Unit: evil, Values: v,
			Rows: 1, Cols: len(v)}}}, Alt: evil}
	}
	chart := func(log bool, y ...float64) *plot.Chart {
		x := make([]float64, len(y))
		for i := range x {
			x[i] = float64(i)
		}
		return &plot.Chart{Title: evil, XLabel: evil, YLabel: evil, XLog: log, YLog: log,
			YMarks: []plot.Mark{{At: nan, Name: evil}},
			Series: []plot.Series{{Name: evil, X: x, Y: y},
				{X: x, Y: y, Lo: y, Hi: y, Style: plot.Markers},
				{X: x, Y: y, Lo: y, Hi: y, Style: plot.Points}}}
	}
	for name, render := range map[string]func() *plot.Figure{
		"NaN field":         panel(nan, nan).Render,
		"infinite field":    panel(inf, -inf, 1).Render,
		"constant field":    panel(7, 7).Render,
		"zero field":        panel(0).Render,
		"tiny differences":  panel(1, 1+1e-15).Render,
		"huge field":        panel(-1e300, 1e300).Render,
		"empty chart":       (&plot.Chart{}).Render,
		"NaN chart":         chart(false, nan, nan).Render,
		"gaps":              chart(false, 1, nan, 2, 3, inf, -inf, 4).Render,
		"negative on log":   chart(true, -1, 0, 2, -3, 4).Render,
		"all negative, log": chart(true, -1, -2).Render,
		"one point":         chart(false, 5).Render,
		"constant, log":     chart(true, 5, 5, 5).Render,
		"empty histogram":   (&plot.Histogram{}).Render,
		"NaN histogram": (&plot.Histogram{Samples: []plot.Sample{{Values: []float64{nan,
			inf}}}}).Render,
		"constant histogram": (&plot.Histogram{Samples: []plot.Sample{{Name: evil,
			Values: []float64{3, 3, 3}}}}).Render,
	} {
		t.Run(name, func(t *testing.T) {
			f := render()
			decode(t, f.PNG)
			if bytes.Contains(f.SVG, []byte("NaN")) || bytes.Contains(f.SVG, []byte("Inf")) {
				t.Errorf("numbers that are none: %.300s", f.SVG)
			}
			for d := xml.NewDecoder(bytes.NewReader(f.SVG)); ; {
				token, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("not well-formed: %v", err)
				}
				if e, ok := token.(xml.StartElement); ok &&
					strings.Contains("script style", e.Name.Local) {
					t.Errorf("element <%s>", e.Name.Local)
				}
			}
		})
	}
}

// TestWrongLengthPanics checks that slices of wrong length panic with the name
// of the package: they are mistakes of the caller, and no figure could be
// right.
func TestWrongLengthPanics(t *testing.T) {
	for name, render := range map[string]func() *plot.Figure{
		"panel": (&plot.Panels{Panels: [][]plot.Panel{{{Values: make([]float64, 5), Rows: 2,
			Cols: 2}}}}).Render,
		"chart": (&plot.Chart{Series: []plot.Series{{X: make([]float64, 2),
			Y: make([]float64, 3)}}}).Render,
	} {
		func() {
			defer func() {
				if s, ok := recover().(string); !ok || !strings.HasPrefix(s, "plot: ") {
					t.Errorf("%s: panic %q", name, s)
				}
			}()
			render()
		}()
	}
}

// TestFrame checks that the part outside of a Frame is paled and the part
// inside is not, and that the ends of the axes are named at the Frame's
// corners.
func TestFrame(t *testing.T) {
	const n = 20
	p := plot.Panels{
		Panels: [][]plot.Panel{{{Values: make([]float64, n*n), Rows: n, Cols: n}}},
		Extent: plot.Extent{X1: 10, Y1: 10}, Unit: "mm",
	}
	plain := p.Render()
	p.Frame, p.Sides = plot.Extent{X0: 2, X1: 8, Y0: 3, Y1: 9}, true
	framed := p.Render()
	if !plot.Drew(plain.PNG) || plot.Drew(framed.PNG[1:]) || plot.Drew(nil) {
		t.Error("figures of this package are not told from other bytes")
	}
	a, b, at := decode(t, plain.PNG), decode(t, framed.PNG), images(t, plain.SVG)[0]
	for _, c := range []struct {
		x, y  float64 // mm
		paled bool
	}{{1, 5, true}, {9, 5, true}, {5, 2, true}, {5, 9.5, true}, {1, 1, true}, {5, 5, false},
		{7, 8, false}, {3, 4, false}} {
		x, y := int(2*(at.x+c.x/10*at.w)), int(2*(at.y+(1-c.y/10)*at.h))
		r0, _, _, _ := a.At(x, y).RGBA()
		r1, _, _, _ := b.At(x, y).RGBA()
		if (r1 > r0+0x2000) != c.paled || !c.paled && r1 != r0 {
			t.Errorf("(%v, %v): red is %#x, with a frame %#x", c.x, c.y, r0, r1)
		}
	}
	for _, name := range []string{"left", "right", "top", "bottom"} {
		if bytes.Contains(plain.SVG, []byte(">"+name+"<")) ||
			!bytes.Contains(framed.SVG, []byte(">"+name+"<")) {
			t.Errorf("%q is named without Sides, or not with them", name)
		}
	}
}
