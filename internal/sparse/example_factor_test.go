package sparse_test

import (
	"fmt"
	"log"

	"csdm/internal/sparse"
)

// Three springs in a row with one end fixed: two elements of the matrix share
// each inner unknown. The signs of the pivots show that the matrix is positive
// definite.
func ExampleFactor_Inertia() {
	start, members := []int{0, 1, 3, 5}, []int32{0, 0, 1, 1, 2}
	p := sparse.NewPattern(3, start, members)
	s, err := sparse.Analyze(p, sparse.MinimumDegree(p))
	if err != nil {
		log.Fatal(err)
	}
	values := make([]float64, s.Entries())
	for i, row := range [][]float64{{2}, {-1, 2}, {0, -1, 1}} {
		for j, v := range row {
			if v != 0 {
				values[s.Slot(i, j)] = v
			}
		}
	}
	f := sparse.NewFactor[float64](s)
	if err := f.Factorize(values); err != nil {
		log.Fatal(err)
	}
	x := make([]float64, 3)
	f.SolveTo(x, []float64{0, 0, 1}) // pull at the end
	fmt.Printf("%.0f\n", x)
	fmt.Println(f.Inertia())
	// Output:
	// [1 2 3]
	// 3 0
}
