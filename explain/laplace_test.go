package explain

import (
	"math"
	"testing"

	"csdm/priors"
	"csdm/problems"
)

// plane is a problem whose y is linear in two variables.
type plane struct{ problems.Parametric }

func (plane) Spec() *problems.Spec {
	return &problems.Spec{Name: "plane", Rows: 1, Cols: 3, YChannels: 1}
}
func (plane) Measurement() priors.Measurement { return priors.Gaussian{Std: 0.1} }
func (plane) Box() (lo, hi []float64)         { return []float64{0, -10}, []float64{2, 10} }
func (plane) Smooth()                         {}

func (p plane) NewGenerator() (problems.Generator, error) { return p, nil }

func (plane) Pair(_, _ []float64, _, _ uint64) error { panic("not used") }

func (plane) Simulate(_, y, theta []float64) error {
	y[0], y[1], y[2] = 3*theta[0]+theta[1], 2*theta[1], theta[0]
	return nil
}

// TestAround compares the covariance of the rows with the closed form: the
// inverse of AᵀA/0.01 plus the precisions 12/4 and 12/400 of the prior, with
// AᵀA = (10, 3; 3, 5).
//
// The forward model is linear, so that the approximation about the member is
// the posterior itself, except for the box.
func TestAround(t *testing.T) {
	p := plane{}
	m := &Member{Theta: []float64{1, 2}}
	const n = 20_000
	rows, err := m.Around(t.Context(), p, []float64{5, 4, 1}, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := 1000+3.0, 300.0, 500+0.03
	det := a*c - b*b
	var sum [2]float64
	var squares [3]float64
	for i := range n {
		u, v := rows[2*i]-1, rows[2*i+1]-2
		sum[0], sum[1] = sum[0]+u/n, sum[1]+v/n
		squares[0], squares[1], squares[2] = squares[0]+u*u/n, squares[1]+u*v/n, squares[2]+v*v/n
	}
	for k, want := range []float64{c / det, -b / det, a / det} {
		if scale := math.Sqrt(a*c) / det; math.Abs(squares[k]-want) > 0.05*scale {
			t.Errorf("element %d of the covariance is %v, want %v", k, squares[k], want)
		}
	}
	if math.Abs(sum[0]) > 5*math.Sqrt(c/det/n) || math.Abs(sum[1]) > 5*math.Sqrt(a/det/n) {
		t.Errorf("the rows have the mean (1, 2) + %v", sum)
	}
	if m.Solves != 3 {
		t.Errorf("%d solves", m.Solves)
	}
	// At a corner all rows are in the box.
	m.Theta = []float64{2, -10}
	rows, err = m.Around(t.Context(), p, []float64{-4, -20, 2}, 100, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if rows[2*i] > 2 || rows[2*i+1] < -10 {
			t.Fatalf("row %d is outside: %v", i, rows[2*i:2*i+2])
		}
	}
}
