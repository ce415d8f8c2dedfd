package tasks

import (
	"math"

	"csdm/rng"
)

// The half circle of two moons: its center on the first axis, the mean of its
// radius, and the deviation.
const moonCenter, moonRadius, moonDeviation = 0.25, 0.1, 0.01

// twoMoons is task T.8 of Lueckmann et al. (2021), after Greenberg et al.
// (2019). A point on a half circle is shifted by −|u₁ + u₂|/√2 and (u₂ −
// u₁)/√2, so that the posterior has two crescents.
//
// Given y and the point (p, q) of the half circle, |u₁ + u₂|/√2 = p − y₀ and
// (u₂ − u₁)/√2 = y₁ − q, hence two solutions u, mirrored in the line u₁ = −u₂,
// with equal probability.
func twoMoons() *Task {
	t := &Task{Name: "two_moons", X: 2, Y: 2}
	t.uniform(1)
	t.measure = func(y, u []float64, s *rng.Stream) {
		p, q := moonPoint(s)
		y[0] = p - math.Abs(u[0]+u[1])/math.Sqrt2
		y[1] = q + (u[1]-u[0])/math.Sqrt2
	}
	t.logLikelihood = func(u, y []float64) float64 {
		p := y[0] + math.Abs(u[0]+u[1])/math.Sqrt2 - moonCenter
		q := y[1] - (u[1]-u[0])/math.Sqrt2
		if p < 0 {
			return math.Inf(-1)
		}
		// The density of a point is the radius's density over the radius.
		r := math.Hypot(p, q)
		z := (r - moonRadius) / moonDeviation
		return -z*z/2 - math.Log(r)
	}
	// The point fixes |u₁ + u₂| and u₂ − u₁; either sign is as likely. The
	// prior is uniform.
	t.exact = func(u, y []float64, s *rng.Stream) {
		for {
			p, q := moonPoint(s)
			sum, difference := (p-y[0])*math.Sqrt2, (y[1]-q)*math.Sqrt2
			if sum < 0 {
				continue
			}
			if s.Uint64n(2) == 1 {
				sum = -sum
			}
			u[0], u[1] = (sum-difference)/2, (sum+difference)/2
			if within(u, 1) {
				return
			}
		}
	}
	return t
}

// moonPoint draws a point of the half circle.
//
// The radius is normal and the angle uniform over the right half circle. In
// Cartesian coordinates the density of the point is the radius's density over
// r, times a constant.
func moonPoint(s *rng.Stream) (x, y float64) {
	angle := s.Uniform(-math.Pi/2, math.Pi/2)
	r := moonRadius + moonDeviation*s.Normal()
	return moonCenter + r*math.Cos(angle), r * math.Sin(angle)
}
