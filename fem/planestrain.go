package fem

// PlaneStrain returns the elements of plane strain, ε_zz = 0. nu is Poisson's
// ratio in (−1, ½), and the modulus is Young's modulus. The quadrilaterals are
// B-bar and do not lock as nu → ½. The linear triangles do lock; use them for
// padding far from the region of interest. PlaneStrain panics if nu is outside
// its range.
func PlaneStrain(nu float64) Elements {
	checkRatio(nu)
	return Elements{Triangle: PlaneStrainP1{nu}, Quad: PlaneStrainQ4{nu}}
}

// PlaneStrainP1 is the linear triangle in plane strain.
type PlaneStrainP1 struct{ Nu float64 }

// Shape returns P1.
func (PlaneStrainP1) Shape() ShapeFunctions { return P1{} }

// Components returns 2.
func (PlaneStrainP1) Components() int { return 2 }

// Stiffness implements Element.
func (e PlaneStrainP1) Stiffness(k, xy []float64) {
	d := isotropic(lame(e.Nu))
	stiffness(k, xy, P1{}, &d, plane, planeStrain)
}

// Mass implements Element.
func (PlaneStrainP1) Mass(m, xy []float64) { mass(m, xy, P1{}, 2, plane) }

// Load implements Element.
func (PlaneStrainP1) Load(f, xy []float64, body func(b []float64, x, y float64)) {
	load(f, xy, P1{}, 2, plane, body)
}

// PlaneStrainQ4 is the bilinear quadrilateral in plane strain with the
// dilatation replaced by its mean over the cell (B-bar, Hughes 1980), so that
// it does not lock for nearly incompressible solids.
type PlaneStrainQ4 struct{ Nu float64 }

// Shape returns Q4.
func (PlaneStrainQ4) Shape() ShapeFunctions { return Q4{} }

// Components returns 2.
func (PlaneStrainQ4) Components() int { return 2 }

// Stiffness implements Element.
func (e PlaneStrainQ4) Stiffness(k, xy []float64) {
	d := isotropic(lame(e.Nu))
	stiffness(k, xy, Q4{}, &d, plane, planeStrain)
}

// Mass implements Element.
func (PlaneStrainQ4) Mass(m, xy []float64) { mass(m, xy, Q4{}, 2, plane) }

// Load implements Element.
func (PlaneStrainQ4) Load(f, xy []float64, body func(b []float64, x, y float64)) {
	load(f, xy, Q4{}, 2, plane, body)
}

// planeStrain sets b for ε_xx = ∂u_x/∂x, ε_yy = ∂u_y/∂y, γ_xy = ∂u_x/∂y +
// ∂u_y/∂x and ε_zz = 0.
func planeStrain(b *strain, p *point, nodes int) {
	for a := range nodes {
		gx, gy := p.grad[a][0], p.grad[a][1]
		b[0][2*a], b[0][2*a+1] = gx, 0
		b[1][2*a], b[1][2*a+1] = 0, gy
		b[2][2*a], b[2][2*a+1] = gy, gx
		b[3][2*a], b[3][2*a+1] = 0, 0
	}
}
