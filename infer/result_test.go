package infer

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/nn"
)

// writeResult writes a result with the entries of a posterior of 2×2 pixels,
// after change.
func writeResult(t *testing.T, origin Origin, change func([]format.Named) []format.Named) string {
	t.Helper()
	p := &bench.Posterior{Mean: []float64{0.1, 0.2, 0.3, 0.4}, Std: []float64{0.1, 0.1, 0.2, 0.2},
		MeanError: []float64{0.01, 0.01, 0.02, 0.02}, StdError: []float64{0.01, 0.01, 0.01, 0.01},
		Draws: 100, ESS: 90}
	arrays := SummaryArrays(p, 2, 2, nn.Normalization{XMin: 2, XMax: 4})
	if change != nil {
		arrays = change(arrays)
	}
	path := filepath.Join(t.TempDir(), "result.npz")
	if err := WriteResult(path, false, arrays, origin); err != nil {
		t.Fatal(err)
	}
	return path
}

// set returns a change that replaces an entry, or adds it.
func set(name string, a *format.Array) func([]format.Named) []format.Named {
	return func(all []format.Named) []format.Named {
		all = slices.DeleteFunc(all, func(n format.Named) bool { return n.Name == name })
		return append(all, format.Named{Name: name, Array: a})
	}
}

// TestSummary reads back a written posterior: physical values are
// XMin + (XMax − XMin) times the normalized ones.
//
// With the range [2, 4] the mean 0.1 is 2.2 and the standard deviation 0.1 is
// 0.2: an offset added to a width would show.
func TestSummary(t *testing.T) {
	s, err := ReadSummary(writeResult(t, Origin{Problem: "p", Seed: 7}, nil), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Physical || !s.Ranged || s.Rows != 2 || s.Draws != 100 || s.ESS != 90 ||
		s.Origin.Seed != 7 || !math.IsNaN(s.KHat) {
		t.Errorf("summary %+v", s)
	}
	near := func(got, want []float64) bool {
		return slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-15 })
	}
	if !near(s.Mean, []float64{2.2, 2.4, 2.6, 2.8}) ||
		!near(s.Std, []float64{0.2, 0.2, 0.4, 0.4}) ||
		!near(s.MeanError, []float64{0.02, 0.02, 0.04, 0.04}) {
		t.Errorf("physical mean %v, std %v, error %v", s.Mean, s.Std, s.MeanError)
	}
	if n := s.Normalized(); !near(n.Mean, []float64{0.1, 0.2, 0.3, 0.4}) ||
		!near(n.StdError, []float64{0.01, 0.01, 0.01, 0.01}) {
		t.Errorf("normalized mean %v, error of std %v", n.Mean, n.StdError)
	}
	want := []string{"mean_physical", "std_physical", "mean_error_physical", "std_error_physical"}
	if !reflect.DeepEqual(s.Arrays, want) {
		t.Errorf("entries %v, want %v", s.Arrays, want)
	}
}

// TestSummaryCases picks one posterior of several.
//
// The second of three posteriors has the values 4 … 7. Without a case, or with
// one beyond the last, the error names the flag that the user must give.
func TestSummaryCases(t *testing.T) {
	three := func(base float64) *format.Array {
		var v []float64
		for k := range 12 {
			v = append(v, base+float64(k))
		}
		return format.Array64(v, 3, 2, 2)
	}
	path := filepath.Join(t.TempDir(), "several.npz")
	err := WriteResult(path, false, []format.Named{{Name: "mean", Array: three(0)},
		{Name: "std", Array: three(100)}}, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadSummary(path, "--case-a", "1")
	if err != nil || !reflect.DeepEqual(s.Mean, []float64{4, 5, 6, 7}) || s.Std[0] != 104 {
		t.Errorf("case 1: %+v, %v", s, err)
	}
	for _, text := range []string{"", "3", "x"} {
		if _, err := ReadSummary(path, "--case-a", text); cli.Code(err) != cli.ExitUsage ||
			!strings.Contains(err.Error(), "--case-a") {
			t.Errorf("case %q: code %d, %v", text, cli.Code(err), err)
		}
	}
}

// TestSummaryRefuses reads results with one bad entry. The error names it.
//
// Each entry is the fault of another kind of program: a NaN from 0/0, a
// variance instead of a standard deviation, a transposed or flattened array, a
// range of zero width.
func TestSummaryRefuses(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		entry string
		array *format.Array
	}{
		"a NaN in the mean": {"mean_physical", format.Array64([]float64{1, nan, 1, 1}, 2, 2)},
		"a negative std":    {"std_physical", format.Array64([]float64{1, -1, 1, 1}, 2, 2)},
		"another grid":      {"std_physical", format.Array64([]float64{1, 1}, 1, 2)},
		"a vector":          {"mean_physical", format.Array64([]float64{1, 1}, 2)},
		"an infinite error": {"mean_error_physical",
			format.Array64([]float64{1, math.Inf(1), 1, 1}, 2, 2)},
		"a range of two":      {"x_max", format.Array64([]float64{4, 5}, 2)},
		"a range of nothing":  {"x_max", format.Scalar(2)},
		"an origin of floats": {OriginEntry, format.Scalar(1)},
	} {
		path := filepath.Join(t.TempDir(), "bad.npz")
		arrays := set(c.entry, c.array)(SummaryArrays(&bench.Posterior{
			Mean: []float64{0.1, 0.2, 0.3, 0.4}, Std: []float64{0.1, 0.1, 0.2, 0.2}}, 2, 2,
			nn.Normalization{XMin: 2, XMax: 4}))
		writeNPZ(t, path, arrays)
		if _, err := ReadSummary(path, "", ""); cli.Code(err) != cli.ExitData ||
			!strings.Contains(err.Error(), c.entry) {
			t.Errorf("%s: code %d, %v; want one about %s", name, cli.Code(err), err, c.entry)
		}
	}
	// An error that is not stated is no fault.
	path := writeResult(t, Origin{}, set("mean_error_physical",
		format.Array64([]float64{1, nan, 1, 1}, 2, 2)))
	if s, err := ReadSummary(path, "", ""); err != nil || s.MeanError != nil {
		t.Errorf("an error that is not stated: %v, %v", s.MeanError, err)
	}
}

