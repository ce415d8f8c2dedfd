//go:build course

package ex01

import (
	"math"
	"testing"
)

func TestWeights(t *testing.T) {
	for _, shift := range []float64{0, -5000, 800} {
		w := make([]float64, 3)
		Weights(w, []float64{shift, shift + math.Log(2), shift - math.Log(3)},
			[]float64{1, 1, 6})
		for i, want := range []float64{0.2, 0.4, 0.4} {
			if !(math.Abs(w[i]-want) < 1e-12) {
				t.Fatalf("log likelihoods near %v: weights %v, want 0.2, 0.4 and 0.4", shift, w)
			}
		}
	}
}
