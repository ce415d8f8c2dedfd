package measured

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/internal/format"
)

// spell writes the samples of plane on the nodes of centimeter, one line of
// text per sample.
func spell(line func(row, col int, v float64) string) string {
	var b strings.Builder
	for i := range 28 * 28 {
		b.WriteString(line(i/28, i%28, plane(float64(i%28)/27, float64(i/28)/27)))
	}
	return b.String()
}

// TestForms reads one measurement in the forms that instruments and
// spreadsheets write. The values are the same each time, and a remark names
// anything unusual.
//
// Among them are decimal commas, semicolons, headers and columns of positions,
// as exported by spreadsheets.
func TestForms(t *testing.T) {
	end := func(col int, separator string) string {
		if col == 27 {
			return "\n"
		}
		return separator
	}
	npy := func(descr, shape string, elements any) string {
		dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s}", descr, shape)
		b := bytes.NewBufferString("\x93NUMPY\x01\x00")
		if err := binary.Write(b, binary.LittleEndian, uint16(len(dict))); err != nil {
			t.Fatal(err)
		}
		b.WriteString(dict)
		if err := binary.Write(b, binary.LittleEndian, elements); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	phasors, whole := make([]complex128, 28*28), make([]int16, 28*28)
	for i := range phasors {
		v := plane(float64(i%28)/27, float64(i/28)/27)
		phasors[i], whole[i] = complex(v, 0), int16(math.Round(v*27e4)) // exact in 1/27 µm
	}
	for name, c := range map[string]struct{ file, content, remark string }{
		"semicolons": {"y.csv", spell(func(r, c int, v float64) string {
			return strings.Replace(fmt.Sprint(v), ".", ",", 1) + end(c, ";")
		}), "numbers with a decimal comma, separated by semicolons"},
		"pandas": {"y.csv", "," + strings.Join(numbers(28), ",") + "\n" +
			spell(func(r, c int, v float64) string {
				return []string{"", fmt.Sprint(r, ",")}[btoi(c == 0)] + fmt.Sprint(v) + end(c, ",")
			}), "a header line skipped; a column of row numbers skipped"},
		"x, y, value": {"y.txt", spell(func(r, c int, v float64) string {
			return fmt.Sprintf("%.6g %.6g %v\n", float64(c)/27, float64(r)/27, v)
		}), "28×28 samples, x from 0 in steps of 0.037037"},
		"half a pixel in": {"y.csv", spell(func(r, c int, _ float64) string {
			x, y := (float64(c)+0.5)/28, (float64(r)+0.5)/28
			return fmt.Sprintf("%.17g,%.17g,%.17g\n", x, y, plane(x, y))
		}), "x and y of the file are read in cm"},
		"channels last": {"y.npy", npy("<f8", "(28, 28, 1)", planes()), "channels come last"},
		"complex":       {"y.npy", npy("<c16", "(28, 28)", phasors), "imaginary parts are all 0"},
		"native order":  {"y.npy", npy("=f8", "(28, 28)", planes()), ""},
	} {
		path := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		taken, err := Take(path, centimeter, Taking{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		isPlane(t, name, taken.Values)
		if remarks := strings.Join(taken.Remarks, "; "); !strings.Contains(remarks, c.remark) {
			t.Errorf("%s: remarks %q, want %q", name, remarks, c.remark)
		}
	}
	path := filepath.Join(t.TempDir(), "whole.npy")
	if err := os.WriteFile(path, []byte(npy("<i2", "(28, 28)", whole)), 0o666); err != nil {
		t.Fatal(err)
	}
	taken, err := Take(path, centimeter, Taking{Unit: "um"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range taken.Values {
		taken.Values[i] /= 27
	}
	isPlane(t, "integers", taken.Values)
}

func planes() []float64 {
	v := make([]float64, 28*28)
	for i := range v {
		v[i] = plane(float64(i%28)/27, float64(i/28)/27)
	}
	return v
}

func numbers(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprint(i)
	}
	return s
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestFormsRefused: a table in another unit of length is refused, not guessed
// at, and the error names a gap as a gap.
func TestFormsRefused(t *testing.T) {
	millimeters := spell(func(r, c int, v float64) string {
		return fmt.Sprintf("%.6g,%.6g,%v\n", float64(c)/2.7, float64(r)/2.7, v)
	})
	path := filepath.Join(t.TempDir(), "y.csv")
	if err := os.WriteFile(path, []byte(millimeters), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Take(path, centimeter, Taking{})
	if err == nil || !strings.Contains(err.Error(), "are read in cm") {
		t.Error(err)
	}
	taken, err := Take(path, centimeter, Taking{Extent: "10mm"})
	if err != nil {
		t.Fatal(err)
	}
	isPlane(t, "millimeters", taken.Values)

	values := planes()
	values[30] = math.NaN()
	if _, err := Take(saveNPY(t, "gap.npy", values, 28, 28), centimeter, Taking{}); err == nil ||
		!strings.Contains(err.Error(), "element (1, 2) is NaN: "+format.Gaps) {
		t.Error(err)
	}
}

// TestTableAtNodes: a table whose positions are the nodes, to the digits
// written, is not resampled. A table with more samples over the same rectangle
// is resampled.
func TestTableAtNodes(t *testing.T) {
	for _, n := range []int{28, 55} {
		var table strings.Builder
		var want []float64
		for i := range n * n {
			x, y := float64(i%n)/float64(n-1), float64(i/n)/float64(n-1)
			want = append(want, lump(x, y))
			fmt.Fprintf(&table, "%.4g %.4g %.17g\n", x, y, lump(x, y))
		}
		path := filepath.Join(t.TempDir(), "table.txt")
		if err := os.WriteFile(path, []byte(table.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		taken, err := Take(path, centimeter, Taking{})
		if err != nil || len(taken.Values) != 28*28 {
			t.Fatalf("%d samples: %v", n, err)
		}
		if as := slices.Equal(taken.Values, want); as != (n == 28) {
			t.Errorf("%d samples: taken as they are: %v", n, as)
		}
	}
}