// TestPlane keeps the density of two variables in a result file.
//
// A density with its axes exchanged would draw a picture that is plausible and
// wrong, so that the shape is checked.
func TestPlane(t *testing.T) {
	want := &bench.Plane{Rows: 1, Cols: 2, Density: []float64{0.25, 0.75}, X0: 1, X1: 2, Y0: 3,
		Y1: 4}
	path := writeResult(t, Origin{}, func(all []format.Named) []format.Named {
		return append(all, format.Named{Name: planeEntry,
			Array: format.Array64(want.Density, 1, 2)},
			format.Named{Name: planeExtentEntry, Array: format.Array64([]float64{1, 2, 3, 4}, 4)})
	})
	s, err := ReadSummary(path, "", "")
	if err != nil || !reflect.DeepEqual(s.Plane, want) {
		t.Errorf("plane %+v, %v; want %+v", s.Plane, err, want)
	}
	path = writeResult(t, Origin{}, func(all []format.Named) []format.Named {
		return append(all, format.Named{Name: planeEntry, Array: format.Array64(want.Density, 2)},
			format.Named{Name: planeExtentEntry, Array: format.Array64([]float64{1, 2, 3, 4}, 4)})
	})
	if _, err := ReadSummary(path, "", ""); cli.Code(err) != cli.ExitData {
		t.Errorf("a plane of one axis: code %d, %v", cli.Code(err), err)
	}
}

// TestFinished distinguishes a finished result, none, one of other settings,
// one of an earlier version, and a file of another program.
//
// Only the first of them may be overwritten by nothing and read instead of
// computed. Each of the others is an error whose text names the reason.
func TestFinished(t *testing.T) {
	id := func(k int) identity.Identity {
		return identity.New("test", 1).Add("levels", k).Identity()
	}
	path := writeResult(t, Origin{Identity: id(1)}, nil)
	if done, err := Finished(path, id(1)); !done || err != nil {
		t.Errorf("finished: %v, %v", done, err)
	}
	if done, err := Finished(path+".none", id(1)); done || err != nil {
		t.Errorf("no file: %v, %v", done, err)
	}
	other := filepath.Join(t.TempDir(), "other.npz")
	writeNPZ(t, other, []format.Named{{Name: "mean", Array: format.Scalar(1)}})
	bare := filepath.Join(t.TempDir(), "bare.npz")
	writeNPZ(t, bare, SummaryArrays(&bench.Posterior{Mean: []float64{1}, Std: []float64{1}}, 1, 1,
		nn.Normalization{XMax: 1}))
	for _, c := range []struct{ path, text string }{
		{path, "levels: 1"},
		{writeResult(t, Origin{}, nil), "does not store its settings"},
		{other, "is not a readable result"}, {bare, "is not a result of csdm"},
	} {
		_, err := Finished(c.path, id(2))
		if cli.Code(err) != cli.ExitExists || !strings.Contains(err.Error(), c.text) {
			t.Errorf("code %d, %v; want %q", cli.Code(err), err, c.text)
		}
	}
}

// writeNPZ writes arrays to the file path.
func writeNPZ(t *testing.T, path string, arrays []format.Named) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := format.WriteNPZ(f, arrays...); err != nil {
		t.Fatal(err)
	}
}
