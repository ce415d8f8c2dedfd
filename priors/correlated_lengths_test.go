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

// TestFactors compares the density with factors to the density of the scaled
// residual without them, in which every other error is a mode, with and without
// gaps.
func TestFactors(t *testing.T) {
	c := errorsOfAllKinds(t, priors.SmoothError{Std: 0.5, Length: 0.9},
		priors.SmoothError{Std: 0.1, Length: 3})
	c.Registration = 0
	prediction, y := predictionOf(40), make([]float64, 40)
	for k := range prediction {
		c.Factors = append(c.Factors, 0.5+float64(k*k%7)/3)
	}
	c = known(t, c)
	c.Sample(y, prediction, rng.New(8, rng.Test, 0, 0))

	scaled, residual, logs := c, make([]float64, 40), 0.0
	scaled.Factors, scaled.Shift, scaled.Tilt, scaled.Gain, scaled.Modes = nil, 0, 0, 0, nil
	add := func(std float64, channel int, shape func(k int) float64) {
		mode := make([]float64, 40)
		for k := range mode {
			if channel < 0 || k/20 == channel {
				mode[k] = std * shape(k) / c.Factors[k]
			}
		}
		scaled.Modes = append(scaled.Modes, mode)
	}
	g := c.Grid
	for channel := range 2 {
		add(c.Shift, channel, func(int) float64 { return 1 })
		add(c.Tilt, channel,
			func(k int) float64 { return 2*float64(k%g.Cols)/float64(g.Cols-1) - 1 })
		add(c.Tilt, channel,
			func(k int) float64 { return 2*float64(k%20/g.Cols)/float64(g.Rows-1) - 1 })
	}
	for _, mode := range c.Modes {
		add(1, -1, func(k int) float64 { return mode[k] })
	}
	add(c.Gain, -1, func(k int) float64 { return prediction[k] })
	scaled = known(t, scaled)
	for _, gaps := range []bool{false, true} {
		if gaps {
			y[3], y[30] = math.NaN(), math.NaN()
		}
		logs = 0
		for k, f := range c.Factors {
			residual[k] = (y[k] - prediction[k]) / f
			if !math.IsNaN(y[k]) {
				logs += math.Log(f)
			}
		}
		want := scaled.LogLikelihood(residual, make([]float64, 40)) - logs
		if got := c.LogLikelihood(y, prediction); math.Abs(got-want) > 1e-9 {
			t.Errorf("gaps %v: the log-density is %v, want %v", gaps, got, want)
		}
	}
}

// TestFactorsSample compares the variances of 20,000 draws with the noise's
// times the squared factors, plus the variance of a constant without a factor.
func TestFactorsSample(t *testing.T) {
	all := errorsOfAllKinds(t)
	c := priors.Correlated{Grid: all.Grid, Channels: 2, Std: 0.3, Shift: 0.2}
	for k := range 40 {
		c.Factors = append(c.Factors, 0.5+float64(k)/20)
	}
	c = known(t, c)
	const draws = 20_000
	y, zero, square := make([]float64, 40), make([]float64, 40), make([]float64, 40)
	for i := range uint64(draws) {
		c.Sample(y, zero, rng.New(4, rng.Test, i, 0))
		for k, v := range y {
			square[k] += v * v / draws
		}
	}
	for k, got := range square {
		want := 0.04 + 0.09*c.Factors[k]*c.Factors[k]
		if math.Abs(got/want-1) > 5*math.Sqrt(2./draws) {
			t.Errorf("the variance of value %d is %v, want %v", k, got, want)
		}
	}
}

// TestSpreadFarOff takes measurements ever farther from the prediction. The
// density falls, and stays a number.
func TestSpreadFarOff(t *testing.T) {
	c := errorsOfAllKinds(t, priors.SmoothError{Std: 0.5, Length: 0.9})
	c.Spread = 0.1
	c = known(t, c)
	prediction, y, last := predictionOf(40), make([]float64, 40), math.Inf(1)
	for _, far := range []float64{1, 10, 100, 1e3, 1e4} {
		for k, v := range prediction {
			y[k] = v + far*math.Cos(float64(k*k))
		}
		got := c.LogLikelihood(y, prediction)
		if !(got < last) || math.IsInf(got, 0) {
			t.Errorf("%v away the log-density is %v, after %v", far, got, last)
		}
		last = got
	}
}
