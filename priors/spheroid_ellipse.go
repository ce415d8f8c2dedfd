package priors

import "math"

// Ellipse is an ellipse with axes along x and y.
type Ellipse struct {
	X, Y float64 // center
	A, B float64 // semi-axes along x and along y
}

// Area returns π·A·B.
func (e Ellipse) Area() float64 { return math.Pi * e.A * e.B }

// Contains reports whether (x, y) lies inside or on the boundary.
func (e Ellipse) Contains(x, y float64) bool {
	u, v := (x-e.X)/e.A, (y-e.Y)/e.B
	return u*u+v*v <= 1
}

// Clearance returns the distance of (x, y) from the boundary, negative outside,
// to 1e-8 of the axes.
//
// The foot of the perpendicular on the boundary is (a²p/(t+a²), b²q/(t+b²)),
// where (p, q) is the point relative to the center and t is the largest root of
//
//	F(t) = (a p/(t+a²))² + (b q/(t+b²))² − 1
//
// (Eberly, "Distance from a Point to an Ellipse", 2013). F is decreasing and
// convex there, so Newton's method converges from the left, from the point
// where one of the two terms alone is 1. With a ≥ b the unknown is s = t + b²,
// which stays exact when it is small.
func (e Ellipse) Clearance(x, y float64) float64 {
	a, b, p, q := e.A, e.B, math.Abs(x-e.X), math.Abs(y-e.Y)
	if a < b {
		a, b, p, q = b, a, q, p
	}
	// On an axis the numerator and denominator of a term may both vanish
	// although the foot is not on the axis: stay slightly off the axis.
	const off = 1e-9
	p, q = max(p, off*a), max(q, off*b)
	c := (a - b) * (a + b)
	s := max(a*p-c, b*q)
	for range 50 {
		u, v := a*p/(s+c), b*q/s
		step := (u*u + v*v - 1) / (2 * (u*u/(s+c) + v*v/s))
		s += step
		if step <= 1e-12*s {
			break
		}
	}
	return (b*b - s) * math.Hypot(p/(s+c), q/s)
}
