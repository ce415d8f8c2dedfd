package run

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/infer"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/problems/spheroid"
)

// TestCasePage paints discs at known centers as the draws. The dots must lie
// within half a node of the centers, the reference must give the contours, and
// the page must show the field in the problem's unit. A swap of x and y would
// put the dots at mirrored places.
func TestCasePage(t *testing.T) {
	problem, err := quasistatic.New(problems.Options{Grid: 40})
	if err != nil {
		t.Fatal(err)
	}
	spec := problem.Spec()
	n := nn.Normalization{XMin: spec.XRange.Min, XMax: spec.XRange.Max}
	size := spec.XLen()
	centers := [][]float64{{0.3, 0.7}, {0.55, 0.4}}
	post := &infer.Posterior{Rows: spec.Rows, Cols: spec.Cols, Normalization: n,
		Samples: make([]float64, 2*size)}
	post.Draws = 2
	post.Mean, post.Std = make([]float64, size), make([]float64, size)
	for i, theta := range centers {
		x := post.Samples[i*size : (i+1)*size]
		problem.Field(x, theta)
		n.NormalizeX(x, x, len(x))
	}
	c := &Case{Name: "1", Y: make([]float64, spec.YLen()), Truth: post.Samples[:size],
		Posterior: post, References: []CaseReference{{Name: "exact", Posterior: &post.Posterior,
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

// TestSheetOfPhases checks that a sheet of wrapped phases has the cyclic map
// for its measurements, one period wide from −π to π, and another map for the
// phases before wrapping.
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
