package plot_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"hash/fnv"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"csdm/internal/plot"
	"csdm/rng"
)

var update = flag.Bool("update", false, "write the golden figures anew")

// comparison is the figure that most reports turn on: truth and measurement,
// both means and standard deviations, and their differences.
func comparison() *plot.Panels {
	const n = 28
	exactMean, exactStd := moments(inclusion(n, 600, 1))
	mean, std := moments(inclusion(n, 96, 2))
	measured := displacement(n, 3)
	measured[5*n+20] = math.NaN()
	truth := disc(n, 0.42, 0.6)
	panel := func(title string, v []float64, m plot.ColorMap, quantity, unit string) plot.Panel {
		return plot.Panel{Title: title, Values: v, Rows: n, Cols: n, Map: m, Scale: quantity,
			Quantity: quantity, Unit: unit}
	}
	outlined := func(title string, v []float64, m plot.ColorMap, quantity string) plot.Panel {
		p := panel(title, v, m, quantity, "kPa")
		p.Outline = truth
		return p
	}
	dm := panel("difference", minus(mean, exactMean), plot.DifferenceMap, "difference", "kPa")
	ds := panel("", minus(std, exactStd), plot.DifferenceMap, "difference", "kPa")
	dm.Note, ds.Note = "RMSE 0.021", "RMSE 0.019"
	return &plot.Panels{
		Panels: [][]plot.Panel{
			{panel("truth", truth, plot.FieldMap, "shear modulus *μ*", "kPa"),
				outlined("mean\nscore network", mean, plot.FieldMap, "shear modulus *μ*"),
				outlined("mean\nexact", exactMean, plot.FieldMap, "shear modulus *μ*"), dm},
			{panel("measurement *u*_{y}", measured, plot.MeasurementMap, "displacement", "cm"),
				outlined("std\nscore network", std, plot.SpreadMap, "standard deviation"),
				outlined("std\nexact", exactStd, plot.SpreadMap, "standard deviation"), ds},
		},
		Extent: plot.NodeExtent(1, 1, n, n), Unit: "cm", Alt: "posterior of an inclusion",
	}
}

func sheet() *plot.Panels {
	const n, cols = 20, 6
	var p plot.Panels
	for i, f := range inclusion(n, 2*cols, 7) {
		if i%cols == 0 {
			p.Panels = append(p.Panels, nil)
		}
		last := len(p.Panels) - 1
		p.Panels[last] = append(p.Panels[last],
			plot.Panel{Values: f, Rows: n, Cols: n, Scale: "x", Unit: "kPa"})
	}
	p.Width, p.Colors = 120, 40
	p.RowTitles = []string{"first *x*", "draws seven to twelve"}
	return &p
}

// waves shows the maps of measured data: signed data of which a corner is
// missing, and a phase that wraps.
func waves() *plot.Panels {
	const n = 40
	real, phase := make([]float64, n*n), make([]float64, n*n)
	for k := range real {
		r := math.Hypot(float64(k%n), float64(k/n)) / n
		real[k] = 3e-3 * math.Cos(9*r) * math.Exp(-r)
		phase[k] = math.Remainder(9*r, 2*math.Pi)
		if k%n+k/n > 3*n/2 {
			real[k] = math.NaN()
		}
	}
	return &plot.Panels{
		Panels: [][]plot.Panel{{
			{Title: "real part", Values: real, Rows: n, Cols: n, Map: plot.SignedMap,
				Quantity: "displacement *u*_{R}", Unit: "mm"},
			{Title: "phase", Values: phase, Rows: n, Cols: n, Map: plot.CyclicMap,
				Quantity: "phase", Unit: "rad", Lo: -math.Pi, Hi: math.Pi}}},
		Extent: plot.NodeExtent(8, 8, n, n), Unit: "mm", Width: 150,
	}
}

