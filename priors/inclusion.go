package priors

import "fmt"

// Disc is a disc of one value on a background of another.
type Disc struct {
	X, Y, Radius float64 // center and radius, in the unit of the grid
	Inside       float64 // value at nodes whose distance from the center is at most Radius
	Outside      float64 // value elsewhere
}

// Rasterize sets dst to the disc's values on the nodes of g. It panics if dst
// does not have g.Nodes() elements.
func (d Disc) Rasterize(dst []float64, g Grid) {
	if len(dst) != g.Nodes() {
		panic(fmt.Sprintf("priors: field of %d values for %d×%d nodes", len(dst), g.Rows, g.Cols))
	}
	r2 := d.Radius * d.Radius
	for row := range g.Rows {
		dy := g.Y(row) - d.Y
		line := dst[row*g.Cols : (row+1)*g.Cols]
		for col := range line {
			dx := g.X(col) - d.X
			if dx*dx+dy*dy <= r2 {
				line[col] = d.Inside
			} else {
				line[col] = d.Outside
			}
		}
	}
}

// CircularInclusion is the prior of a stiff disc in a uniform background: Table
// 3 of the paper (uniform center, everything else constant) and Table 8
// (uniform center, radius and ratio). X, Y, Radius and Ratio are the variables
// θ, in this order, except any that are constant.
type CircularInclusion struct {
	// nodes of the field
	Grid Grid
	X, Y Uniform // center, from the left and from the bottom edge
	// in the unit of the grid
	Radius     Uniform
	Ratio      Uniform // value inside divided by value outside
	Background float64 // value outside
}

// Validate returns an error about the first setting that is not valid.
func (p *CircularInclusion) Validate() error {
	if !p.Grid.valid() {
		return fmt.Errorf("priors: a grid of %d×%d nodes over %v×%v is not valid", p.Grid.Rows,
			p.Grid.Cols, p.Grid.Width, p.Grid.Height)
	}
	for _, v := range []struct {
		name string
		u    Uniform
	}{{"X", p.X}, {"Y", p.Y}, {"Radius", p.Radius}, {"Ratio", p.Ratio}} {
		if !(v.u.Lo <= v.u.Hi) {
			return fmt.Errorf("priors: %s from %v to %v is not a valid range", v.name, v.u.Lo,
				v.u.Hi)
		}
	}
	if !(p.Radius.Lo > 0) || !(p.Ratio.Lo > 0) || !(p.Background > 0) {
		return fmt.Errorf("priors: radius, ratio and background must be positive")
	}
	return nil
}

// distributions returns the distributions of the disc's four numbers, in the
// order of θ.
func (p *CircularInclusion) distributions() [4]Uniform {
	return [4]Uniform{p.X, p.Y, p.Radius, p.Ratio}
}

// Dim returns the number of variables.
func (p *CircularInclusion) Dim() int {
	n := 0
	for _, u := range p.distributions() {
		if !u.IsConstant() {
			n++
		}
	}
	return n
}

// Box returns the limits of the variables, in new slices.
func (p *CircularInclusion) Box() (lo, hi []float64) {
	for _, u := range p.distributions() {
		if !u.IsConstant() {
			lo, hi = append(lo, u.Lo), append(hi, u.Hi)
		}
	}
	return lo, hi
}

// Disc returns the disc of variables theta. It panics if theta does not have
// Dim elements.
func (p *CircularInclusion) Disc(theta []float64) Disc {
	var value [4]float64
	next := 0
	for k, u := range p.distributions() {
		if value[k] = u.Lo; u.IsConstant() {
			continue
		}
		if next < len(theta) {
			value[k] = theta[next]
		}
		next++
	}
	if next != len(theta) {
		panic(fmt.Sprintf("priors: %d variables for an inclusion of %d", len(theta), next))
	}
	return Disc{X: value[0], Y: value[1], Radius: value[2], Inside: value[3] * p.Background,
		Outside: p.Background}
}

// Field sets x to the field of variables theta, on the nodes of the grid.
func (p *CircularInclusion) Field(x, theta []float64) { p.Disc(theta).Rasterize(x, p.Grid) }
