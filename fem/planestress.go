package fem

// PlaneStressP1 is the linear triangle in plane stress of an incompressible
// solid,
//
//	σ = 2μ(ε + tr(ε) I),
//
// where the pressure is eliminated by σ_zz = 0 and ε_zz = −tr(ε), so the
// element does not lock. The modulus is the shear modulus μ.
type PlaneStressP1 struct{}

// Shape returns P1.
func (PlaneStressP1) Shape() ShapeFunctions { return P1{} }

// Components returns 2.
func (PlaneStressP1) Components() int { return 2 }

// Stiffness sets k to ∫ 2(ε(u) + tr ε(u) I) : ε(v) for unit μ. With gradients b
// of the trial and c of the test function the integrand is
//
//	(4 c_x b_x + c_y b_y   2 c_x b_y + c_y b_x)
//	(2 c_y b_x + c_x b_y   4 c_y b_y + c_x b_x).
//
// Gradients are constant, so one quadrature point is exact, and a modulus that
// is linear in the cell acts by its mean.
func (PlaneStressP1) Stiffness(k, xy []float64) {
	var p point
	p.at(P1{}, xy, 1./3, 1./3)
	area := p.det / 2
	for i := range 3 {
		for j := range 3 {
			c, b := p.grad[i], p.grad[j]
			k[(2*i)*6+2*j] = area * (4*c[0]*b[0] + c[1]*b[1])
			k[(2*i)*6+2*j+1] = area * (2*c[0]*b[1] + c[1]*b[0])
			k[(2*i+1)*6+2*j] = area * (2*c[1]*b[0] + c[0]*b[1])
			k[(2*i+1)*6+2*j+1] = area * (4*c[1]*b[1] + c[0]*b[0])
		}
	}
}

// Mass implements Element.
func (PlaneStressP1) Mass(m, xy []float64) { mass(m, xy, P1{}, 2, plane) }

// Load implements Element.
func (PlaneStressP1) Load(f, xy []float64, body func(b []float64, x, y float64)) {
	load(f, xy, P1{}, 2, plane, body)
}