// centers shows points over the contours of a density, on axes of one scale.
func centers() *plot.Chart {
	const n = 48
	r := rng.New(11, rng.Test, 0, 0)
	e := plot.Extent{X0: 0.3, X1: 0.54, Y0: 0.5, Y1: 0.74}
	density := make([]float64, n*n)
	for k := range density {
		x := (e.X0 + (float64(k%n)+0.5)*0.24/n - 0.42) / 0.03
		y := (e.Y0 + (float64(k/n)+0.5)*0.24/n - 0.62) / 0.02
		density[k] = math.Exp(-(x*x - x*y + y*y) / 1.5)
	}
	dots := plot.Series{Name: "draws", Style: plot.Dots}
	for range 256 {
		a, b := r.Normal(), r.Normal()
		dots.X = append(dots.X, 0.42+0.03*a)
		dots.Y = append(dots.Y, 0.62+0.02*(0.5*a+math.Sqrt(0.75)*b))
	}
	c := &plot.Chart{XLabel: "*x* (cm)", YLabel: "*y* (cm)", Equal: true, Width: 100, Height: 90,
		Series: []plot.Series{dots}}
	for _, level := range []struct {
		name  string
		value float64
	}{{"50 %", 0.5}, {"90 %", 0.1}} {
		s := plot.Series{Name: level.name, Style: plot.Path, Color: 2}
		s.X, s.Y = plot.Contour(density, n, n, e, level.value)
		c.Series = append(c.Series, s)
	}
	c.Series = append(c.Series, plot.Series{Name: "truth", X: []float64{0.41}, Y: []float64{0.63},
		Style: plot.Markers, Color: 4})
	return c
}

func lossCurve() *plot.Chart {
	const n = 4000
	r := rng.New(5, rng.Test, 0, 0)
	raw, smooth := plot.Series{Style: plot.Raw, Color: 1},
		plot.Series{Name: "training loss, smoothed", Color: 1}
	average := 0.0
	for i := range n {
		l := (0.9*math.Exp(-float64(i)/300) + 0.05) * math.Exp(0.4*r.Normal())
		raw.X, raw.Y = append(raw.X, float64(i)), append(raw.Y, l)
		if average = 0.98*average + 0.02*l; i == 0 {
			average = l
		}
		smooth.X, smooth.Y = append(smooth.X, float64(i)), append(smooth.Y, average)
	}
	held := plot.Series{Name: "held-out loss", Style: plot.Points, Color: 2}
	for i := 200; i < n; i += 400 {
		held.X, held.Y = append(held.X, float64(i)),
			append(held.Y, 0.9*math.Exp(-float64(i)/300)+0.058)
	}
	return &plot.Chart{XLabel: "training step", YLabel: "loss, Eq. 15", YLog: true,
		Series: []plot.Series{raw, smooth, held}, Alt: "loss falls"}
}

func levels() *plot.Chart {
	var s plot.Series
	s.Name, s.Style = "held-out loss", plot.Points
	for i := range 20 {
		sigma := 0.01 * math.Pow(1000, float64(i)/19)
		s.X = append(s.X, sigma)
		y := 0.2 * math.Exp(-math.Pow(math.Log(sigma/0.15), 2)/4)
		s.Y, s.Lo, s.Hi = append(s.Y, y+0.02), append(s.Lo, y*0.9+0.015), append(s.Hi, y*1.1+0.025)
	}
	return &plot.Chart{XLabel: "noise level *σ*", YLabel: "loss per cell", XLog: true, YZero: true,
		Series: []plot.Series{s},
		YMarks: []plot.Mark{{At: 0.11, Name: "finite-draw floor"}}, Width: 120, Height: 66}
}

func rmse() *plot.Chart {
	c := &plot.Chart{XLabel: "score evaluations", YLabel: "RMSE of the mean", XLog: true,
		YLog: true, Width: 120}
	for k, name := range []string{"Heun", "DPM-Solver++(2M)", "annealed Langevin",
		"predictor–corrector"} {
		s := plot.Series{Name: name, Style: plot.Points}
		for _, n := range []float64{6, 12, 24, 40, 80, 320} {
			s.X, s.Y = append(s.X, n), append(s.Y, 0.012+0.9/n/float64(k+1))
		}
		if k == 1 {
			for _, y := range s.Y {
				s.Lo, s.Hi = append(s.Lo, y*0.8), append(s.Hi, y*1.2)
			}
			s.Style = plot.Markers
		}
		c.Series = append(c.Series, s)
	}
	c.YMarks = []plot.Mark{{At: 0.011, Name: "floor of 256 draws"}}
	return c
}

