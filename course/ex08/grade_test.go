//go:build course

package ex08

import (
	"math"
	"testing"

	"csdm/internal/kernel"
	"csdm/rng"
)

func TestConvolve(t *testing.T) {
	const rows, cols = 5, 7
	s := rng.New(1, rng.Z, 0, 0)
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = s.Normal()
		}
		return v
	}
	in, gout, w := random(rows*cols), random(rows*cols), random(9)
	filter := kernel.NewFilter[float64](1, 1, 3, 1)
	filter.Pack(w)
	want, got := make([]float64, rows*cols), make([]float64, rows*cols)
	check := func(what string) {
		t.Helper()
		for k := range want {
			if math.Abs(got[k]-want[k]) > 1e-12 {
				t.Fatalf("%s: pixel %d is %v, want %v", what, k, got[k], want[k])
			}
		}
	}
	filter.Forward(want, in, nil, rows, cols, nil)
	Convolve(got, in, w, rows, cols)
	check("forward")
	clear(want)
	filter.GradInput(want, gout, rows, cols, nil)
	Back(got, gout, w, rows, cols)
	check("back")
}
