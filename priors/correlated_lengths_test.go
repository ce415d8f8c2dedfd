package priors_test

import (
	"math"
	"testing"

	"csdm/priors"
	"csdm/rng"
)

// TestLengths checks that the density with several lengths of the noise is the
// mean of the densities with one of them each. It does so with and without a
// random standard deviation and gaps.
func TestLengths(t *testing.T) {
	lengths := []float64{0.4, 0.9, 2}
	smooth := []priors.SmoothError{{Std: 0.5, Length: 0.9}, {Std: 0.1, Length: 3}}
	for _, spread := range []float64{0, 0.4} {
		c := errorsOfAllKinds(t, smooth...)
		c.Spread, c.Lengths = spread, lengths
		c = known(t, c)
		prediction, y := predictionOf(40), make([]float64, 40)
		c.Sample(y, prediction, rng.New(8, rng.Test, 0, 0))
		for _, gaps := range []bool{false, true} {
			if gaps {
				y[3], y[17], y[30] = math.NaN(), math.NaN(), math.NaN()
			}
			want := 0.0
			for _, length := range lengths {
				one := c
				one.Length, one.Lengths = length, nil
				want += math.Exp(known(t, one).LogLikelihood(y, prediction)) / 3
			}
			if got := c.LogLikelihood(y, prediction); math.Abs(got-math.Log(want)) > 1e-9 {
				t.Errorf("spread %v, gaps %v: the log-density is %v, want %v", spread, gaps, got,
					math.Log(want))
			}
		}
	}
}

// TestLengthsSample compares the correlation of neighbors over 20,000 draws of
// pure noise with the mean over the lengths.
func TestLengthsSample(t *testing.T) {
	all := errorsOfAllKinds(t)
	c := known(t, priors.Correlated{Grid: all.Grid, Channels: 2, Std: 0.3,
		Lengths: []float64{0.4, 2}})
	step := c.Grid.Width / float64(c.Grid.Cols-1)
	want := (math.Exp(-step/0.4) + math.Exp(-step/2)) / 2
	const draws = 20_000
	y, zero, sum := make([]float64, 40), make([]float64, 40), 0.0
	for i := range uint64(draws) {
		c.Sample(y, zero, rng.New(4, rng.Test, i, 0))
		sum += y[0] * y[1] / (draws * 0.09)
	}
	if math.Abs(sum-want) > 5*math.Sqrt(2./draws) {
		t.Errorf("the correlation of neighbors is %v, want %v", sum, want)
	}
}

// TestLengthsLeast checks that the smallest errors have the shortest length.
func TestLengthsLeast(t *testing.T) {
	c := errorsOfAllKinds(t)
	c.Lengths = []float64{0.9, 0.4, 2}
	least := known(t, c).Least().(priors.Correlated)
	if least.Length != 0.4 || least.Lengths != nil {
		t.Errorf("the lengths are %v and %v, want 0.4", least.Length, least.Lengths)
	}
}
