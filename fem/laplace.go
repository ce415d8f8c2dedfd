package fem

// LaplaceP1 is the scalar linear triangle of ∫ m ∇u·∇v, where m is the modulus.
type LaplaceP1 struct{}

// Shape returns P1.
func (LaplaceP1) Shape() ShapeFunctions { return P1{} }

// Components returns 1.
func (LaplaceP1) Components() int { return 1 }

// Stiffness implements Element.
func (LaplaceP1) Stiffness(k, xy []float64) { laplace(k, xy, P1{}) }

// Mass implements Element.
func (LaplaceP1) Mass(m, xy []float64) { mass(m, xy, P1{}, 1, plane) }

// Load implements Element.
func (LaplaceP1) Load(f, xy []float64, body func(b []float64, x, y float64)) {
	load(f, xy, P1{}, 1, plane, body)
}

// LaplaceQ4 is the scalar bilinear quadrilateral of ∫ m ∇u·∇v.
type LaplaceQ4 struct{}

// Shape returns Q4.
func (LaplaceQ4) Shape() ShapeFunctions { return Q4{} }

// Components returns 1.
func (LaplaceQ4) Components() int { return 1 }

// Stiffness implements Element.
func (LaplaceQ4) Stiffness(k, xy []float64) { laplace(k, xy, Q4{}) }

// Mass implements Element.
func (LaplaceQ4) Mass(m, xy []float64) { mass(m, xy, Q4{}, 1, plane) }

// Load implements Element.
func (LaplaceQ4) Load(f, xy []float64, body func(b []float64, x, y float64)) {
	load(f, xy, Q4{}, 1, plane, body)
}

// laplace sets k to ∫ ∇N_a·∇N_b.
func laplace(k, xy []float64, s ShapeFunctions) {
	n := s.Nodes()
	clear(k[:n*n])
	var p point
	rule := s.Rule(stiffnessDegree)
	for q, w := range rule.Weights {
		p.at(s, xy, rule.Points[q][0], rule.Points[q][1])
		w *= p.det
		for a := range n {
			for b := range n {
				k[a*n+b] += w * (p.grad[a][0]*p.grad[b][0] + p.grad[a][1]*p.grad[b][1])
			}
		}
	}
}

// stiffnessDegree selects 2×2 points on the quadrilateral. On the triangle,
// where gradients are constant, any rule is exact.
const stiffnessDegree = 3
