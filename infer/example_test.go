package infer_test

import (
	"fmt"
	"math"

	"csdm/bench"
	"csdm/infer"
)

// A posterior of draws next to the exact one. Below the floor a distance is not
// significant; a posterior without errors states none.
func ExampleNewComparison() {
	network := &bench.Posterior{Mean: []float64{0.52, 0.31}, Std: []float64{0.1, 0.1},
		MeanError: []float64{0.01, 0.01}, StdError: []float64{0.01, 0.01}}
	exact := &bench.Posterior{Mean: []float64{0.5, 0.3}, Std: []float64{0.1, 0.1}}
	c := infer.NewComparison("network", network, infer.ReferenceName("quadrature"), exact, 0)
	fmt.Printf("%s from %s: %.3f, floor %v, error of the reference %v\n", c.Method, c.Reference,
		c.Mean, c.FloorMean, c.ReferenceMean)
	// Output: network from exact (csdm): 0.016, floor 0.01, error of the reference not stated
}

// A measurement is known by its values.
func ExampleMeasurementHash() {
	fmt.Println(infer.MeasurementHash([]float64{1, 2})[:12])
	fmt.Println(infer.MeasurementHash([]float64{1, math.Nextafter(2, 3)})[:12])
	// Output:
	// dc91ce9a50dd
	// d48a9f9874b4
}

// An error that a posterior does not state is null in JSON.
func ExampleStatedError() {
	text, err := infer.NotStated.MarshalJSON()
	fmt.Println(infer.StatedError(0.0123456), infer.NotStated, string(text), err)
	// Output: 0.01235 not stated null <nil>
}
