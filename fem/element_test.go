package fem_test

import (
	"testing"

	"csdm/fem"
	"csdm/fem/femtest"
)

// lame returns Lamé's constants for Young's modulus 1.
func lame(nu float64) (lambda, mu float64) {
	return nu / ((1 + nu) * (1 - 2*nu)), 1 / (2 * (1 + nu))
}

// planeStrain returns λ tr(ε)² + 2μ ε:ε.
func planeStrain(nu float64) func(xx, yy, xy float64) float64 {
	lambda, mu := lame(nu)
	return func(xx, yy, xy float64) float64 {
		return lambda*(xx+yy)*(xx+yy) + 2*mu*(xx*xx+yy*yy+xy*xy/2)
	}
}

// axial returns the same with a hoop strain and no shear.
func axial(nu float64) func(rr, zz, hoop float64) float64 {
	lambda, mu := lame(nu)
	return func(rr, zz, hoop float64) float64 {
		return lambda*(rr+zz+hoop)*(rr+zz+hoop) + 2*mu*(rr*rr+zz*zz+hoop*hoop)
	}
}

// TestElements runs the suite on every element. A new element is complete when
// its line passes.
func TestElements(t *testing.T) {
	// 2μ(ε:ε + tr(ε)²) for μ = 1.
	planeStress := func(xx, yy, xy float64) float64 {
		return 2 * (xx*xx + yy*yy + xy*xy/2 + (xx+yy)*(xx+yy))
	}
	for name, c := range map[string]femtest.Case{
		"LaplaceP1":               femtest.Scalar(fem.LaplaceP1{}),
		"LaplaceQ4":               femtest.Scalar(fem.LaplaceQ4{}),
		"PlaneStressP1":           femtest.Plane(fem.PlaneStressP1{}, planeStress),
		"PlaneStrainP1":           femtest.Plane(fem.PlaneStrainP1{Nu: 0.3}, planeStrain(0.3)),
		"PlaneStrainQ4":           femtest.Plane(fem.PlaneStrainQ4{Nu: 0.3}, planeStrain(0.3)),
		"PlaneStrainQ4, ν = 0.49": femtest.Plane(fem.PlaneStrainQ4{Nu: 0.49}, planeStrain(0.49)),
		"AxisymmetricP1":          femtest.Axial(fem.AxisymmetricP1{Nu: 0.45}, axial(0.45)),
		"AxisymmetricQ4":          femtest.Axial(fem.AxisymmetricQ4{Nu: 0.45}, axial(0.45)),
	} {
		t.Run(name, func(t *testing.T) { femtest.Run(t, c) })
	}
}
