package phantom_test

import (
	"fmt"

	"csdm/problems"
	"csdm/problems/phantom"
)

// The prior maps four variables to a field. Quantify reads the same quantities
// from the field, up to the resolution of the grid.
func ExampleNew() {
	p, err := phantom.New(problems.Options{Grid: 56})
	if err != nil {
		fmt.Println(err)
		return
	}
	theta := []float64{12, 18, 5, 4} // center x, center y, radius, modulus ratio
	for k, v := range p.Spec().Variables {
		fmt.Printf("%s: %g\n", v.Name, theta[k])
	}
	x := make([]float64, p.Spec().XLen())
	p.Field(x, theta)

	q := p.(problems.Quantified)
	values := make([]float64, len(q.Quantities()))
	q.Quantify(values, x)
	for k, v := range q.Quantities() {
		fmt.Printf("%s: %.0f %s\n", v.Name, values[k], v.Unit)
	}
	// Output:
	// center from the left: 12
	// center from the bottom: 18
	// radius: 5
	// modulus ratio: 4
	// center from the left: 12 mm
	// center from the bottom: 18 mm
	// diameter: 10 mm
	// modulus of the inclusion: 19 kPa
}
