package infer

import (
	"path/filepath"
	"testing"

	"csdm/bench"
	"csdm/internal/format"
	"csdm/nn"
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
