package quasistatic_test

import (
	"fmt"

	"csdm/problems"
	"csdm/problems/quasistatic"
)

// Pair 3 of seed 1: a stiff disc in a soft square, and its displacement under
// compression. The measurement is the displacement with noise.
func ExampleNew() {
	p, err := quasistatic.New(problems.Options{Grid: 28, NoisePercent: 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := p.NewGenerator()
	if err != nil {
		fmt.Println(err)
		return
	}
	s := p.Spec()
	x, y := make([]float64, s.XLen()), make([]float64, s.YLen())
	if err := g.Pair(x, y, 1, 3); err != nil {
		fmt.Println(err)
		return
	}
	stiff := 0
	for _, mu := range x {
		if mu == quasistatic.Inclusion {
			stiff++
		}
	}
	fmt.Printf("%d of %d nodes have %g %s\n", stiff, len(x), quasistatic.Inclusion, s.XUnit)
	fmt.Printf("the top moves by %.3f %s\n", y[len(y)-1], s.YUnit)
	fmt.Println("noise:", p.Measurement())

	measured := make([]float64, len(y))
	problems.Measure(p.Measurement(), measured, y, 1, 3)
	fmt.Println("measured top differs:", measured[len(y)-1] != y[len(y)-1])
	// Output:
	// 33 of 784 nodes have 1.5 kPa
	// the top moves by -0.010 cm
	// noise: Gaussian of standard deviation 0.0005, truncated at ±3 standard deviations
	// measured top differs: true
}
