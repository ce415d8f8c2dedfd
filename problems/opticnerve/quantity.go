package opticnerve

import "csdm/problems"

// probe is the side, in nodes of Grid 64, of the squares for measuring moduli.
// They are wide enough to average over the noise of a draw, and narrow enough
// for the thinnest lamina.
const probe = 4

// Quantities implements problems.Quantified.
func (p *Problem) Quantities() []problems.Variable {
	return []problems.Variable{
		{Name: "modulus of the lamina on the axis", Unit: p.spec.XUnit},
		{Name: "thickness of the lamina on the axis", Unit: p.spec.LengthUnit},
		{Name: "modulus of the sclera at the left side", Unit: p.spec.XUnit},
		{Name: "mean modulus of the region", Unit: p.spec.XUnit},
	}
}

// Quantify implements problems.Quantified. In every anatomy the lamina crosses
// the axis, which is the right side of the region, and the sclera crosses the
// left side. No other tissue there is stiffer, unless they are as soft as nerve
// and retina. So a modulus is the mean of the stiffest square of probe nodes at
// its side. The thickness is measured along the axis, in the band of the
// squares: it is the length of the part that is more than half as stiff and
// connected with the stiffest square.
func (p *Problem) Quantify(dst, x []float64) {
	rows, cols := p.spec.Rows, p.spec.Cols
	step := regionNodes / rows
	width := probe / step
	var at int
	dst[0], at = stiffest(x, rows, cols, cols-width, width)
	stiff := func(r int) (nodes int) { // number of stiff nodes in a row of the band
		for _, v := range x[r*cols+cols-width : (r+1)*cols] {
			if v > dst[0]/2 {
				nodes++
			}
		}
		return nodes
	}
	nodes := 0
	for r := at; r < rows && (r < at+width || stiff(r) > 0); r++ {
		nodes += stiff(r)
	}
	for r := at - 1; r >= 0 && stiff(r) > 0; r-- {
		nodes += stiff(r)
	}
	dst[1] = float64(nodes*step) * Spacing / float64(width)
	dst[2], _ = stiffest(x, rows, cols, 0, width)
	dst[3] = 0
	for _, v := range x {
		dst[3] += v / float64(len(x))
	}
}

// stiffest returns the largest mean of x over a square of width×width nodes
// whose first column is col, and the first row of that square.
func stiffest(x []float64, rows, cols, col, width int) (modulus float64, at int) {
	sums := make([]float64, rows)
	for r := range sums {
		for _, v := range x[r*cols+col : r*cols+col+width] {
			sums[r] += v
		}
	}
	most := 0.0
	for r := range rows - width + 1 {
		sum := 0.0
		for _, v := range sums[r : r+width] {
			sum += v
		}
		if r == 0 || sum > most {
			most, at = sum, r
		}
	}
	return most / float64(width*width), at
}
