package fem

import (
	"fmt"
	"math"
)

// Rule is a quadrature rule on a reference cell: ∫ f ≈ Σ
// Weights[q]·f(Points[q]).
type Rule struct {
	Points [][2]float64 // (ξ, η)
	// their sum is the area of the reference cell
	Weights []float64
}

// triangleRule returns a symmetric rule on the triangle (0,0), (1,0), (0,1), of
// area ½, that is exact for polynomials of total degree up to 5.
func triangleRule(degree int) Rule {
	// orbit adds the points with barycentric coordinates (a, a, 1−2a) in all
	// arrangements.
	var r Rule
	orbit := func(a, w float64) {
		for _, p := range [][2]float64{{a, a}, {1 - 2*a, a}, {a, 1 - 2*a}} {
			r.Points = append(r.Points, p)
			r.Weights = append(r.Weights, w/2)
		}
	}
	centroid := func(w float64) {
		r.Points = append(r.Points, [2]float64{1. / 3, 1. / 3})
		r.Weights = append(r.Weights, w/2)
	}
	switch {
	case degree <= 1:
		centroid(1)
	case degree == 2: // Strang and Fix 1973
		orbit(1./6, 1./3)
	case degree <= 5: // Radon 1948
		root := math.Sqrt(15)
		centroid(9. / 40)
		orbit((6-root)/21, (155-root)/1200)
		orbit((6+root)/21, (155+root)/1200)
	default:
		panic(fmt.Sprintf("fem: no triangle rule of degree %d; degrees up to 5 are supported",
			degree))
	}
	return r
}

// squareRule returns the tensor Gauss–Legendre rule on [−1, 1]² that is exact
// for degrees up to 5 in each variable.
func squareRule(degree int) Rule {
	var x, w []float64
	switch {
	case degree <= 1:
		x, w = []float64{0}, []float64{2}
	case degree <= 3:
		a := 1 / math.Sqrt(3)
		x, w = []float64{-a, a}, []float64{1, 1}
	case degree <= 5:
		a := math.Sqrt(3. / 5)
		x, w = []float64{-a, 0, a}, []float64{5. / 9, 8. / 9, 5. / 9}
	default:
		panic(fmt.Sprintf("fem: no square rule of degree %d; degrees up to 5 are supported",
			degree))
	}
	var r Rule
	for j := range x {
		for i := range x {
			r.Points = append(r.Points, [2]float64{x[i], x[j]})
			r.Weights = append(r.Weights, w[i]*w[j])
		}
	}
	return r
}
