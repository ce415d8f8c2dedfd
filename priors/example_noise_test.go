package priors_test

import (
	"fmt"
	"math"

	"csdm/priors"
	"csdm/rng"
)

// Independent normal noise. A residual in units of the noise is near 1 where
// the prediction explains a value.
func ExampleGaussian() {
	noise := priors.Gaussian{Std: 0.1}
	residual := make([]float64, 2)
	noise.Standardize(residual, []float64{1.1, 2.5}, []float64{1, 2})
	fmt.Printf("%.1f\n", residual)
	better := noise.LogLikelihood([]float64{1.1}, []float64{1})
	worse := noise.LogLikelihood([]float64{1.1}, []float64{0.9})
	fmt.Printf("ln of the ratio of likelihoods: %.2f\n", better-worse)
	// Output:
	// [1.0 5.0]
	// ln of the ratio of likelihoods: 1.50
}

// A phase is known up to whole turns.
func ExampleWrap() {
	y := []float64{0.5, 4, -4}
	priors.Wrap{}.Sample(y, y, nil)
	fmt.Printf("%.3f, period %.3f\n", y, priors.Wrap{}.Period())
	// Output: [0.500 -2.283 2.283], period 6.283
}

// A value that was not measured is NaN.
func ExamplePresent() {
	y := []float64{1.5, math.NaN(), 2}
	fmt.Println(priors.Missing(y[1]), priors.Present(y))
	// Output: true 2
}

// A variable of a prior is uniform, or a constant.
func ExampleUniform() {
	radius, depth := priors.Uniform{Lo: 5, Hi: 10}, priors.Constant(20)
	fmt.Println(radius.Contains(4), radius.IsConstant(), depth.IsConstant())
	// Output: false false true
}

// Draws of several uniform variables take one random number each.
func ExampleDraw() {
	lo, hi := []float64{0, 100}, []float64{1, 200}
	theta := make([]float64, 2)
	priors.Draw(theta, lo, hi, rng.New(1, rng.Reference, 0, 0))
	for k, v := range theta {
		fmt.Println(v >= lo[k] && v < hi[k])
	}
	// Output:
	// true
	// true
}

// A disc of twice the modulus of the specimen around it. Row 0 is at the
// bottom.
func ExampleDisc_Rasterize() {
	g := priors.Grid{Rows: 5, Cols: 5, Width: 4, Height: 4}
	field := make([]float64, g.Nodes())
	priors.Disc{X: 2, Y: 1, Radius: 1.2, Inside: 2, Outside: 1}.Rasterize(field, g)
	for row := g.Rows - 1; row >= 0; row-- {
		fmt.Println(field[row*g.Cols : (row+1)*g.Cols])
	}
	// Output:
	// [1 1 1 1 1]
	// [1 1 1 1 1]
	// [1 1 2 1 1]
	// [1 2 2 2 1]
	// [1 1 2 1 1]
}

// A blur spreads a bright pixel, and keeps the sum of all pixels.
func ExampleBlur_Apply() {
	y := make([]float64, 11*11)
	y[5*11+5] = 1
	priors.Blur{Rows: 11, Cols: 11, FWHM: 2}.Apply(y, y)
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	fmt.Printf("middle %.3f, next to it %.3f, sum %.3f\n", y[5*11+5], y[5*11+6], sum)
	// Output: middle 0.221, next to it 0.110, sum 1.000
}

// Two nuclei share a plane: a point belongs to the nearer border.
func ExamplePowerCell() {
	nuclei := []priors.Nucleus{{X: 0, Radius: 1}, {X: 10, Radius: 4}}
	for _, x := range []float64{0.5, 4, 5} {
		cell, power := priors.PowerCell(nuclei, x, 0)
		fmt.Printf("x = %g: cell %d, in the nucleus: %v\n", x, cell, power <= 0)
	}
	// Output:
	// x = 0.5: cell 0, in the nucleus: true
	// x = 4: cell 0, in the nucleus: false
	// x = 5: cell 1, in the nucleus: false
}
