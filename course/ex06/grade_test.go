//go:build course

package ex06

import (
	"math"
	"testing"

	"csdm/langevin"
)

func TestDenoise(t *testing.T) {
	points := [][]float64{{0, 0, 1}, {1, 0, 0}, {0.5, 2, -1}}
	weight, noisy := []float64{0.5, 0.2, 0.3}, []float64{0.6, 0.7, 0.1}
	var flat, logP []float64
	for i, p := range points {
		flat, logP = append(flat, p...), append(logP, math.Log(weight[i]))
	}
	scorer := langevin.NewPoints(flat, logP, 3).Scorer()
	for _, sigma := range []float64{0.001, 0.3, 1, 100} {
		d, s := make([]float64, 3), make([]float64, 3)
		Denoise(d, noisy, points, weight, sigma)
		if err := scorer.Score(s, noisy, sigma); err != nil {
			t.Fatal(err)
		}
		for k := range d {
			if want := noisy[k] + sigma*sigma*s[k]; !(math.Abs(d[k]-want) < 1e-8) {
				t.Fatalf("σ = %v: value %d is %v, want %v", sigma, k, d[k], want)
			}
		}
	}
}
