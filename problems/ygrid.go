package problems

import (
	"fmt"
	"math"
	"slices"
)

// HasYGrid reports whether y has a grid of its own, which differs from the grid
// of x.
func (s *Spec) HasYGrid() bool { return s.YRows > 0 }

// SetYGrid gives y a grid of its own: rows × cols points over the rectangle,
// corners included. The node next to a point holds its value wherever y is
// stored on the nodes of x, as for sensors. A grid that is finer than that of x
// is an error, because two points would then share a node. Equal grids leave s
// as it is.
func (s *Spec) SetYGrid(rows, cols int) error {
	switch {
	case rows == s.Rows && cols == s.Cols:
		return nil
	case rows < 2 || cols < 2 || rows > s.Rows || cols > s.Cols:
		return fmt.Errorf("problems: %s: a grid of %d×%d for y; at least 2×2 points are needed, "+
			"and at most the %d×%d of x. Average a finer measurement, or make x finer", s.Name,
			rows, cols, s.Rows, s.Cols)
	}
	s.YRows, s.YCols, s.Sensors = rows, cols, nil
	for i := range rows {
		for j := range cols {
			s.Sensors = append(s.Sensors, nearest(i, rows, s.Rows)*s.Cols+nearest(j, cols, s.Cols))
		}
	}
	return nil
}

// fitsYGrid reports whether a grid of y, if there is one, has a node of x for
// each of its points, and whether all sensors are nodes of x.
func (s *Spec) fitsYGrid() bool {
	seen := make(map[int]bool, len(s.Sensors))
	for _, node := range s.Sensors {
		if node < 0 || node >= s.Plane() || seen[node] {
			return false
		}
		seen[node] = true
	}
	if s.YRows == 0 && s.YCols == 0 {
		return true
	}
	return s.YRows >= 2 && s.YCols >= 2 && s.YRows <= s.Rows && s.YCols <= s.Cols &&
		len(s.Sensors) == s.YRows*s.YCols
}

// nearest returns the node, of n, next to point i of count along the same line.
func nearest(i, count, n int) int {
	return int(math.Round(float64(i) / float64(count-1) * float64(n-1)))
}

// YPlane returns the number of values of a channel of y in files: of the points
// of its grid.
func (s *Spec) YPlane() int {
	if s.HasYGrid() {
		return s.YRows * s.YCols
	}
	return s.Plane()
}

// YShape returns the shape of an array of y in files, after the axes lead:
// (channels, rows, cols) of its grid.
func (s *Spec) YShape(lead ...int) []int {
	if s.HasYGrid() {
		return append(slices.Clone(lead), s.YChannels, s.YRows, s.YCols)
	}
	return append(slices.Clone(lead), s.YChannels, s.Rows, s.Cols)
}

// ToNodes sets y, of planes on the nodes of x, to the values on the grid of y,
// and to other where a node has none.
func ToNodes[T float32 | float64](s *Spec, y, values []T, other T) {
	if !s.HasYGrid() {
		copy(y, values)
		return
	}
	n, own := s.Plane(), s.YPlane()
	for i := range y {
		y[i] = other
	}
	for i, v := range values {
		y[i/own*n+s.Sensors[i%own]] = v
	}
}

// FromNodes sets values, on the grid of y, to the values of y at their nodes.
func (s *Spec) FromNodes(values, y []float64) {
	if !s.HasYGrid() {
		copy(values, y)
		return
	}
	n, own := s.Plane(), s.YPlane()
	for i := range values {
		values[i] = y[i/own*n+s.Sensors[i%own]]
	}
}

// MeasuredPlaces returns the places of the measured values in y, ascending; nil
// if it is measured everywhere.
func (s *Spec) MeasuredPlaces() (all []int) {
	sorted := slices.Sorted(slices.Values(s.Sensors))
	for c := range s.YChannels {
		for _, node := range sorted {
			all = append(all, c*s.Plane()+node)
		}
	}
	return all
}
