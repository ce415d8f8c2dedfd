package specimen

import "math"

// move sets y to the values of a map at the position of theta: at each node the
// displacement a little farther on.
//
// A map that is registered wrongly by (a, b) shows at node (x, y) the
// displacement of the point (x + a, y + b). The two axes are moved one after
// the other, which is exact for a product of interpolations.
func (g *generator) move(y, theta []float64) {
	p := g.problem.prior
	if p.position[0] < 0 {
		return
	}
	grid := p.grid
	along := p.value(theta, p.position[0], 0) * float64(grid.Cols-1) / grid.Width
	up := p.value(theta, p.position[1], 0) * float64(grid.Rows-1) / grid.Height
	plane := grid.Rows * grid.Cols
	for ; len(y) > 0; y = y[plane:] {
		for r := range grid.Rows {
			g.shift(y[r*grid.Cols:(r+1)*grid.Cols], 1, along)
		}
		for c := range grid.Cols {
			g.shift(y[c:plane-grid.Cols+c+1], grid.Cols, up)
		}
	}
}

// shift moves values that are stride apart by a number of steps: each becomes
// the value that is by steps farther on. Between values it is cubic (Keys
// 1981), and beyond the ends linear.
//
// With b, c the values on both sides, a and d the next ones and u in [0, 1) the
// place between b and c, the cubic
//
//	b + u/2 (c − a) + u² (a − 5b/2 + 2c − d/2) + u³ (3/2 (b − c) + (d − a)/2)
//
// passes through b and c with the slopes (c − a)/2 and (d − b)/2. It is exact
// for polynomials of second degree.
func (g *generator) shift(v []float64, stride int, by float64) {
	n := (len(v)-1)/stride + 1
	line := g.line[:n]
	for k := range line {
		line[k] = v[k*stride]
	}
	at := func(k int) float64 {
		switch {
		case k < 0:
			return line[0] + float64(k)*(line[1]-line[0])
		case k >= n:
			return line[n-1] + float64(k-n+1)*(line[n-1]-line[n-2])
		}
		return line[k]
	}
	whole := int(math.Floor(by))
	u := by - float64(whole)
	for k := range n {
		a, b, c, d := at(k+whole-1), at(k+whole), at(k+whole+1), at(k+whole+2)
		v[k*stride] = b + u*((c-a)/2+u*(a-2.5*b+2*c-d/2+u*(1.5*(b-c)+(d-a)/2)))
	}
}
