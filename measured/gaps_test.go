package measured

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// TestResampleGaps checks that a linear map with gaps is reproduced at every
// node that has enough samples, and that a node without them is missing.
//
// The plane fit is exact for 2 − 3x + y/2, whichever samples are missing, so
// that only a node which filled its gap by a neighbor's value would be off. A
// tenth of the samples is missing at random, and one corner as a whole.
func TestResampleGaps(t *testing.T) {
	target := Target{Rows: 9, Cols: 8, Width: 3, Height: 5, Unit: "mm"}
	f := func(x, y float64) float64 { return 2 - 3*x + 0.5*y }
	for _, size := range [][2]int{{9, 8}, {50, 61}, {17, 5}} {
		p := Placement{PixelX: 3 / float64(size[1]-1), PixelY: 5 / float64(size[0]-1)}
		m := sampled(size[0], size[1], p, f)
		s := rng.New(1, rng.Test, 0, 0)
		for i := range m.Values {
			x, y := float64(i%size[1])*p.PixelX, float64(i/size[1])*p.PixelY
			if s.Float64() < 0.1 || x > 1.4 && y > 3 {
				m.Values[i] = math.NaN()
			}
		}
		got, err := m.Resample(target, p)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range got {
			x, y := 3*float64(k%8)/7, 5*float64(k/8)/8
			switch {
			case x > 1.5 && y > 3.2:
				if !priors.Missing(v) {
					t.Errorf("%v: node (%v, %v) is %v within the gap", size, x, y, v)
				}
			case !priors.Missing(v) && math.Abs(v-f(x, y)) > 1e-9:
				t.Errorf("%v: node (%v, %v) is %v, want %v", size, x, y, v, f(x, y))
			case priors.Missing(v) && size[0] == 50 && (x < 1 || y < 2.4):
				t.Errorf("%v: node (%v, %v) is missing among samples", size, x, y)
			}
		}
	}
}

// TestTakeGaps takes a map with gaps as an array, as a table with empty cells
// and as a table of x, y and values without some lines. It refuses infinities,
// and a map without values.
//
// An empty cell, the word NaN and a line that is left out are three ways in
// which programs write a gap. All must be NaN at the same node, also at the end
// of a line.
func TestTakeGaps(t *testing.T) {
	grid := centimeter
	grid.Gaps = true
	values := planes()
	values[27], values[500] = math.NaN(), math.NaN() // one at the end of a line
	var table, lines strings.Builder
	lines.WriteString("x,y,u\n")
	for i, v := range values {
		cell := fmt.Sprint(v)
		if priors.Missing(v) {
			cell = []string{"", "NaN"}[i%2]
		} else {
			lines.WriteString(fmt.Sprint(i%28) + "," + fmt.Sprint(i/28) + "," + cell + "\n")
		}
		table.WriteString(cell + []string{",", "\n"}[btoi(i%28 == 27)])
	}
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		path string
		how  Taking
	}{
		"array": {saveNPY(t, "y.npy", values, 28, 28), Taking{}},
		"cells": {write("y.csv", table.String()), Taking{}},
		"ends":  {write("e.csv", strings.ReplaceAll(table.String(), "\n", ",\n")), Taking{}},
		"lines": {write("l.csv", lines.String()), Taking{Extent: "1cm"}},
	} {
		taken, err := Take(c.path, grid, c.how)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, v := range taken.Values {
			if priors.Missing(v) != priors.Missing(values[i]) || math.Abs(v-values[i]) > 1e-9 {
				t.Fatalf("%s: value %d is %v, want %v", name, i, v, values[i])
			}
		}
		last := taken.Remarks[len(taken.Remarks)-1]
		if !strings.Contains(last, "2 of 784 values are missing") {
			t.Errorf("%s: %q", name, last)
		}
		if text := taken.Sketch(); strings.Contains(text, "NaN") {
			t.Errorf("%s: the sketch has NaN:\n%s", name, text)
		}
	}
	values[3] = math.Inf(1)
	if _, err := Take(saveNPY(t, "y.npy", values, 28, 28), grid, Taking{}); err == nil {
		t.Error("an infinite value is accepted")
	}
	for i := range values {
		values[i] = math.NaN()
	}
	if _, err := Take(saveNPY(t, "y.npy", values, 28, 28), grid, Taking{}); err == nil ||
		!strings.Contains(err.Error(), "no value") {
		t.Errorf("nothing measured: %v", err)
	}
}

