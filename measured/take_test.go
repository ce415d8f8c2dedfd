package measured

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// centimeter is a grid of 28×28 nodes over 1 cm × 1 cm.
var centimeter = Grid{What: "measurement", Name: "u_y", Channels: 1, Unit: "cm",
	Target: Target{Rows: 28, Cols: 28, Width: 1, Height: 1, Unit: "cm"}}

// plane is linear in place, in cm, so that resampling returns it.
func plane(x, y float64) float64 { return -0.01*y + 0.002*x }

// saveNPY writes an array to a file of the test's folder and returns its path.
func saveNPY(t *testing.T, name string, values []float64, shape ...int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(format.WriteNPY(f, format.Array64(values, shape...)),
		f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// isPlane fails unless values are plane on the nodes of centimeter.
func isPlane(t *testing.T, what string, values []float64) {
	t.Helper()
	for i, v := range values {
		if want := plane(float64(i%28)/27, float64(i/28)/27); !(math.Abs(v-want) < 1e-12) {
			t.Fatalf("%s: node %d is %v, want %v", what, i, v, want)
		}
	}
}

// TestTake writes one measurement as a user may have it: in other units, finer,
// with row 0 at the top, in each kind of file. The values read must be the
// original ones.
//
// The map is 90×90 samples in micrometers with half-pixel margins, top row
// first. A linear function survives resampling exactly, so that each mistake in
// unit, order or place changes the values.
func TestTake(t *testing.T) {
	const n = 90
	p := Placement{OriginX: 0.5 / n, OriginY: 0.5 / n, PixelX: 1. / n, PixelY: 1. / n}
	m := sampled(n, n, p, func(x, y float64) float64 { return 1e4 * plane(x, y) }) // µm
	m.FlipRows()
	dir := t.TempDir()
	array := format.Array64(m.Values, n, n)
	var csv strings.Builder
	for k, v := range m.Values {
		fmt.Fprintf(&csv, "%v%c", v, " \n"[min(1, (k%n)/(n-1))])
	}
	npz, err := os.Create(filepath.Join(dir, "y.npz"))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(format.WriteNPZ(npz, format.Named{Name: "u", Array: array},
		format.Named{Name: "v", Array: format.Scalar(1)}),
		npz.Close(), os.WriteFile(filepath.Join(dir, "y.csv"), []byte(csv.String()), 0o666))
	if err != nil {
		t.Fatal(err)
	}
	for path, k := range map[string]string{
		saveNPY(t, "y.npy", m.Values, n, n):                                       "",
		filepath.Join(dir, "y.npz") + ":u":                                        "0",
		filepath.Join(dir, "y.csv"):                                               "",
		saveNPY(t, "two.npy", append(make([]float64, n*n), m.Values...), 2, n, n): "1",
	} {
		taken, err := Take(path, centimeter,
			Taking{Case: k, Unit: "um", Pixel: fmt.Sprintf("%.17gmm", 10./n),
				Origin: fmt.Sprintf("%.17g", 0.5/n), RowsDown: true})
		if err != nil {
			t.Fatal(err)
		}
		isPlane(t, path, taken.Values)
	}
}

// TestSpellings: all spellings of one geometry give the same map. An incomplete
// or wrong one is a usage error.
//
// Pixel size times n − 1 is the extent.
func TestSpellings(t *testing.T) {
	const n = 28 // 27 pixels of 0.37037 mm
	m := sampled(n, n, Placement{PixelX: 1. / 27, PixelY: 1. / 27}, plane)
	path := saveNPY(t, "y.npy", m.Values, n, n)
	for _, taking := range []Taking{
		{}, {Unit: "cm"}, {Unit: "Centimeter"}, {Extent: "1"}, {Extent: "1,1"}, {Extent: "10mm"},
		{Extent: "10,10mm"},
		{Extent: "10 , 10 mm"}, {Extent: "10mm,10mm"}, {Extent: "1cm,10mm"}, {Extent: "10,10 MM"},
		{Extent: "0.01,0.01m"},
		{Extent: "10000um"}, {Extent: "10000,10000 micrometers"}, {Extent: "1e1,1.e+1mm"},
		{Extent: "0.39370078740157483in"},
		{Pixel: "0.037037037037037035"}, {Pixel: "0.37037037037037035,0.37037037037037035mm"},
		{Pixel: "370.37037037037035um"},
		{Extent: "10,10mm", Origin: "0"}, {Extent: "10,10mm", Origin: "0,0mm"},
		{Extent: "1", Crop: true},
	} {
		taken, err := Take(path, centimeter, taking)
		if err != nil {
			t.Errorf("%+v: %v", taking, err)
			continue
		}
		isPlane(t, fmt.Sprintf("%+v", taking), taken.Values)
	}
	for _, taking := range []Taking{
		{Extent: "10mm,10"}, {Pixel: "0.3mm,0.2"}, {Extent: "1", Origin: "1mm,0"},
		{Extent: "10,10,10mm"}, {Extent: "0,37,0,37mm"},
		{Extent: "10mm 10mm"}, {Extent: "10x10mm"}, {Extent: "10 furlong"}, {Extent: "10Mm"},
		{Extent: "wide"}, {Extent: "-1"},
		{Extent: "0"}, {Extent: "1,-1"}, {Pixel: "0mm"}, {Extent: "1", Pixel: "1"}, {Origin: "0"},
		{Crop: true}, {Unit: "furlong"},
		{Unit: "kPa"}, {Unit: "Mm"}, {Unit: "rad"}, {Case: "1"}, {Case: "-1"}, {Case: "first"},
		{Case: "0:1"},
	} {
		if _, err := Take(path, centimeter, taking); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%+v: code %d, %v", taking, cli.Code(err), err)
		}
	}
	taken, err := Take(path, centimeter, Taking{Extent: "10,10mm"})
	if said := strings.Join(taken.Remarks, "\n"); err != nil ||
		!strings.Contains(said, "x = 10 mm, y = 10 mm") ||
		!strings.Contains(said, "read in cm") ||
		!strings.Contains(said, "covers 1.00 × 1.00 specimens") {
		t.Errorf("%v, %q", err, said)
	}
}

// TestCover: up to one sample may lie outside of the specimen on each side, and
// half a pixel may be missing. Beyond that a map is refused with the numbers,
// or cropped if Crop is set.
//
// The limits are tested just inside and just outside.
func TestCover(t *testing.T) {
	const n = 56
	for _, c := range []struct {
		pixel, origin float64 // in samples of 1/55 cm
		says          string
		outside       float64
	}{
		{1, 0, "", 0},
		// nearly one sample too far
		{55. / 54 * 0.9999, 0, "", 1 - 55.*55/(56*56)},
		{55. / 54 * 1.001, 0, "covers 1.02 × 1.02 specimens; 7 %", 0}, // a little more
		// 0.02 cm instead of 0.01818
		{1.1, 0, "covers 1.10 × 1.10 specimens; 17 % of its samples", 0},
		{57. / 55, -1, "", 1 - 54.*54/(56*56)},         // one on each side
		{58. / 55, -1.5, "outside of the specimen", 0}, // one and a half
		// 0.495 of a sample is missing
		{0.991, 0, "", 0},
		{0.98, 0, "nothing is extrapolated", 0}, {1, 0.6, "nothing is extrapolated", 0}, // more
	} {
		p := Placement{OriginX: c.origin / 55, OriginY: c.origin / 55, PixelX: c.pixel / 55,
			PixelY: c.pixel / 55}
		taking := Taking{Pixel: fmt.Sprintf("%.17g", p.PixelX),
			Origin: fmt.Sprintf("%.17g", p.OriginX)}
		path := saveNPY(t, "map56.npy", sampled(n, n, p, plane).Values, n, n)
		taken, err := Take(path, centimeter, taking)
		if c.says == "" {
			if err != nil || math.Abs(taken.Cover.Outside-c.outside) > 1e-12 {
				t.Errorf("%+v: %v, %+v", c, err, taken)
				continue
			}
			isPlane(t, "accepted", taken.Values)
			continue
		}
		var bad *Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
		taking.Crop = true
		taken, err = Take(path, centimeter, taking)
		if crops := !strings.Contains(c.says, "extrapolated"); crops != (err == nil) {
			t.Errorf("%+v with --crop: %v", c, err)
		} else if crops {
			isPlane(t, "cropped", taken.Values)
		}
	}
}

// TestCases: a file of several maps is refused unless one is picked, and the
// picked one is read.
func TestCases(t *testing.T) {
	m := sampled(28, 28, Placement{PixelX: 1. / 27, PixelY: 1. / 27}, plane)
	two := saveNPY(t, "two_measurements.npy", append(make([]float64, 28*28), m.Values...), 2, 28,
		28)
	vector := centimeter
	vector.Channels = 2
	four := saveNPY(t, "four.npy", append(make([]float64, 2*28*28),
		append(append([]float64(nil), m.Values...), m.Values...)...), 2, 2, 28, 28)
	for _, c := range []struct {
		path string
		grid Grid
		pick string
		says string
	}{
		{two, centimeter, "",
			"holds 2 measurements, numbered from 0 to 1: pick one with --case K (if they are " +
				"components"},
		{two, centimeter, "2", "--case 2: there are 2 measurements, numbered from 0 to 1"},
		{two, centimeter, "1", ""},
		{two, vector, "", ""}, // two channels of one measurement
		{two, vector, "1", "there is only one measurement"},
		{four, vector, "", "holds 2 measurements"},
		{four, vector, "1", ""},
	} {
		taken, err := Take(c.path, c.grid, Taking{Case: c.pick})
		switch {
		case c.says != "" && (cli.Code(err) != cli.ExitUsage ||
			!strings.Contains(err.Error(), c.says)):
			t.Errorf("%+v: code %d, %v", c, cli.Code(err), err)
		case c.says == "" && err != nil:
			t.Errorf("%+v: %v", c, err)
		case c.says == "":
			isPlane(t, "picked", taken.Values[len(taken.Values)-28*28:])
		}
	}
	for text, want := range map[string][2]int{"0:3": {0, 3}, "1:2": {1, 2}, ":": {0, 5},
		"3:": {3, 5}, ":2": {0, 2}} {
		if from, to, err := PickCases("--cases", text, 5, "field"); err != nil || from != want[0] ||
			to != want[1] {
			t.Errorf("%q: %d, %d, %v", text, from, to, err)
		}
	}
	for _, text := range []string{"", "1", "2:2", "3:1", "-1:2", "0:6", "5:", "a:b", "1:2:3",
		"1-2"} {
		if from, to, err := PickCases("--cases", text, 5, "field"); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%q: %d, %d, %v", text, from, to, err)
		}
	}
}

