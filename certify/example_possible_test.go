package certify_test

import (
	"fmt"
	"log"

	"csdm/certify"
	"csdm/problems"
	"csdm/problems/builtin"
)

// A certificate needs a prior with few variables and noise with a density.
func ExamplePossible() {
	for _, name := range []string{"quasistatic", "opticnerve"} {
		p, err := builtin.Lookup(name, problems.Options{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %v\n", name, certify.Possible(p))
	}
	// Output:
	// quasistatic: <nil>
	// opticnerve: no certificate: the prior of opticnerve is not a map from few variables
}
