package priors

import "fmt"

// Layers is a field of two horizontal layers.
type Layers struct {
	Top, Bottom float64 // values above the interface, and on or below it
	Interface   float64 // height of the interface, in the unit of the grid
}

// At returns the value at height y.
func (l Layers) At(y float64) float64 {
	if y > l.Interface {
		return l.Top
	}
	return l.Bottom
}

// Below returns the fraction of the heights from lo to hi, lo < hi, that lies
// below the interface. It is a continuous function of the interface's height,
// unlike the value at a node.
func (l Layers) Below(lo, hi float64) float64 {
	return min(max((l.Interface-lo)/(hi-lo), 0), 1)
}

// Rasterize sets dst to the layers' values on the nodes of g. It panics if dst
// does not have g.Nodes() elements.
func (l Layers) Rasterize(dst []float64, g Grid) {
	if len(dst) != g.Nodes() {
		panic(fmt.Sprintf("priors: field of %d values for %d×%d nodes", len(dst), g.Rows, g.Cols))
	}
	for row := range g.Rows {
		v := l.At(g.Y(row))
		line := dst[row*g.Cols : (row+1)*g.Cols]
		for col := range line {
			line[col] = v
		}
	}
}

// TwoLayers is the prior of two layers of independent values: Table 9 of the
// paper. Its variables θ are the values of the top and of the bottom layer and
// the height of the interface, in this order.
type TwoLayers struct {
	// nodes of the field
	Grid Grid
	// values of the layers
	Top, Bottom Uniform
	Interface   Uniform // from the bottom edge
}

// Validate returns an error about the first setting that is not valid.
func (p *TwoLayers) Validate() error {
	if !p.Grid.valid() {
		return fmt.Errorf("priors: a grid of %d×%d nodes over %v×%v is not valid", p.Grid.Rows,
			p.Grid.Cols, p.Grid.Width, p.Grid.Height)
	}
	for _, v := range []struct {
		name string
		u    Uniform
	}{{"Top", p.Top}, {"Bottom", p.Bottom}, {"Interface", p.Interface}} {
		if !(0 < v.u.Lo && v.u.Lo < v.u.Hi) {
			return fmt.Errorf("priors: %s from %v to %v is not a valid range", v.name, v.u.Lo,
				v.u.Hi)
		}
	}
	if !(p.Interface.Hi < p.Grid.Height) {
		return fmt.Errorf("priors: the interface may be at %v, outside of the grid of height %v",
			p.Interface.Hi, p.Grid.Height)
	}
	return nil
}

// Box returns the limits of the variables, in new slices.
func (p *TwoLayers) Box() (lo, hi []float64) {
	return []float64{p.Top.Lo, p.Bottom.Lo, p.Interface.Lo},
		[]float64{p.Top.Hi, p.Bottom.Hi, p.Interface.Hi}
}

// Layers returns the layers of variables theta. It panics if theta does not
// have 3 elements.
func (p *TwoLayers) Layers(theta []float64) Layers {
	if len(theta) != 3 {
		panic(fmt.Sprintf("priors: %d variables for two layers; 3 are needed", len(theta)))
	}
	return Layers{Top: theta[0], Bottom: theta[1], Interface: theta[2]}
}

// Field sets x to the field of variables theta, on the nodes of the grid.
func (p *TwoLayers) Field(x, theta []float64) { p.Layers(theta).Rasterize(x, p.Grid) }
