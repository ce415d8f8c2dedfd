package duallayer_test

import (
	"fmt"

	"csdm/problems"
	"csdm/problems/duallayer"
)

// The specimen of x differs from the simulated specimen of y by the model
// error: two scales of the moduli and a shift of the interface.
func ExampleProblem_Paired() {
	p, err := duallayer.New(problems.Options{Grid: 32})
	if err != nil {
		fmt.Println(err)
		return
	}
	theta := []float64{10, 20, 2.5, 1.1, 0.9, 0.1}
	simulated, paired := p.Simulated(theta), p.Paired(theta)
	fmt.Printf("simulated: %.0f over %.0f kPa, interface at %.1f mm\n", simulated.Top,
		simulated.Bottom, simulated.Interface)
	fmt.Printf("paired:    %.0f over %.0f kPa, interface at %.1f mm\n", paired.Top, paired.Bottom,
		paired.Interface)
	// Output:
	// simulated: 10 over 20 kPa, interface at 2.5 mm
	// paired:    11 over 18 kPa, interface at 2.6 mm
}