// TestTakeOwnGrid takes a map whose samples are the points of a grid of its
// own, and samples a finer one at these points.
//
// 2 + x − 3y is linear, so that a finer map gives the same twelve values.
func TestTakeOwnGrid(t *testing.T) {
	spec := problems.Spec{Name: "lab", Rows: 9, Cols: 7, YChannels: 1, YUnit: "cm",
		Width: 3, Height: 4, LengthUnit: "cm", ImagesPerSimulation: 1}
	if err := spec.SetYGrid(3, 4); err != nil {
		t.Fatal(err)
	}
	linear := func(rows, cols int) []float64 { // 2 + x - 3y at the points of a grid
		all := make([]float64, rows*cols)
		for i := range all {
			x, y := 3*float64(i%cols)/float64(cols-1), 4*float64(i/cols)/float64(rows-1)
			all[i] = 2 + x - 3*y
		}
		return all
	}
	want := linear(3, 4)
	for _, c := range []struct {
		rows, cols int
		how        Taking
	}{{3, 4, Taking{}}, {33, 31, Taking{Extent: "3cm,4cm"}}} {
		path := saveNPY(t, "y.npy", linear(c.rows, c.cols), c.rows, c.cols)
		taken, err := Take(path, MeasurementGrid(&spec), c.how)
		if err != nil {
			t.Fatal(err)
		}
		if n := priors.Present(taken.Values); n != 12 || len(taken.Values) != 63 {
			t.Errorf("%d×%d: %d of %d values", c.rows, c.cols, n, len(taken.Values))
		}
		for k, node := range spec.Sensors {
			if v := taken.Values[node]; !(math.Abs(v-want[k]) < 1e-9) {
				t.Errorf("%d×%d: point %d is %v, want %v", c.rows, c.cols, k, v, want[k])
			}
		}
	}
	if _, err := Take(saveNPY(t, "y.npy", linear(9, 7), 9, 7), MeasurementGrid(&spec),
		Taking{}); err == nil || !strings.Contains(err.Error(), "1×3×4 is expected") {
		t.Errorf("a map on the nodes of x: %v", err)
	}
}

// TestTakeSensors takes tables of sensors in their order and by their numbers,
// in another unit, and the nodes of sensors in a map.
//
// −30 mm is −3 cm at the third sensor; the second sensor has no line. A sensor
// of number 4 of three, or one twice, is a mistake in the table.
func TestTakeSensors(t *testing.T) {
	grid := centimeter
	grid.Gaps, grid.Sensors = true, []int{30, 5, 700}
	for name, c := range map[string]struct {
		text string
		how  Taking
		want [3]float64
	}{
		"ordered": {"u\n1.5\n2.5\n-3\n", Taking{}, [3]float64{1.5, 2.5, -3}},
		"numbered": {"sensor,u\n3,-30\n1,15\n", Taking{Unit: "mm"},
			[3]float64{1.5, math.NaN(), -3}},
	} {
		path := filepath.Join(t.TempDir(), "s.csv")
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		taken, err := Take(path, grid, c.how)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		count := 0
		for k, node := range grid.Sensors {
			v, want := taken.Values[node], c.want[k]
			if priors.Missing(v) != priors.Missing(want) || math.Abs(v-want) > 1e-12 {
				t.Errorf("%s: sensor %d is %v, want %v", name, k+1, v, want)
			}
			if !priors.Missing(want) {
				count++
			}
		}
		if priors.Present(taken.Values) != count {
			t.Errorf("%s: %d values", name, priors.Present(taken.Values))
		}
	}
	taken, err := Take(saveNPY(t, "y.npy", planes(), 28, 28), grid, Taking{})
	if err != nil || priors.Present(taken.Values) != 3 || taken.Values[5] != planes()[5] {
		t.Errorf("a map: %v", err)
	}
	for says, text := range map[string]string{
		"number from 1 to 3": "1,2\n4,2\n", "each at most once": "2,2\n2,2\n",
	} {
		path := filepath.Join(t.TempDir(), "s.csv")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Take(path, grid, Taking{})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
