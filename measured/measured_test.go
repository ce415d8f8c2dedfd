package measured

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/format"
	"csdm/internal/rng"
	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

// sampled returns a map of one channel of f at the samples of p.
func sampled(rows, cols int, p Placement, f func(x, y float64) float64) *Map {
	m := &Map{Channels: 1, Rows: rows, Cols: cols}
	for r := range rows {
		for c := range cols {
			m.Values = append(m.Values, f(p.OriginX+float64(c)*p.PixelX, p.OriginY+float64(r)*p.PixelY))
		}
	}
	return m
}

// TestResampleIsExactForLinearMaps: whatever the sizes, coarser or finer, and wherever the samples lie, bilinear maps come out as they
// are, up to the border.
func TestResampleIsExactForLinearMaps(t *testing.T) {
	target := Target{Rows: 17, Cols: 12, Width: 3, Height: 5, Unit: "mm"}
	f := func(x, y float64) float64 { return 2 - 3*x + 0.5*y + 0.7*x*y }
	for _, size := range [][2]int{{17, 12}, {5, 4}, {40, 61}, {16, 13}, {200, 3}, {18, 11}} {
		for _, inset := range []float64{0, 0.5, 0.3, -0.4, -2.2} { // of the outer samples, in pixels
			p := Placement{}
			p.PixelX = target.Width / (float64(size[1]-1) + 2*inset)
			p.PixelY = target.Height / (float64(size[0]-1) + 2*inset)
			if !(p.PixelX > 0 && p.PixelY > 0) {
				continue
			}
			p.OriginX, p.OriginY = inset*p.PixelX, inset*p.PixelY
			got, err := sampled(size[0], size[1], p, f).Resample(target, p)
			if err != nil {
				t.Fatalf("%v, inset %v: %v", size, inset, err)
			}
			for r := range target.Rows {
				for c := range target.Cols {
					want := f(target.Width*float64(c)/11, target.Height*float64(r)/16)
					if v := got[r*target.Cols+c]; math.Abs(v-want) > 1e-11 {
						t.Fatalf("%v, inset %v: node (%d, %d) is %v, want %v", size, inset, r, c, v, want)
					}
				}
			}
		}
	}
}

// TestResampleAverages: from a map k times as fine in each direction, whose pixels fill the cells, an inner node is the plain mean of k² samples:
// noise falls by k.
func TestResampleAverages(t *testing.T) {
	const k, nodes = 5, 31
	target := Target{Rows: nodes, Cols: nodes, Width: nodes - 1, Height: nodes - 1}
	p := Placement{OriginX: -0.4, OriginY: -0.4, PixelX: 1. / k, PixelY: 1. / k}
	s := rng.New(1, rng.Test, 0, 0)
	m := sampled(k*nodes, k*nodes, p, func(_, _ float64) float64 { return s.Normal() })
	got, err := m.Resample(target, p)
	if err != nil {
		t.Fatal(err)
	}
	var square float64
	for r := 1; r < nodes-1; r++ {
		for c := 1; c < nodes-1; c++ {
			mean := 0.0
			for i := range k * k {
				mean += m.Values[(r*k+i/k)*m.Cols+c*k+i%k] / (k * k)
			}
			v := got[r*nodes+c]
			if math.Abs(v-mean) > 1e-12 {
				t.Fatalf("node (%d, %d) is %v, the mean of its cell %v", r, c, v, mean)
			}
			square += v * v
		}
	}
	// 841 independent values: the variance is known to √(2/841) = 5 %.
	if ratio := square / ((nodes - 2) * (nodes - 2)) * k * k; math.Abs(ratio-1) > 0.25 {
		t.Errorf("the variance is %v times what it should be", ratio)
	}
}

