package fem_test

import (
	"fmt"
	"math"

	"csdm/fem"
	"csdm/mesh"
)

// A soft square with a stiff inclusion is compressed by one percent. The
// analysis is done once, then each field of moduli is solved.
func Example() {
	m := mesh.Triangles(56, 56, 1, 1)
	analysis, err := fem.NewPlaneStress(m, fem.Compression(m, 0, -0.01))
	if err != nil {
		fmt.Println(err)
		return
	}
	solver := analysis.NewSolver() // one per worker
	mu, ux, uy := make([]float64, m.Points()), make([]float64, m.Points()),
		make([]float64, m.Points())
	for _, stiff := range []float64{0.1, 1.5} {
		for p := range mu {
			mu[p] = 0.1
			if math.Hypot(m.X[p]-0.5, m.Y[p]-0.5) <= 0.12 {
				mu[p] = stiff
			}
		}
		if err := solver.SolveTo(ux, uy, mu); err != nil {
			fmt.Println(err)
			return
		}
		center := m.Grid.Rows/2*m.Grid.Cols + m.Grid.Cols/2
		fmt.Printf("inclusion of %.1f kPa: strain across it %.4f\n", stiff,
			(uy[center+4*m.Grid.Cols]-uy[center-4*m.Grid.Cols])/(8*m.Grid.DY))
	}
	// Output:
	// inclusion of 0.1 kPa: strain across it -0.0100
	// inclusion of 1.5 kPa: strain across it -0.0010
}

// A nodal field on triangles is evaluated on a regular grid, as measurements
// need it.
func ExampleInterpolator() {
	m := mesh.Triangles(5, 5, 1, 1)
	field := make([]float64, m.Points())
	for p := range field {
		field[p] = 2*m.X[p] + m.Y[p] // linear, so the interpolation is exact
	}
	grid := mesh.Grid{Rows: 2, Cols: 3, X0: 0.1, Y0: 0.2, DX: 0.4, DY: 0.5}
	t, err := fem.NewGridInterpolator(m, grid)
	if err != nil {
		fmt.Println(err)
		return
	}
	values := make([]float64, t.Len())
	t.To(values, field)
	fmt.Printf("%.1f\n", values)
	// Output: [0.4 1.2 2.0 0.9 1.7 2.5]
}
