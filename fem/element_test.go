package fem_test

import (
	"testing"

	"csdm/fem"
	"csdm/fem/femtest"
)

// A new element is done when its line passes.
func TestElements(t *testing.T) {
	for name, c := range map[string]femtest.Case{
		"LaplaceP1":               femtest.Scalar(fem.LaplaceP1{}),
		"LaplaceQ4":               femtest.Scalar(fem.LaplaceQ4{}),
		"PlaneStressP1":           femtest.Plane(fem.PlaneStressP1{}),
		"PlaneStrainP1":           femtest.Plane(fem.PlaneStrainP1{Nu: 0.3}),
		"PlaneStrainQ4":           femtest.Plane(fem.PlaneStrainQ4{Nu: 0.3}),
		"PlaneStrainQ4, ν = 0.49": femtest.Plane(fem.PlaneStrainQ4{Nu: 0.49}),
		"AxisymmetricQ4":          femtest.Axial(fem.AxisymmetricQ4{Nu: 0.45}),
	} {
		t.Run(name, func(t *testing.T) { femtest.Run(t, c) })
	}
}
