package fem_test

import (
	"fmt"
	"log"

	"csdm/fem"
	"csdm/mesh"
)

// A homogeneous block in plane strain between two smooth plates. The top moves
// by −0.1; the sides widen by ν/(1 − ν) of the strain.
func ExamplePlaneStrain() {
	const nu = 0.25
	m := mesh.Quads(3, 3, 1, 1)
	s, err := fem.NewStatic(m, fem.PlaneStrain(nu), fem.Compression(m, 0, -0.1))
	if err != nil {
		log.Fatal(err)
	}
	moduli := make([]float64, m.Points())
	for i := range moduli {
		moduli[i] = 5
	}
	ux, uy := make([]float64, m.Points()), make([]float64, m.Points())
	if err := s.NewSolver().SolveTo(ux, uy, moduli); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("middle of the right side: %.4f, %.4f\n", ux[5], uy[5])
	// Output: middle of the right side: 0.0333, -0.0500
}

// The average acceleration method is stable for any step. Schemes that are not
// are refused.
func ExampleNewmark_Validate() {
	fmt.Println(fem.Newmark{Beta: 0.25, Gamma: 0.5, Step: 1}.Validate())
	fmt.Println(fem.Newmark{Beta: 0, Gamma: 0.5, Step: 1}.Validate() != nil)
	// Output:
	// <nil>
	// true
}
