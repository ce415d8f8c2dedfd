//go:build course

package ex05

import (
	"math"
	"testing"
)

func TestForward(t *testing.T) {
	for _, c := range []struct{ x, want []float64 }{
		{[]float64{1, 1, 1, 1}, []float64{0, -0.25, -0.5, -0.75, -1}},
		{[]float64{7, 7, 7, 7}, []float64{0, -0.25, -0.5, -0.75, -1}}, // units cancel
		{[]float64{1, 1, 3, 3}, []float64{0, -0.375, -0.75, -0.875, -1}},
		{[]float64{2, 1}, []float64{0, -1. / 3, -1}},
	} {
		y := make([]float64, len(c.want))
		Forward(y, c.x, -1)
		for i := range y {
			if math.Abs(y[i]-c.want[i]) > 1e-12 {
				t.Fatalf("stiffness %v: displacement %v, want %v", c.x, y, c.want)
			}
		}
	}
}
