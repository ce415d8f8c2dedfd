package parallel_test

import (
	"context"
	"fmt"

	"csdm/internal/parallel"
)

// Results are stored by item, so they do not depend on the number of threads.
func ExampleFor() {
	squares := make([]int, 6)
	err := parallel.For(context.Background(), 3, len(squares), func(worker, i int) error {
		squares[i] = i * i
		return nil
	})
	fmt.Println(squares, err)
	// Output: [0 1 4 9 16 25] <nil>
}

// The mean of four vectors of two values. Each part has its own function that
// adds a vector, which may have scratch memory.
func ExampleMean() {
	vectors := [][]float64{{1, 0}, {2, 0}, {3, 4}, {6, 4}}
	mean, err := parallel.Mean(context.Background(), 2, len(vectors), 2,
		func() func(sum []float64, i int) error {
			return func(sum []float64, i int) error {
				for k, v := range vectors[i] {
					sum[k] += v
				}
				return nil
			}
		})
	fmt.Println(mean, err)
	// Output: [3 2] <nil>
}
