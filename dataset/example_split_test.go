package dataset_test

import (
	"fmt"

	"csdm/dataset"
	"csdm/priors"
	"csdm/rng"
)

// Of 100 pairs the last 10 are held out. With 8 images of each simulation, no
// simulation has images on both sides.
func ExampleSplit() {
	fmt.Println(dataset.Split(100, 10, 1), dataset.Split(100, 10, 8))
	// Output: 90 88
}

// Values that are hidden from a network in training are NaN.
func ExampleHide() {
	y := make([]float64, 20*20)
	dataset.Hide(y, 20, 20, 0.25, rng.New(1, rng.Mask, 0, 0))
	fmt.Println(priors.Present(y), "of", len(y))
	// Output: 100 of 400
}
