package problems_test

import (
	"fmt"
	"log"

	"csdm/problems"
	"csdm/problems/builtin"
)

// The range of a prior maps a modulus to [0, 1].
func ExampleRange() {
	modulus := problems.Range{Min: 10, Max: 50}
	v := []float64{10, 30, 50}
	modulus.Apply(v, v)
	fmt.Println(v, modulus.Width(), modulus.Contains(60))
	// Output: [0 0.5 1] 40 false
}

// A pair of a seed is a function of its number: field and measurement are the
// same in each program.
func ExampleMeasuredPair() {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8})
	if err != nil {
		log.Fatal(err)
	}
	x, y, err := problems.MeasuredPair(p, 1, 7)
	if err != nil {
		log.Fatal(err)
	}
	again, _, err := problems.MeasuredPair(p, 1, 7)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(x), len(y), x[27] == again[27])
	// Output: 64 64 true
}
