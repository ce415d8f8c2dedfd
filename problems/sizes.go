package problems

import "fmt"

// Sizes are the numbers that decide which arrays belong to a problem. Two
// problems, or a problem and a network, can share pairs and measurements only
// if their Sizes are equal.
type Sizes struct {
	Fields     int // planes of x
	Rows, Cols int // of the nodes of x
	YChannels  int
	// points of y's own grid; 0: y has the grid of x
	YRows, YCols int
}

// Sizes returns the sizes of the problem.
func (s *Spec) Sizes() Sizes {
	return Sizes{s.XChannels(), s.Rows, s.Cols, s.YChannels, s.YRows, s.YCols}
}

// String describes the sizes.
func (s Sizes) String() string {
	text := fmt.Sprintf("%d×%d×%d values of x and %d×%d×%d of y", s.Fields, s.Rows, s.Cols,
		s.YChannels, s.Rows, s.Cols)
	if s.YRows > 0 {
		text = fmt.Sprintf("%d×%d×%d values of x and, on a grid of its own, %d×%d×%d of y",
			s.Fields, s.Rows, s.Cols, s.YChannels, s.YRows, s.YCols)
	}
	return text
}