// TestResampleRefuses: half a pixel may be missing at the border, no more.
func TestResampleRefuses(t *testing.T) {
	target := Target{Rows: 9, Cols: 9, Width: 4, Height: 4, Unit: "mm"}
	flat := func(_, _ float64) float64 { return 1 }
	for want, p := range map[string]Placement{
		"":                             {0.25, 0.25, 0.5, 0.5},
		"x run from 0.26 to":           {0.26, 0.25, 0.5, 0.5},
		"y run from 0.25 to 3.73":      {0.25, 0.25, 0.5, 3.48 / 7},
		"positive size":                {0, 0, 0, 1},
		"from NaN on: a positive size": {math.NaN(), 0, 1, 1},
	} {
		_, err := sampled(8, 8, p, flat).Resample(target, p)
		var bad *Error
		if want == "" && err != nil || want != "" && (!errors.As(err, &bad) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", p, err, want)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     float64
	}{{"mm", "cm", 0.1}, {"um", "mm", 1e-3}, {"µm", "um", 1}, {"μm", "nm", 1e3}, {"m", "cm", 100}, {"deg", "rad", math.Pi / 180}, {"kPa", "kPa", 1}} {
		if f, err := UnitFactor(c.from, c.to); err != nil || math.Abs(f/c.want-1) > 1e-15 {
			t.Errorf("%s in %s: %v, %v", c.from, c.to, f, err)
		}
	}
	for _, c := range [][2]string{{"mm", "rad"}, {"furlong", "mm"}, {"", "mm"}, {"kPa", "Pa"}} {
		if f, err := UnitFactor(c[0], c[1]); err == nil {
			t.Errorf("%q in %q: %v", c[0], c[1], f)
		}
	}
	for text, want := range map[string][2]float64{"0.5": {0.5, 0.5}, "200um": {0.2, 0.2}, "26.297, 34.608": {26.297, 34.608}, "1cm,-2 mm": {10, -2}, "1e-3m": {1, 1}} {
		if x, y, err := ParseLengths(text, "mm"); err != nil || math.Abs(x-want[0]) > 1e-12 || math.Abs(y-want[1]) > 1e-12 {
			t.Errorf("%q: %v, %v, %v", text, x, y, err)
		}
	}
	for _, text := range []string{"", "mm", "1,2,3", "1 furlong", "inf", "NaN", "0x1p5mm", "1,,2"} {
		if x, y, err := ParseLengths(text, "mm"); err == nil {
			t.Errorf("%q: %v, %v", text, x, y)
		}
	}
}

// TestNoiseStd finds the noise on a map that is bilinear but for an edge, within three of the estimate's own deviations: over 1,000 correlated residuals
// these are about 4 %.
func TestNoiseStd(t *testing.T) {
	const n = 34
	s := rng.New(1, rng.Test, 1, 0)
	for _, std := range []float64{1e-6, 0.1, 30} {
		v := make([]float64, n*n)
		for i := range v {
			x, y := float64(i%n), float64(i/n)
			v[i] = 5 + x - 2*y + 0.1*x*y + std*s.Normal()
			if x > 20 {
				v[i] += 40 * std
			}
		}
		if got := NoiseStd(v, n, n); math.Abs(got/std-1) > 0.12 {
			t.Errorf("noise of %v is estimated as %v", std, got)
		}
	}
}

// fresh returns noise-free and noisy measurements of the demo's problem at 28×28.
func fresh(t *testing.T, p problems.Problem, i uint64) (clean, noisy []float64) {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, 28*28), make([]float64, 28*28)
	if err := g.Pair(x, y, 99, i); err != nil {
		t.Fatal(err)
	}
	noisy = make([]float64, len(y))
	problems.Measure(p.Measurement(), noisy, y, 99, i)
	return y, noisy
}

// builtinModel opens an embedded model.
func builtinModel(name string) (*nn.Model, error) {
	data, err := models.Model(name)
	if err != nil {
		return nil, err
	}
	return nn.ReadModel(bytes.NewReader(data), int64(len(data)))
}

