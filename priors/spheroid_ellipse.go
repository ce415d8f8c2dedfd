package priors

import "math"

// Ellipse is an ellipse with axes along x and y.
type Ellipse struct {
	X, Y float64 // centre
	A, B float64 // semi-axes along x and along y
}

// Area returns π·A·B.
func (e Ellipse) Area() float64 { return math.Pi * e.A * e.B }

// Contains says whether (x, y) lies inside or on the boundary.
func (e Ellipse) Contains(x, y float64) bool {
	u, v := (x-e.X)/e.A, (y-e.Y)/e.B
	return u*u+v*v <= 1
}

// Clearance returns the distance of (x, y) from the boundary, negative outside, to 1e-9 of the axes.
//
// The foot of the perpendicular on the boundary is (a²p/(t+a²), b²q/(t+b²)) for the point (p, q) from the centre, with t the largest
// root of
//
//	F(t) = (a p/(t+a²))² + (b q/(t+b²))² − 1
//
// (Eberly, "Distance from a Point to an Ellipse", 2013). F falls and is convex there, so Newton's method climbs to the root
// from where one of the two terms alone is 1.
func (e Ellipse) Clearance(x, y float64) float64 {
	a2, b2 := e.A*e.A, e.B*e.B
	// On an axis the foot may leave it, where both numerator and denominator of a term vanish: stay a little off.
	const off = 1e-9
	p, q := math.Max(math.Abs(x-e.X), off*e.A), math.Max(math.Abs(y-e.Y), off*e.B)
	t := math.Max(e.A*p-a2, e.B*q-b2)
	for range 50 {
		u, v := e.A*p/(t+a2), e.B*q/(t+b2)
		step := (u*u + v*v - 1) / (2 * (u*u/(t+a2) + v*v/(t+b2)))
		t += step
		if step <= 1e-12*(t+math.Max(a2, b2)) {
			break
		}
	}
	return -t * math.Hypot(p/(t+a2), q/(t+b2))
}
