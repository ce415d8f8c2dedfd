package plot

import "math"

// Contour returns the lines on which a field has the value level, as the points
// of a series of style Path. values is rows × cols with row 0 at the bottom, at
// the centers of the cells of e. The method is marching squares: the field is
// interpolated linearly along the edges between four neighbors, and a saddle is
// cut by its mean. A NaN separates two lines. A square with a value that is NaN
// or infinite has no line.
func Contour(values []float64, rows, cols int, e Extent, level float64) (x, y []float64) {
	hx, hy := (e.X1-e.X0)/float64(cols), (e.Y1-e.Y0)/float64(rows)
	add := func(p point) {
		x = append(x, e.X0+(p.x+0.5)*hx)
		y = append(y, e.Y0+(p.y+0.5)*hy)
	}
	for row := range rows - 1 {
		for col := range cols - 1 {
			k := row*cols + col
			corners := [4]float64{values[k], values[k+1], values[k+1+cols], values[k+cols]}
			for _, line := range crossings(corners, level) {
				for _, p := range line {
					add(point{float64(col) + p.x, float64(row) + p.y})
				}
				x, y = append(x, math.NaN()), append(y, math.NaN())
			}
		}
	}
	return x, y
}

// crossings returns the lines of a level through the unit square with values at
// its corners, counterclockwise from the origin. A line has the higher values
// on its left.
//
// On an edge from a to b the level is at t = (level − a)/(b − a), by linear
// interpolation. Going around the square, rises and falls alternate: one of
// each makes a line, two of each a saddle, whose two lines can be joined in two
// ways. The mean of the corners, the bilinear value in the center, decides
// whether the high corners are connected through it.
func crossings(v [4]float64, level float64) (lines [][2]point) {
	at := [4]point{{0, 0}, {1, 0}, {1, 1}, {0, 1}}
	mean := (v[0] + v[1] + v[2] + v[3]) / 4
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return nil
	}
	var enter, leave []point // where the field rises above the level, and falls below
	riseFirst := false
	for k := range v {
		a, b := v[k], v[(k+1)%4]
		if (a < level) == (b < level) {
			continue
		}
		t := (level - a) / (b - a)
		p, q := at[k], at[(k+1)%4]
		cut := point{p.x + t*(q.x-p.x), p.y + t*(q.y-p.y)}
		if a < level {
			riseFirst = riseFirst || len(leave) == 0
			enter = append(enter, cut)
		} else {
			leave = append(leave, cut)
		}
	}
	switch len(enter) {
	case 1:
		return [][2]point{{leave[0], enter[0]}}
	case 2:
		// A saddle. Each rise is joined to the fall after it, around a high
		// corner, or, where the mean is above the level, to the fall before it.
		after := 0 // fall after the first rise
		if !riseFirst {
			after = 1
		}
		if mean >= level {
			after = 1 - after
		}
		return [][2]point{{leave[after], enter[0]}, {leave[1-after], enter[1]}}
	}
	return nil
}