func diameters() *plot.Histogram {
	r := rng.New(9, rng.Test, 0, 0)
	s := plot.Sample{Name: "score network"}
	for range 500 {
		s.Values = append(s.Values, 10.8+0.6*r.Normal())
	}
	exact := plot.Series{Name: "exact"}
	for x := 8.6; x < 13; x += 0.05 {
		exact.X = append(exact.X, x)
		exact.Y = append(exact.Y, math.Exp(-(x-10.8)*(x-10.8)/0.72)/(0.6*math.Sqrt(2*math.Pi)))
	}
	return &plot.Histogram{XLabel: "diameter (mm)", Samples: []plot.Sample{s},
		Curves: []plot.Series{exact}, XMarks: []plot.Mark{{At: 10, Name: "truth"}}}
}

var figures = []struct {
	name   string
	render func() *plot.Figure
}{
	{"comparison", func() *plot.Figure { return comparison().Render() }},
	{"sheet", func() *plot.Figure { return sheet().Render() }},
	{"loss", func() *plot.Figure { return lossCurve().Render() }},
	{"levels", func() *plot.Figure { return levels().Render() }},
	{"rmse", func() *plot.Figure { return rmse().Render() }},
	{"waves", func() *plot.Figure { return waves().Render() }},
	{"centers", func() *plot.Figure { return centers().Render() }},
	{"histogram", func() *plot.Figure { return diameters().Render() }},
}

// TestGolden compares each figure with its picture in testdata: the PNG's
// pixels up to the rounding of antialiased edges, and the SVG's text exactly,
// with a hash of the pixels of its images. Look at the pictures after -update.
func TestGolden(t *testing.T) {
	for _, f := range figures {
		t.Run(f.name, func(t *testing.T) {
			got := f.render()
			if again := f.render(); !bytes.Equal(got.PNG, again.PNG) ||
				!bytes.Equal(got.SVG, again.SVG) {
				t.Error("two renderings differ in bytes")
			}
			pngPath, svgPath := filepath.Join("testdata", f.name+".png"),
				filepath.Join("testdata", f.name+".svg")
			if *update {
				for path, data := range map[string][]byte{pngPath: got.PNG, svgPath: got.SVG} {
					if err := os.WriteFile(path, data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			want, err := os.ReadFile(pngPath)
			if err != nil {
				t.Fatal(err)
			}
			if n := differing(decode(t, got.PNG), decode(t, want)); n != 0 {
				t.Errorf("%d pixels differ from %s", n, pngPath)
			}
			wantSVG, err := os.ReadFile(svgPath)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := hashImages(t, got.SVG), hashImages(t, wantSVG); a != b {
				t.Errorf("SVG differs from %s", svgPath)
			}
		})
	}
}

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// differing counts the pixels that differ by more than two of 255 levels in a
// channel, or returns −1 if the sizes differ.
func differing(a, b image.Image) int {
	if a.Bounds() != b.Bounds() {
		return -1
	}
	n := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			ar, ag, ab, _ := a.At(x, y).RGBA()
			br, bg, bb, _ := b.At(x, y).RGBA()
			for _, d := range []int{int(ar) - int(br), int(ag) - int(bg), int(ab) - int(bb)} {
				if d > 2*257 || d < -2*257 {
					n++
					break
				}
			}
		}
	}
	return n
}

var dataURI = regexp.MustCompile(`data:image/png;base64,([A-Za-z0-9+/=]+)`)

// hashImages replaces the images in an SVG by a hash of their pixels, which
// does not depend on the compressor.
func hashImages(t *testing.T, svg []byte) string {
	return dataURI.ReplaceAllStringFunc(string(svg), func(uri string) string {
		data, err := base64.StdEncoding.DecodeString(dataURI.FindStringSubmatch(uri)[1])
		if err != nil {
			t.Fatal(err)
		}
		img := decode(t, data)
		h := fnv.New64a()
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				r, g, b, _ := img.At(x, y).RGBA()
				h.Write([]byte{byte(r), byte(g), byte(b)})
			}
		}
		return fmt.Sprintf("pixels:%v:%x", img.Bounds(), h.Sum64())
	})
}
