package priors

// Grid is a grid of Rows × Cols nodes that covers a rectangle of the given
// Width and Height, including its corners. Node (row, col) is element
// row*Cols+col of a field. Row 0 is the bottom edge, column 0 the left edge,
// and their corner is the origin. Lengths are in the unit of Width and Height.
type Grid struct {
	// nodes along y and along x, at least 2
	Rows, Cols int
	// lengths along x and along y
	Width, Height float64
}

// Nodes returns the number of nodes.
func (g Grid) Nodes() int { return g.Rows * g.Cols }

// X returns the abscissa of the nodes in column col; both ends are exact.
func (g Grid) X(col int) float64 { return g.Width * (float64(col) / float64(g.Cols-1)) }

// Y returns the ordinate of the nodes in row row; both ends are exact.
func (g Grid) Y(row int) float64 { return g.Height * (float64(row) / float64(g.Rows-1)) }

// valid reports whether a field can be defined on the grid.
func (g Grid) valid() bool {
	return g.Rows >= 2 && g.Cols >= 2 && g.Width > 0 && g.Height > 0
}
