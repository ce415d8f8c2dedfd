package problems_test

import (
	"math"
	"slices"
	"testing"

	"csdm/problems"
)

// TestYGrid checks for several sizes that points of y's grid have nodes of
// their own, each at most half a node away, and that values return from them.
func TestYGrid(t *testing.T) {
	for _, size := range [][4]int{{9, 7, 2, 2}, {9, 7, 9, 6}, {28, 28, 20, 17}, {5, 4, 4, 4}} {
		rows, cols, yRows, yCols := size[0], size[1], size[2], size[3]
		s := problems.Spec{Name: "lab", Rows: rows, Cols: cols, YChannels: 2,
			ImagesPerSimulation: 1}
		if err := s.SetYGrid(yRows, yCols); err != nil {
			t.Fatal(err)
		}
		if !s.HasYGrid() || s.YPlane() != yRows*yCols || len(s.Sensors) != yRows*yCols {
			t.Fatalf("%v: %d values on %d nodes", size, s.YPlane(), len(s.Sensors))
		}
		if got := s.YShape(3); !slices.Equal(got, []int{3, 2, yRows, yCols}) {
			t.Errorf("%v: shape %v", size, got)
		}
		for k, node := range s.Sensors {
			x := float64(k%yCols) / float64(yCols-1) * float64(cols-1)
			y := float64(k/yCols) / float64(yRows-1) * float64(rows-1)
			if math.Abs(float64(node%cols)-x) > 0.5 || math.Abs(float64(node/cols)-y) > 0.5 {
				t.Errorf("%v: point %d at (%v, %v) is at node %d", size, k, x, y, node)
			}
		}
		places := s.MeasuredPlaces()
		if !slices.IsSorted(places) || len(slices.Compact(slices.Clone(places))) != 2*yRows*yCols {
			t.Errorf("%v: places %v", size, places)
		}
		values := make([]float64, 2*yRows*yCols)
		for i := range values {
			values[i] = float64(i + 1)
		}
		y, back := make([]float64, s.YLen()), make([]float64, len(values))
		problems.ToNodes(&s, y, values, -1)
		s.FromNodes(back, y)
		if !slices.Equal(back, values) {
			t.Errorf("%v: %v returns as %v", size, values, back)
		}
		for i, v := range y {
			if _, measured := slices.BinarySearch(places, i); measured == (v == -1) {
				t.Errorf("%v: value %v at place %d", size, v, i)
			}
		}
	}
}

// TestYGridRefused checks the limits of a grid of y, and that the grid of x is
// none of its own.
func TestYGridRefused(t *testing.T) {
	s := problems.Spec{Name: "lab", Rows: 9, Cols: 7, YChannels: 1}
	for _, size := range [][2]int{{10, 7}, {9, 8}, {1, 7}, {9, 0}, {-3, 7}} {
		if err := s.SetYGrid(size[0], size[1]); err == nil || s.HasYGrid() {
			t.Errorf("%v is accepted", size)
		}
	}
	if err := s.SetYGrid(9, 7); err != nil || s.HasYGrid() || s.MeasuredPlaces() != nil {
		t.Errorf("the grid of x: %v, %v", err, s.HasYGrid())
	}
	for name, change := range map[string]func(*problems.Spec){
		"no sensors":      func(s *problems.Spec) { s.Sensors = nil },
		"no columns":      func(s *problems.Spec) { s.YCols = 0 },
		"no rows":         func(s *problems.Spec) { s.YRows = 0 },
		"negative":        func(s *problems.Spec) { s.YRows, s.YCols = -2, -2 },
		"too large":       func(s *problems.Spec) { s.YRows, s.YCols = 1e5, 1e5 },
		"outside":         func(s *problems.Spec) { s.Sensors[0] = 63 },
		"two at one node": func(s *problems.Spec) { s.Sensors[0] = s.Sensors[1] },
	} {
		hostile := problems.Spec{Name: "lab", Rows: 9, Cols: 7, YChannels: 1,
			ImagesPerSimulation: 1}
		if err := hostile.SetYGrid(2, 3); err != nil || hostile.Validate() != nil {
			t.Fatal(err, hostile.Validate())
		}
		if change(&hostile); hostile.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	values, y := []float64{1, 2}, make([]float64, 2)
	problems.ToNodes(&s, y, values, 0)
	if !slices.Equal(y, values) || s.YPlane() != 63 {
		t.Errorf("%v becomes %v", values, y)
	}
}
