package builtin_test

import (
	"fmt"

	"csdm/problems"
	"csdm/problems/builtin"
)

// The problems by name, first the paper's.
func ExampleList() {
	for _, e := range builtin.List() {
		p, err := e.New(problems.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		s := p.Spec()
		fmt.Printf("%s: %s in %s from %s in %s\n", s.Name, s.XName, s.XUnit, s.YName, s.YUnit)
	}
	// Output:
	// quasistatic: shear modulus in kPa from vertical displacement in cm
	// opticnerve: shear modulus in kPa from displacement in mm
	// phantom: shear modulus in kPa from vertical displacement in mm
	// duallayer: Young's modulus in kPa from vertical displacement in mm
	// spheroid: relative modulus in decades from phase difference in rad
	// linear-gaussian: field in 1 from blurred field in 1
	// mirror: shear modulus in kPa from mean vertical displacement of mirrored places in cm
	// mirror-uneven: shear modulus in kPa from mean vertical displacement of mirrored places in cm
}
