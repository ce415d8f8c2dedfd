package fem

// ShapeFunctions is a set of Lagrange shape functions on a reference cell, one
// per corner.
type ShapeFunctions interface {
	// Nodes returns the number of functions.
	Nodes() int
	// Values sets n[a] to N_a(ξ, η).
	Values(n []float64, xi, eta float64)
	// Slopes sets dn[2a], dn[2a+1] to ∂N_a/∂ξ, ∂N_a/∂η.
	Slopes(dn []float64, xi, eta float64)
	// Rule returns a quadrature rule on the reference cell that is exact for
	// polynomials of the given degree: total degree on the triangle, degree in
	// each variable on the square.
	Rule(degree int) Rule
	// Corner returns the reference coordinates of node a.
	Corner(a int) (xi, eta float64)
}

// P1 is the linear triangle on (0,0), (1,0), (0,1): N = 1−ξ−η, ξ, η.
type P1 struct{}

// Nodes returns 3.
func (P1) Nodes() int { return 3 }

// Values implements ShapeFunctions.
func (P1) Values(n []float64, xi, eta float64) { n[0], n[1], n[2] = 1-xi-eta, xi, eta }

// Slopes implements ShapeFunctions.
func (P1) Slopes(dn []float64, xi, eta float64) {
	dn[0], dn[1] = -1, -1
	dn[2], dn[3] = 1, 0
	dn[4], dn[5] = 0, 1
}

// Rule implements ShapeFunctions.
func (P1) Rule(degree int) Rule { return triangleRule(degree) }

// Corner implements ShapeFunctions.
func (P1) Corner(a int) (xi, eta float64) {
	c := [3][2]float64{{0, 0}, {1, 0}, {0, 1}}[a]
	return c[0], c[1]
}

// Q4 is the bilinear quadrilateral on [−1, 1]²: N_a = (1 + ξ_a ξ)(1 + η_a η)/4.
type Q4 struct{}

// q4Corners are (ξ_a, η_a), counterclockwise from the lower left.
var q4Corners = [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}

// Nodes returns 4.
func (Q4) Nodes() int { return 4 }

// Values implements ShapeFunctions.
func (Q4) Values(n []float64, xi, eta float64) {
	for a, c := range q4Corners {
		n[a] = (1 + c[0]*xi) * (1 + c[1]*eta) / 4
	}
}

// Slopes implements ShapeFunctions.
func (Q4) Slopes(dn []float64, xi, eta float64) {
	for a, c := range q4Corners {
		dn[2*a], dn[2*a+1] = c[0]*(1+c[1]*eta)/4, (1+c[0]*xi)*c[1]/4
	}
}

// Rule implements ShapeFunctions.
func (Q4) Rule(degree int) Rule { return squareRule(degree) }

// Corner implements ShapeFunctions.
func (Q4) Corner(a int) (xi, eta float64) { return q4Corners[a][0], q4Corners[a][1] }

// point holds the quantities of the weak form at one quadrature point of one
// cell.
type point struct {
	// place in the mesh
	x, y float64
	n    [4]float64    // N_a
	grad [4][2]float64 // ∂N_a/∂x, ∂N_a/∂y
	det  float64       // Jacobian determinant of the map from the reference cell
}

// at evaluates the shape functions and their gradients at (ξ, η) of the cell
// with corners xy = x₀ y₀ x₁ y₁ …, where x(ξ, η) = Σ N_a x_a. ∂N/∂x follows
// from ∂N/∂ξ by the inverse of the Jacobian.
func (p *point) at(s ShapeFunctions, xy []float64, xi, eta float64) {
	var dn [8]float64
	s.Values(p.n[:], xi, eta)
	s.Slopes(dn[:], xi, eta)
	p.x, p.y = 0, 0
	var xXi, xEta, yXi, yEta float64
	for a := range s.Nodes() {
		x, y := xy[2*a], xy[2*a+1]
		p.x += p.n[a] * x
		p.y += p.n[a] * y
		xXi += dn[2*a] * x
		xEta += dn[2*a+1] * x
		yXi += dn[2*a] * y
		yEta += dn[2*a+1] * y
	}
	p.det = xXi*yEta - xEta*yXi
	for a := range s.Nodes() {
		p.grad[a][0] = (dn[2*a]*yEta - dn[2*a+1]*yXi) / p.det
		p.grad[a][1] = (dn[2*a+1]*xXi - dn[2*a]*xEta) / p.det
	}
}
