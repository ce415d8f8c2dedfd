package run_test

import (
	"fmt"
	"log"

	"csdm/bench"
	"csdm/infer"
)

// The distance of a file in normalized units from one in kPa, in units of the
// second file's range and in kPa.
func ExampleCompareFiles() {
	a := infer.ComparedFile{Path: "a.npz", Units: infer.UnitsNormalized,
		Summary: &infer.Summary{Rows: 1, Cols: 2,
			Posterior: bench.Posterior{Mean: []float64{0.5, 1}, Std: []float64{0.1, 0.1}}}}
	b := infer.ComparedFile{Path: "b.npz",
		Summary: &infer.Summary{Rows: 1, Cols: 2, Physical: true, Ranged: true, XMin: 2, XMax: 6,
			Posterior: bench.Posterior{Mean: []float64{5, 7}, Std: []float64{0.4, 0.4}}}}
	c, err := infer.CompareFiles(a, b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("mean: %.2f of the range, %.1f kPa; std: %.2f\n", c.Mean, *c.MeanPhysical, c.Std)
	// Output: mean: 0.25 of the range, 1.0 kPa; std: 0.00
}
