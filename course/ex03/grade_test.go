//go:build course

package ex03

import (
	"math"
	"testing"

	"csdm/priors/priorstest"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

func TestDisc(t *testing.T) {
	priorstest.Field(t, Disc{}, Side*Side, 0.1, 1.5)
	problem, err := quasistatic.New(problems.Options{Grid: Side})
	if err != nil {
		t.Fatal(err)
	}
	x, want := make([]float64, Side*Side), make([]float64, Side*Side)
	for _, theta := range [][]float64{{0.2, 0.8}, {0.41, 0.33}, {0.7, 0.52}} {
		Disc{}.Field(x, theta)
		problem.Field(want, theta)
		for k := range x {
			if math.Abs(x[k]-want[k]) > 1e-9 {
				t.Fatalf("center %v: node %d is %v, want %v", theta, k, x[k], want[k])
			}
		}
	}
}
