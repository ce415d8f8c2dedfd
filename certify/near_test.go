package certify

import (
	"math"
	"testing"

	"csdm/explain"
	"csdm/priors"
	"csdm/problems"
)

// product is a smooth problem with a model error: y is a function of two
// variables, and x is y times the third.
type product struct{ problems.Parametric }

func (product) Spec() *problems.Spec {
	return &problems.Spec{Name: "product", Rows: 1, Cols: 3, YChannels: 1,
		Variables: make([]problems.Variable, 3)}
}
func (product) Measurement() priors.Measurement { return priors.Gaussian{Std: 0.01} }
func (product) Box() (lo, hi []float64) {
	return []float64{1, 1, 0.5}, []float64{3, 5, 1.5}
}
func (product) Smooth()       {}
func (product) Measured() int { return 2 }

func (p product) Moments(mean, _, theta []float64) { _ = p.Simulate(nil, mean, theta) }

func (p product) NewGenerator() (problems.Generator, error) { return p, nil }

func (product) Pair(_, _ []float64, _, _ uint64) error { panic("not used") }

func (product) Simulate(_, y, theta []float64) error {
	y[0], y[1], y[2] = theta[0]*theta[1], theta[0], theta[1]*theta[1]
	return nil
}

// certain is product without its model error.
type certain struct{ problems.Parametric }

func (certain) Box() (lo, hi []float64) { return []float64{1, 1}, []float64{3, 5} }
func (certain) Smooth()                 {}

// TestNear checks that the rows lie around the variables of the
// measurement, within a few standard deviations of 0.01 or less, and that other
// problems have none.
func TestNear(t *testing.T) {
	y := []float64{2 * 3, 2, 9}
	rows, solves, err := Near(t.Context(), product{}, y, explain.Search{Seed: 1, Threads: 1})
	if err != nil || len(rows) != 3*nearRows || solves < 10 {
		t.Fatalf("%d values after %d solves, %v", len(rows), solves, err)
	}
	for i := range nearRows {
		r := rows[3*i : 3*i+3]
		if math.Abs(r[0]-2) > 0.05 || math.Abs(r[1]-3) > 0.05 || r[2] != 1 {
			t.Fatalf("row %d is %v", i, r)
		}
	}
	if rows[0] == rows[3] {
		t.Error("rows are the same")
	}
	whole, _, err := Near(t.Context(), certain{product{}}, y, explain.Search{Seed: 1, Threads: 1})
	if err != nil || len(whole) != 2*nearRows || math.Abs(whole[0]-2) > 0.05 {
		t.Errorf("without model error: %d values, %v", len(whole), err)
	}
	search := explain.Search{Seed: 1, Threads: 1}
	if rows, _, err := Near(t.Context(), ordered{}, y, search); rows != nil || err != nil {
		t.Errorf("a problem of several modes: %v, %v", rows, err)
	}
	var other struct{ problems.Parametric }
	if rows, _, err := Near(t.Context(), other, y, search); rows != nil || err != nil {
		t.Errorf("a problem that is not smooth: %v, %v", rows, err)
	}
}

// ordered is product, marked as having a mode per order of its variables.
type ordered struct{ product }

func (ordered) Multimodal() {}
