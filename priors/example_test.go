package priors_test

import (
	"fmt"
	"math"

	"csdm/priors"
	"csdm/rng"
)

// Speckle is multiplicative noise, y·(1 + Contrast·n) with n standard normal: a
// user-defined measurement. It has two methods, and can be combined with all
// other measurements in any order.
type Speckle struct{ Contrast float64 }

func (l Speckle) Sample(dst, y []float64, s *rng.Stream) {
	for i, v := range y {
		dst[i] = v * (1 + l.Contrast*s.Normal())
	}
}

func (l Speckle) String() string { return fmt.Sprintf("speckle of contrast %g", l.Contrast) }

// Missing loses each value with the given probability; a lost value is 0.
type Missing struct{ Probability float64 }

func (l Missing) Sample(dst, y []float64, s *rng.Stream) {
	for i, v := range y {
		if s.Float64() < l.Probability {
			v = 0
		}
		dst[i] = v
	}
}

func (l Missing) String() string {
	return fmt.Sprintf("%g %% of values missing", 100*l.Probability)
}

func ExampleSequence() {
	measurement := priors.Sequence{
		priors.Blur{Rows: 60, Cols: 80, FWHM: 3}, // optics
		Speckle{Contrast: 0.1},                   // light
		priors.Gaussian{Std: 0.05},               // electronics
		Missing{Probability: 0.2},                // broken pixels
	}
	fmt.Println(measurement)

	y := make([]float64, 60*80)
	for i := range y {
		y[i] = 2
	}
	measured := make([]float64, len(y))
	measurement.Sample(measured, y, rng.New(1, rng.Noise, 0, 0))
	var there, mean, square float64
	for _, v := range measured {
		if v != 0 {
			there++
			mean += v
			square += v * v
		}
	}
	mean /= there
	fmt.Printf("%.0f %% there, %.1f ± %.1f\n", 100*there/float64(len(y)), mean,
		math.Sqrt(square/there-mean*mean))
	// Output:
	// Gaussian blur of 3 pixels full width at half maximum, then speckle of contrast 0.1, then Gaussian of standard deviation 0.05, then 20 % of values missing
	// 79 % there, 2.0 ± 0.2
}

func ExampleMask() {
	x := []float64{1, 5, 1, 7} // the background has modulus 1
	y := []float64{3, 3, 3, 3, 4, 4, 4, 4}
	priors.Mask(y, y, x, 1)
	fmt.Println(y)
	// Output: [0 3 0 3 0 4 0 4]
}

func ExampleCircularInclusion() {
	prior := priors.CircularInclusion{
		Grid: priors.Grid{Rows: 5, Cols: 9, Width: 2, Height: 1},
		X:    priors.Uniform{Lo: 0.5, Hi: 1.5}, Y: priors.Constant(0.5),
		Radius: priors.Constant(0.25), Ratio: priors.Constant(9), Background: 1,
	}
	x := make([]float64, prior.Grid.Nodes())
	prior.Field(x, []float64{1.25})
	for row := prior.Grid.Rows - 1; row >= 0; row-- { // the top row first, as in a picture
		fmt.Println(x[row*prior.Grid.Cols : (row+1)*prior.Grid.Cols])
	}
	// Output:
	// [1 1 1 1 1 1 1 1 1]
	// [1 1 1 1 1 9 1 1 1]
	// [1 1 1 1 9 9 9 1 1]
	// [1 1 1 1 1 9 1 1 1]
	// [1 1 1 1 1 1 1 1 1]
}
