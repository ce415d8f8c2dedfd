package explain_test

import (
	"fmt"
	"math"

	"csdm/explain"
)

// A program wrote −1 where it had no value. Noise makes all measured values
// differ.
func ExampleRepeated() {
	y := make([]float64, 100)
	for i := range y {
		y[i] = math.Sin(float64(i * i))
	}
	for i := 20; i < 40; i++ {
		y[i] = -1
	}
	value, times, at := explain.Repeated(y)
	fmt.Println(value, times, at)
	// Output: -1 20 20
}

// The statistics by which a residual is judged.
func ExampleNames() {
	for _, name := range explain.Names() {
		fmt.Println(name)
	}
	// Output:
	// misfit
	// largest value
	// patch
	// line
	// mean
	// slope in x
	// slope in y
	// smooth part
	// autocorrelation in x
	// autocorrelation in y
	// pixel noise
}

// One value of 3×3 is ten standard deviations off: the largest statistic finds
// its place.
func ExampleStatistics() {
	r := []float64{0.5, -1, 0.3, -0.2, 10, 0.7, -0.4, 0.1, -0.6}
	values, at := explain.Statistics(r, explain.Shape{Channels: 1, Rows: 3, Cols: 3})
	for k, name := range explain.Names() {
		if at[k] >= 0 {
			fmt.Printf("%s: %.1f at value %d\n", name, values[k], at[k])
		}
	}
	// Output:
	// largest value: 10.0 at value 4
	// patch: 3.1 at value 4
	// line: 6.1 at value 4
}
