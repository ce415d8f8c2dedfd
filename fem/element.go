package fem

// Element is the weak form on one cell: shape functions, unknowns and element
// matrices. An element matrix is row-major of order Nodes·Components; unknown
// a·Components + i is component i at node a. xy holds the corners x₀ y₀ x₁ y₁
// …, counterclockwise.
type Element interface {
	Shape() ShapeFunctions
	Components() int
	// Stiffness sets k to the element matrix for a modulus of one.
	Stiffness(k, xy []float64)
	// Mass sets m to the consistent mass matrix ∫ N_a N_b for a density of one.
	Mass(m, xy []float64)
	// Load sets f to ∫ N_a b for the body force b(x, y), which sets its first
	// argument.
	Load(f, xy []float64, body func(b []float64, x, y float64))
}

// Elements holds the elements for the triangles and the quadrilaterals of a
// mesh; nil where there is no element.
type Elements struct {
	Triangle, Quad Element
}

// weight returns the volume per area at a quadrature point: 1 in the plane.
type weight func(x float64) float64

// plane is the weight of plane problems, per unit of thickness.
func plane(float64) float64 { return 1 }

// mass sets m to ∫ ρ N_a N_b δ_ij with ρ = 1: consistent, exact on affine
// cells.
func mass(m, xy []float64, s ShapeFunctions, components int, volume weight) {
	order := s.Nodes() * components
	clear(m[:order*order])
	var p point
	rule := s.Rule(4)
	for q, w := range rule.Weights {
		p.at(s, xy, rule.Points[q][0], rule.Points[q][1])
		w *= p.det * volume(p.x)
		for a := range s.Nodes() {
			for b := range s.Nodes() {
				for i := range components {
					m[(a*components+i)*order+b*components+i] += w * p.n[a] * p.n[b]
				}
			}
		}
	}
}

// load sets f to ∫ N_a b(x, y).
func load(f, xy []float64, s ShapeFunctions, components int, volume weight,
	body func(b []float64, x, y float64)) {
	clear(f[:s.Nodes()*components])
	var p point
	var b [2]float64
	rule := s.Rule(5)
	for q, w := range rule.Weights {
		p.at(s, xy, rule.Points[q][0], rule.Points[q][1])
		w *= p.det * volume(p.x)
		b = [2]float64{}
		body(b[:components], p.x, p.y)
		for a := range s.Nodes() {
			for i := range components {
				f[a*components+i] += w * p.n[a] * b[i]
			}
		}
	}
}

// radial marks elements whose matrices depend on the distance from the axis.
type radial interface{ radial() }
