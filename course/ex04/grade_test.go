//go:build course

package ex04

import (
	"math"
	"testing"

	"csdm/priors/priorstest"
)

func TestGaussian(t *testing.T) {
	g := Gaussian{0.3}
	priorstest.Measurement(t, priorstest.MeasurementCase{
		Measurement: g, Prediction: []float64{-1, 0, 2, 0.5},
		Mean:  func(i int) float64 { return []float64{-1, 0, 2, 0.5}[i] },
		Std:   func(int) float64 { return 0.3 },
		Shift: 0.1,
	})
	want := -0.5 - math.Log(0.3*math.Sqrt(2*math.Pi)) // one standard deviation away
	if got := g.LogLikelihood([]float64{1.3}, []float64{1}); math.Abs(got-want) > 1e-12 {
		t.Errorf("log density %v, want %v", got, want)
	}
}
