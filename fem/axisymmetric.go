package fem

// Axisymmetric returns the elements of axisymmetry without twist, where x is
// the radius r and y the height z. nu is Poisson's ratio in (−1, ½), and the
// modulus is Young's modulus. Volumes and forces are per radian. Axisymmetric
// panics if nu is outside its range. As nu → ½, triangles lock unless four of
// them meet in the middle of a rectangle (mesh.Crossed; Nagtegaal, Parks and
// Rice 1974).
func Axisymmetric(nu float64) Elements {
	checkRatio(nu)
	return Elements{Triangle: AxisymmetricP1{nu}, Quad: AxisymmetricQ4{nu}}
}

// AxisymmetricP1 is the linear triangle in axisymmetry, with the dilatation
// replaced by its mean over the volume of the cell.
type AxisymmetricP1 struct{ Nu float64 }

// Shape returns P1.
func (AxisymmetricP1) Shape() ShapeFunctions { return P1{} }

// Components returns 2: u_r and u_z.
func (AxisymmetricP1) Components() int { return 2 }

// Stiffness sets k to ∫ σ(u):ε(v) r dr dz.
func (e AxisymmetricP1) Stiffness(k, xy []float64) {
	d := isotropic(lame(e.Nu))
	stiffness(k, xy, P1{}, &d, ring, axialStrain)
}

// Mass implements Element.
func (AxisymmetricP1) Mass(m, xy []float64) { mass(m, xy, P1{}, 2, ring) }

// Load implements Element.
func (AxisymmetricP1) Load(f, xy []float64, body func(b []float64, x, y float64)) {
	load(f, xy, P1{}, 2, ring, body)
}

// radial marks an element whose x is a radius.
func (AxisymmetricP1) radial() {}

// AxisymmetricQ4 is the bilinear quadrilateral in axisymmetry with the
// dilatation replaced by its mean over the volume of the cell (B-bar, Hughes
// 1980). Cells may touch the axis, where u_r must be fixed to zero.
type AxisymmetricQ4 struct{ Nu float64 }

// Shape returns Q4.
func (AxisymmetricQ4) Shape() ShapeFunctions { return Q4{} }

// Components returns 2: u_r and u_z.
func (AxisymmetricQ4) Components() int { return 2 }

// Stiffness sets k to ∫ σ(u):ε(v) r dr dz.
func (e AxisymmetricQ4) Stiffness(k, xy []float64) {
	d := isotropic(lame(e.Nu))
	stiffness(k, xy, Q4{}, &d, ring, axialStrain)
}

// Mass implements Element.
func (AxisymmetricQ4) Mass(m, xy []float64) { mass(m, xy, Q4{}, 2, ring) }

// Load implements Element.
func (AxisymmetricQ4) Load(f, xy []float64, body func(b []float64, x, y float64)) {
	load(f, xy, Q4{}, 2, ring, body)
}

// radial marks an element whose x is a radius.
func (AxisymmetricQ4) radial() {}

// ring returns the volume of one radian of a ring per area of its
// cross-section.
func ring(r float64) float64 { return r }

// axialStrain sets b for ε_rr = ∂u_r/∂r, ε_zz = ∂u_z/∂z, γ_rz = ∂u_r/∂z +
// ∂u_z/∂r and ε_θθ = u_r/r. Quadrature points never lie on the axis.
func axialStrain(b *strain, p *point, nodes int) {
	for a := range nodes {
		gr, gz := p.grad[a][0], p.grad[a][1]
		b[0][2*a], b[0][2*a+1] = gr, 0
		b[1][2*a], b[1][2*a+1] = 0, gz
		b[2][2*a], b[2][2*a+1] = gz, gr
		b[3][2*a], b[3][2*a+1] = p.n[a]/p.x, 0
	}
}
