package priors

import "math"

// PowerCell returns the nucleus in whose cell (x, y) lies, and its power there:
//
//	argmin_i |p − c_i|² − r_i²
//
// This is the power (Laguerre) diagram of the nuclei (Aurenhammer 1987;
// reference 77 of the paper). Its cells are convex polygons. The border of two
// cells runs between their nuclei, perpendicular to the line through the
// centers. If nuclei do not overlap, a power of at most 0 means that the point
// lies in that nucleus. Without nuclei the result is −1, +∞.
func PowerCell(nuclei []Nucleus, x, y float64) (cell int, power float64) {
	cell, power = -1, math.Inf(1)
	for i := range nuclei {
		n := &nuclei[i]
		dx, dy := x-n.X, y-n.Y
		if p := dx*dx + dy*dy - n.Radius*n.Radius; p < power {
			cell, power = i, p
		}
	}
	return cell, power
}
