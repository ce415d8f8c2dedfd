package priors_test

import (
	"fmt"
	"math"

	"csdm/internal/rng"
	"csdm/priors"
)

// Wrap folds phases into (−π, π]. It is a law of measurement of one's own: two methods, and it composes
// with all others.
type Wrap struct{}

func (Wrap) Sample(dst, y []float64, _ *rng.Stream) {
	for i, v := range y {
		dst[i] = math.Pi - math.Mod(math.Mod(math.Pi-v, 2*math.Pi)+2*math.Pi, 2*math.Pi)
	}
}

func (Wrap) String() string { return "wrapped to (−π, π]" }

func ExampleSequence() {
	law := priors.Sequence{priors.Gaussian{Std: 0.1}, Wrap{}}
	fmt.Println(law)

	phase := []float64{0, 3, 6, 9}
	law.Sample(phase, phase, rng.New(1, rng.Noise, 0, 0))
	for _, v := range phase {
		fmt.Println(-math.Pi < v && v <= math.Pi)
	}
	// Output:
	// Gaussian of standard deviation 0.1, then wrapped to (−π, π]
	// true
	// true
	// true
	// true
}

func ExampleCircularInclusion() {
	prior := priors.CircularInclusion{
		Grid: priors.Grid{Rows: 5, Cols: 9, Width: 2, Height: 1},
		X:    priors.Uniform{Lo: 0.5, Hi: 1.5}, Y: priors.Constant(0.5),
		Radius: priors.Constant(0.25), Ratio: priors.Constant(9), Background: 1,
	}
	x := make([]float64, prior.Grid.Nodes())
	prior.Field(x, []float64{1.25})
	for row := prior.Grid.Rows - 1; row >= 0; row-- { // the top row first, as a picture
		fmt.Println(x[row*prior.Grid.Cols : (row+1)*prior.Grid.Cols])
	}
	// Output:
	// [1 1 1 1 1 1 1 1 1]
	// [1 1 1 1 1 9 1 1 1]
	// [1 1 1 1 9 9 9 1 1]
	// [1 1 1 1 1 9 1 1 1]
	// [1 1 1 1 1 1 1 1 1]
}
