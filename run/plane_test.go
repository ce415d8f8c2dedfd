package run

import (
	"math"
	"path/filepath"
	"testing"

	"csdm/bench"
	"csdm/internal/format"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/problems/spheroid"
)

// A density survives its file. A file without one, as of an earlier version,
// has none, and a density of another shape is an error.
func TestPlaneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reference.npz")
	want := &bench.Plane{Rows: 2, Cols: 3, Density: []float64{0.1, 0.2, 0, 0.3, 0.4, 0}, X0: 1,
		X1: 2, Y0: -3, Y1: 4}
	field := &bench.Posterior{Mean: make([]float64, 4), Std: make([]float64, 4)}
	write := func(d *bench.Diagnostics, extra ...format.Named) (*Summary, error) {
		arrays := append(SummaryArrays(field, 2, 2, nn.Normalization{XMax: 1}),
			DiagnosticArrays(d)...)
		if err := WriteResult(path, true, append(arrays, extra...), Origin{}); err != nil {
			t.Fatal(err)
		}
		return ReadSummary(path, "", "")
	}
	s, err := write(&bench.Diagnostics{Plane: want})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Plane
	if got == nil || got.Rows != 2 || got.Cols != 3 || got.X0 != 1 || got.X1 != 2 ||
		got.Y0 != -3 || got.Y1 != 4 || got.Density[4] != 0.4 {
		t.Errorf("%+v came back as %+v", want, got)
	}
	if s, err = write(&bench.Diagnostics{}); err != nil || s.Plane != nil {
		t.Errorf("a file without a density gives %v, %v", s, err)
	}
	if _, err = write(&bench.Diagnostics{},
		format.Named{Name: planeEntry, Array: format.Array64(make([]float64, 4), 4)},
		format.Named{Name: planeExtentEntry,
			Array: format.Array64(make([]float64, 4), 4)}); err == nil {
		t.Error("a density of one axis is read")
	}
}

// The dots of a case lie where the discs of its draws lie, the reference gives
// the contours, and the page shows the field in the problem's unit.
func TestCasePage(t *testing.T) {
	problem, err := quasistatic.New(problems.Options{Grid: 40})
	if err != nil {
		t.Fatal(err)
	}
	spec := problem.Spec()
	n := nn.Normalization{XMin: spec.XRange.Min, XMax: spec.XRange.Max}
	size := spec.XLen()
	centers := [][]float64{{0.3, 0.7}, {0.55, 0.4}}
	post := &Posterior{Rows: spec.Rows, Cols: spec.Cols, Normalization: n,
		Samples: make([]float64, 2*size)}
	post.Draws = 2
	post.Mean, post.Std = make([]float64, size), make([]float64, size)
	for i, theta := range centers {
		x := post.Samples[i*size : (i+1)*size]
		problem.Field(x, theta)
		n.NormalizeX(x, x)
	}
	c := &Case{Name: "1", Y: make([]float64, spec.YLen()), Truth: post.Samples[:size],
		Posterior: post, References: []Estimate{{Name: "exact", Posterior: &post.Posterior,
			Plane: &bench.Plane{Rows: 1, Cols: 1, Density: []float64{1}, X1: 1, Y1: 1}}}}
	page := casePage(problem, c, 0)
	place := page.Place
	if place == nil || len(place.X) != 2 {
		t.Fatalf("the place is %+v", place)
	}
	for i, theta := range centers {
		if d := math.Hypot(place.X[i]-theta[0], place.Y[i]-theta[1]); d > 0.5/39 {
			t.Errorf("draw %d: the dot is %g cm from the center", i, d)
		}
	}
	if place.TruthX != place.X[0] || place.Reference != "exact" || place.Extent.X1 != 1 ||
		place.XUnit != "cm" || place.XName != spec.Variables[0].Name {
		t.Errorf("the place is %+v", place)
	}
	if page.Unit != "kPa" || page.Range != [2]float64{n.XMin, n.XMax} || page.DrawCount != 2 ||
		page.Period != 0 || len(page.Draws) != 2 {
		t.Errorf("the page is in %s over %v, with %d draws", page.Unit, page.Range, page.DrawCount)
	}
	c.References[0].Plane = nil
	if place := c.place(problem); place.Reference != "" || place.Density != nil {
		t.Errorf("a reference without a density gives %+v", place)
	}
}

// A sheet of wrapped phases has the cyclic map for its measurements, one period
// wide, and another map for the phases before wrapping.
func TestSheetOfPhases(t *testing.T) {
	problem, err := spheroid.New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	spec := problem.Spec()
	y := make([]float64, spec.YLen())
	for k := range y {
		y[k] = -10 - float64(k)/50
	}
	s := newSheet(problem, []measuredPair{{0, make([]float64, spec.XLen()), y, y}})
	clean, noisy := s.measurement("", "", y, 0, false), s.measurement("", "", y, 0, true)
	if clean.Map == noisy.Map || math.Abs(noisy.Hi-math.Pi) > 1e-12 || noisy.Lo != -noisy.Hi ||
		clean.Hi != 0 || noisy.Unit != "rad" || noisy.Quantity != spec.YName {
		t.Errorf("before wrapping %+v, after %+v", clean.Map, noisy)
	}
}
