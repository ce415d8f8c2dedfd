package infer

import (
	"math"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/recipe"
)

// summaryOf returns a summary of one row whose std is 0.1 everywhere.
func summaryOf(mean ...float64) *Summary {
	s := &Summary{Rows: 1, Cols: len(mean), XMax: 1, KHat: math.NaN()}
	s.Mean = mean
	for range mean {
		s.Std = append(s.Std, 0.1)
	}
	return s
}

// ranged returns s with a known normalization.
func ranged(s *Summary, lo, hi float64) *Summary {
	s.Ranged, s.XMin, s.XMax = true, lo, hi
	return s
}

// physical returns s with its numbers in physical units.
func physical(s *Summary) *Summary {
	s.Physical = true
	return s
}

// TestCompareFiles compares two posteriors whose means differ by d in physical
// units, in each pair of units. The distance is d over the range of B, or of A
// if B has none.
//
// In the case of two ranges, A is 2.5 and 3 by [2, 4] and B is 3 and 3.5 by [0,
// 10]: 0.5 apart in physical units, 0.05 in B's. A comparison of the raw
// numbers would give 0.05 and 0.15.
func TestCompareFiles(t *testing.T) {
	file := func(path string, s *Summary) ComparedFile {
		return ComparedFile{Path: path, Summary: s}
	}
	for name, c := range map[string]struct {
		a, b           *Summary
		want, physical float64
	}{
		"both normalized by one range": {
			ranged(summaryOf(0.25, 0.5), 2, 4), ranged(summaryOf(0.5, 0.75), 2, 4), 0.25, 0.5},
		"two ranges": { // 2.5, 3 and 3, 3.5 in physical units
			ranged(summaryOf(0.25, 0.5), 2, 4), ranged(summaryOf(0.3, 0.35), 0, 10), 0.05, 0.5},
		"A physical": {
			physical(summaryOf(2.5, 3)), ranged(summaryOf(0.5, 0.75), 2, 4), 0.25, 0.5},
		"B physical": {
			ranged(summaryOf(0.25, 0.5), 2, 4), physical(summaryOf(3, 3.5)), 0.25, 0.5},
		"both physical, one range": {
			physical(summaryOf(2.5, 3)), ranged(physical(summaryOf(3, 3.5)), 2, 4), 0.25, 0.5},
	} {
		got, err := CompareFiles(file("a", c.a), file("b", c.b))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if math.Abs(got.Mean-c.want) > 1e-15 || math.Abs(*got.MeanPhysical-c.physical) > 1e-15 {
			t.Errorf("%s: %v normalized, %v physical; want %v, %v", name, got.Mean,
				*got.MeanPhysical, c.want, c.physical)
		}
	}
}

// TestCompareRefuses checks that files whose units do not fit are errors with
// the code of the fault.
//
// A file without units, an unknown word, a contradiction, and two files that no
// range connects. The code distinguishes a fault of the call (64) from a fault
// of the data (65).
func TestCompareRefuses(t *testing.T) {
	bare := func(units string) ComparedFile {
		return ComparedFile{Path: "bare", Summary: summaryOf(1, 2), Units: units}
	}
	known := ComparedFile{Path: "known", Summary: ranged(summaryOf(1, 2), 0, 1)}
	told := known
	told.Units = UnitsPhysical
	weighed := ComparedFile{Path: "weighed", Summary: ranged(summaryOf(1, 2), 0, 1)}
	weighed.ESS, weighed.Origin = 3, &Origin{Method: recipe.MethodImportance}
	long := ComparedFile{Path: "long", Summary: ranged(summaryOf(1, 2, 3), 0, 1)}
	for _, c := range []struct {
		a, b ComparedFile
		code int
		text string
	}{
		{bare(""), known, cli.ExitData, "--units-a or --units-b"},
		{bare("furlongs"), known, cli.ExitUsage, "furlongs"},
		{told, known, cli.ExitUsage, "states its own units"},
		{bare(UnitsNormalized), bare(UnitsPhysical), cli.ExitData, "neither has the range"},
		{long, known, cli.ExitData, "1×3 and known is 1×2"},
		{known, weighed, cli.ExitData, "weighed"},
	} {
		_, err := CompareFiles(c.a, c.b)
		if cli.Code(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s with %s: code %d, %v; want %d and %q", c.a.Path, c.b.Path, cli.Code(err),
				err, c.code, c.text)
		}
	}
	c, err := CompareFiles(bare(UnitsPhysical), bare(UnitsPhysical))
	if err != nil || c.Mean != 0 || c.MeanPhysical == nil || c.XMin != nil {
		t.Errorf("two bare physical files: %+v, %v", c, err)
	}
}

// TestComparisonErrors checks the floors of a comparison: a stated error where
// a posterior has one, RMS(std)/√n for n draws, NaN where none is stated.
//
// The means are 1, 2 and 1, 1, so that their distance is √((0² + 1²)/2). With
// p's std replaced by the reference's, 0.3, and 25 draws the floor is 0.3/√25.
func TestComparisonErrors(t *testing.T) {
	p := &bench.Posterior{Mean: []float64{1, 2}, Std: []float64{0.3, 0.4}, Draws: 25,
		MeanError: []float64{0.03, 0.04}}
	r := &bench.Posterior{Mean: []float64{1, 1}, Std: []float64{0.3, 0.3}}
	c := NewComparison("p", p, "r", r, 0.01)
	if want := math.Sqrt(0.5); math.Abs(c.Mean-want) > 1e-15 {
		t.Errorf("RMSE of the mean %v, want %v", c.Mean, want)
	}
	if want := math.Sqrt((0.03*0.03 + 0.04*0.04) / 2); math.Abs(float64(c.FloorMean)-want) > 1e-15 {
		t.Errorf("floor of the mean %v, want %v", c.FloorMean, want)
	}
	if c.ReferenceMean != 0.01 || c.ReferenceStd != 0.01 {
		t.Errorf("errors of the reference %v, %v", c.ReferenceMean, c.ReferenceStd)
	}
	d := NewDrawsComparison("p", p, "r", r, 0)
	if want := 0.3 / 5; math.Abs(float64(d.FloorMean)-want) > 1e-15 {
		t.Errorf("floor of 25 draws %v, want %v", d.FloorMean, want)
	}
	if !math.IsNaN(float64(d.ReferenceMean)) || d.ReferenceMean.String() != NotStated.String() {
		t.Errorf("an error that nobody stated is %v", d.ReferenceMean)
	}
	text, err := d.ReferenceMean.MarshalJSON()
	var back StatedError
	if err != nil || string(text) != "null" || back.UnmarshalJSON(text) != nil ||
		!math.IsNaN(float64(back)) {
		t.Errorf("JSON %s, back %v, %v", text, back, err)
	}
}
