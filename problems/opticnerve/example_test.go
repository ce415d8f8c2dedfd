package opticnerve_test

import (
	"fmt"

	"csdm/priors"
	"csdm/problems"
	"csdm/problems/opticnerve"
)

// Each pair belongs to one anatomy, a function of seed and index.
func ExampleProblem_Anatomy() {
	p, err := opticnerve.New(problems.Options{Grid: 32})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, again := p.Anatomy(1, 7), p.Anatomy(1, 7)
	fmt.Println("same anatomy:", *a == *again)
	fmt.Println("stiffer than retina:", a.Moduli[priors.Sclera] > a.Moduli[priors.Retina])
	fmt.Println(p.Spec().YChannels, "channels of y")
	// Output:
	// same anatomy: true
	// stiffer than retina: true
	// 2 channels of y
}
