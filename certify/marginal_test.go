package certify

import (
	"math"
	"testing"

	"csdm/problems"
)

// factor is a problem of one measured variable and one model error, whose field
// has both as values.
type factor struct{ problems.Marginal }

func (factor) Measured() int            { return 1 }
func (factor) Box() (lo, hi []float64)  { return []float64{0, 2}, []float64{1, 6} }
func (factor) Field(x, theta []float64) { copy(x, theta) }

// TestSampleModelError checks that draws have independent model errors, even
// if they come from one weighted draw.
func TestSampleModelError(t *testing.T) {
	const n = 4000
	r := &Result{Theta: []float64{0.25, 3, 0.75, 5}, LogWeights: []float64{0, math.Log(3)}}
	r.Mean = make([]float64, 2)
	if err := r.sample(ctx, factor{}, Settings{Draws: n, Seed: 1, Threads: 2}); err != nil {
		t.Fatal(err)
	}
	var mean, square, high float64
	for i := range n {
		v := r.Samples[2*i+1]
		mean, square = mean+v/n, square+v*v/n
		if r.Samples[2*i] == 0.75 {
			high++
		}
	}
	// The variance of U(2, 6) is 4/3.
	if math.Abs(mean-4) > 5*math.Sqrt(4.0/3/n) || math.Abs(square-mean*mean-4.0/3) > 0.1 ||
		math.Abs(high-0.75*n) > 1 {
		t.Errorf("model errors have mean %v and mean square %v; %v draws of 0.75", mean, square,
			high)
	}
}