// TestCoverEachSide: a map that reaches too far on only one side is refused,
// for each of the four sides.
//
// A test on one side only would miss an exchanged origin.
func TestCoverEachSide(t *testing.T) {
	target := Target{Rows: 5, Cols: 5, Width: 1, Height: 1}
	for side, p := range map[string]Placement{"": {}, "left": {OriginX: -0.2},
		"bottom": {OriginY: -0.2}, "right": {}, "top": {}} {
		p.PixelX, p.PixelY = 0.1, 0.1
		m := &Map{Channels: 1, Rows: 11, Cols: 11}
		switch side {
		case "left", "right":
			m.Cols = 13
		case "bottom", "top":
			m.Rows = 13
		}
		if _, err := m.Cover(target, p, false); (err != nil) != (side != "") {
			t.Errorf("too far on side %q: %v", side, err)
		}
		if c, err := m.Cover(target, p, true); err != nil || side != "" &&
			math.Abs(c.Outside-2./13) > 1e-12 {
			t.Errorf("cropped on side %q: %v, %v", side, c, err)
		}
	}
}

// TestRowsDownOfTable: a table with columns x and y fixes which row is at the
// top.
func TestRowsDownOfTable(t *testing.T) {
	var table strings.Builder
	for i := range 28 * 28 {
		x, y := float64(i%28)/27, float64(i/28)/27
		fmt.Fprintf(&table, "%.17g %.17g %.17g\n", x, y, plane(x, y))
	}
	path := filepath.Join(t.TempDir(), "table.txt")
	if err := os.WriteFile(path, []byte(table.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	taken, err := Take(path, centimeter, Taking{})
	if err != nil {
		t.Fatal(err)
	}
	isPlane(t, "table", taken.Values)
	for _, taking := range []Taking{{RowsDown: true}, {RowsDown: true, Extent: "1"}} {
		if _, err := Take(path, centimeter, taking); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%+v: %v", taking, err)
		}
	}
}
