package rng_test

import (
	"fmt"

	"csdm/rng"
)

// Pair 17 has its own stream. Whoever makes the stream, and whenever, gets the
// same numbers; another index gives other numbers.
func ExampleNew() {
	a := rng.New(1, rng.Noise, 17, 0)
	b := rng.New(1, rng.Noise, 17, 0)
	c := rng.New(1, rng.Noise, 18, 0)
	x, y, z := a.Normal(), b.Normal(), c.Normal()
	fmt.Println("same index:", x == y)
	fmt.Println("next index:", x == z)
	// Output:
	// same index: true
	// next index: false
}

// Reset moves one stream from index to index, without allocating.
func ExampleStream_Reset() {
	var s rng.Stream
	sum := 0.0
	for i := range uint64(10_000) {
		s.Reset(1, rng.Prior, i, 0)
		sum += s.Uniform(0, 2)
	}
	fmt.Printf("mean %.1f\n", sum/10_000)
	// Output: mean 1.0
}