// TestJudge: measurements as in training pass, and what users get wrong does not.
func TestJudge(t *testing.T) {
	model, err := builtinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := quasistatic.New(problems.Options{Grid: 28, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	typical, err := simulateTypical(model, problem)
	if err != nil {
		t.Fatal(err)
	}
	said := *model // says itself what is typical, and needs no problem
	said.Meta.Typical = typical
	judge := func(y []float64) *Verdict {
		t.Helper()
		v, err := Judge(&said, nil, y)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	alarms := 0
	for i := range uint64(50) {
		if _, y := fresh(t, problem, i); !judge(y).In {
			alarms++
		}
	}
	if alarms > 1 {
		t.Errorf("%d of 50 measurements as in training are called out of distribution", alarms)
	}
	clean, noisy := fresh(t, problem, 7)
	if v := judge(clean); !v.In || !strings.Contains(v.Text, "wider than it need be") {
		t.Errorf("without noise: %s", v.Text)
	}
	change := func(f func(k int) float64) []float64 {
		y := make([]float64, len(noisy))
		for k := range y {
			y[k] = f(k)
		}
		return y
	}
	s := rng.New(1, rng.Test, 2, 0)
	for name, c := range map[string]struct {
		y    []float64
		test string
	}{
		"in mm":            {change(func(k int) float64 { return 10 * noisy[k] }), "range"},
		"in m":             {change(func(k int) float64 { return noisy[k] / 100 }), "distance"},
		"twice the noise":  {change(func(k int) float64 { return noisy[k] + 0.0009*s.Normal() }), "noise"},
		"upside down":      {change(func(k int) float64 { return noisy[(27-k/28)*28+k%28] }), "distance"},
		"other sign":       {change(func(k int) float64 { return -noisy[k] }), "distance"},
		"a rigid movement": {change(func(k int) float64 { return noisy[k] - 0.001 }), "distance"},
	} {
		v := judge(c.y)
		failed := false
		for _, test := range v.Tests {
			failed = failed || test.Name == c.test && !test.In
		}
		if v.In || !failed || !strings.HasPrefix(v.Text, "out of distribution: ") {
			t.Errorf("%s: %s", name, v.Text)
		}
	}

	// Of a model that says nothing, typical measurements are simulated, where that is quick.
	v, err := Judge(model, problem, noisy)
	if err != nil || v.Text != judge(noisy).Text || v.Against != simulated {
		t.Errorf("%v, %v", v, err)
	}
	if v, err = Judge(model, nil, noisy); err != nil || !v.In || !strings.Contains(v.Text, "cannot be told") {
		t.Errorf("of a model that says nothing: %v, %v", v, err)
	}
}

// TestTake writes one measurement as a user may have it, in other units, finer, row 0 on top, in each kind of file, and asks for
// the field that it was.
func TestTake(t *testing.T) {
	model, err := builtinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := ProblemOf(model, "")
	if err != nil || problem == nil {
		t.Fatal(problem, err)
	}
	f := func(x, y float64) float64 { return -0.01*y + 0.002*x } // cm
	const n = 90
	p := Placement{OriginX: 0.5 / n, OriginY: 0.5 / n, PixelX: 1. / n, PixelY: 1. / n}
	m := sampled(n, n, p, func(x, y float64) float64 { return 1e4 * f(x, y) }) // µm
	m.FlipRows()
	dir := t.TempDir()
	array := format.Array64(m.Values, n, n)
	var csv strings.Builder
	for k, v := range m.Values {
		fmt.Fprintf(&csv, "%v%c", v, " \n"[min(1, (k%n)/(n-1))])
	}
	save := func(name string, do func(f *os.File) error) string {
		t.Helper()
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(do(f), f.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	taking := Taking{Unit: "um", Pixel: fmt.Sprintf("%.17gmm", 10./n), Origin: fmt.Sprintf("%.17g", 0.5/n), RowsDown: true}
	for _, path := range []string{
		save("y.npy", func(f *os.File) error { return format.WriteNPY(f, array) }),
		save("y.npz", func(f *os.File) error {
			return format.WriteNPZ(f, format.Named{Name: "u", Array: array}, format.Named{Name: "v", Array: format.Scalar(1)})
		}) + ":u",
		save("y.csv", func(f *os.File) error { _, err := f.WriteString(csv.String()); return err }),
		save("many.npy", func(f *os.File) error {
			return format.WriteNPY(f, format.Array64(append(make([]float64, n*n), m.Values...), 2, n, n))
		}),
	} {
		k := 0
		if strings.HasSuffix(path, "many.npy") {
			k = 1
		}
		y, err := Take(path, model, problem, k, taking)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range y {
			if want := f(float64(i%28)/27, float64(i/28)/27); math.Abs(v-want) > 1e-12 {
				t.Fatalf("%s: node %d is %v, want %v", path, i, v, want)
			}
		}
	}
	path := filepath.Join(dir, "y.npy")
	for says, taking := range map[string]Taking{
		"--pixel-size or --extent says how": {},
		"furlong":                           {Unit: "furlong", Pixel: "0.01"},
		"half a pixel":                      {Pixel: "0.01"},
		"give one":                          {Pixel: "0.01", Extent: "1"},
		"an origin places":                  {Origin: "0"},
		"a length such as":                  {Pixel: "small"},
		"a positive size is expected":       {Pixel: "-0.0112"},
	} {
		if _, err := Take(path, model, problem, 0, taking); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %q", taking, err, says)
		}
	}
}
