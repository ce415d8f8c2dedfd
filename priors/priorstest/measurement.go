package priorstest

import (
	"math"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/rng"
)

// MeasurementCase is a measurement with its expected effect on one prediction.
type MeasurementCase struct {
	Measurement priors.Measurement
	Prediction  []float64 // a noise-free y of the length and range that the measurement is for

	// Mean and Std return the mean and standard deviation of the measurement at
	// each value. nil means that they are not known and not checked.
	Mean, Std func(i int) float64

	// Shift is the distance, in the unit of y, between two predictions whose
	// likelihoods are compared; 0 means no comparison. Bias is the allowed
	// error of the comparison where the likelihood is an approximation.
	Shift, Bias float64
}

// Measurement runs the checks on c.
func Measurement(t *testing.T, c MeasurementCase) {
	t.Helper()
	t.Run("sample", func(t *testing.T) { sample(t, c) })
	t.Run("moments", func(t *testing.T) { moments(t, c) })
	if noise, ok := c.Measurement.(priors.Likelihood); ok && c.Shift != 0 {
		t.Run("likelihood", func(t *testing.T) { likelihood(t, noise, c) })
	}
	if c.Measurement.String() == "" {
		t.Error("the measurement has no description")
	}
}

// Equal reports whether two measurements are the same: missing values too.
func Equal(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(v, w float64) bool {
		return v == w || priors.Missing(v) && priors.Missing(w)
	})
}

// sample checks that a draw is a function of its stream, does not change y
// unless dst is y, is finite except where values are missing, and allocates
// nothing.
func sample(t *testing.T, c MeasurementCase) {
	y := slices.Clone(c.Prediction)
	first, again := make([]float64, len(y)), make([]float64, len(y))
	c.Measurement.Sample(first, y, rng.New(1, rng.Test, 0, 0))
	if !slices.Equal(y, c.Prediction) {
		t.Error("Sample changed the noise-free value")
	}
	c.Measurement.Sample(again, y, rng.New(1, rng.Test, 0, 0))
	if !Equal(first, again) {
		t.Error("two draws from one stream differ")
	}
	c.Measurement.Sample(y, y, rng.New(1, rng.Test, 0, 0))
	if !Equal(first, y) {
		t.Error("Sample in place differs from Sample to another slice")
	}
	for i, v := range first {
		if math.IsInf(v, 0) {
			t.Fatalf("value %d is %v", i, v)
		}
	}
	if got, want := priors.Present(first), priors.Values(c.Measurement, len(y)); got != want {
		t.Fatalf("%d values are no numbers, want %d", len(y)-got, len(y)-want)
	}
	s := rng.New(1, rng.Test, 0, 1)
	draw := func() { c.Measurement.Sample(first, c.Prediction, s) }
	if n := testing.AllocsPerRun(10, draw); n != 0 {
		t.Errorf("Sample allocates %v times", n)
	}
}

// moments compares mean and standard deviation over draws of the whole vector.
// The residual of each value is standardized, so one limit is enough. Over n
// residuals of unit variance and of kurtosis at most κ = 9, the mean has an
// error of 1/√n and the variance of √((κ−1)/n).
func moments(t *testing.T, c MeasurementCase) {
	if c.Mean == nil || c.Std == nil {
		return
	}
	draws := 1 + 100_000/len(c.Prediction)
	dst := make([]float64, len(c.Prediction))
	var mean, square float64
	n := float64(draws * len(dst))
	for d := range draws {
		c.Measurement.Sample(dst, c.Prediction, rng.New(2, rng.Test, uint64(d), 0))
		for i, v := range dst {
			std := c.Std(i)
			if std == 0 {
				if v != c.Mean(i) {
					t.Fatalf("value %d is %v, want exactly %v", i, v, c.Mean(i))
				}
				continue
			}
			r := (v - c.Mean(i)) / std
			mean += r / n
			square += r * r / n
		}
	}
	if square == 0 {
		return
	}
	if limit := 5 / math.Sqrt(n); math.Abs(mean) > limit {
		t.Errorf("mean is off by %v standard deviations, limit %v", mean, limit)
	}
	if limit := 5 * math.Sqrt(8/n); math.Abs(square-1) > limit {
		t.Errorf("variance is %v times the right one, limit 1 ± %v", square, limit)
	}
}

// likelihood checks that the density is the density of the draws: for y drawn
// at prediction a, the mean of p(y|b)/p(y|a) is ∫ p(y|b) dy = 1 for any b. It
// also checks the normalization of p over one value by the trapezoidal rule.
func likelihood(t *testing.T, noise priors.Likelihood, c MeasurementCase) {
	a := c.Prediction[:1]
	b := []float64{a[0] + c.Shift}
	y := make([]float64, 1)
	const draws = 100_000
	var mean, square float64
	for d := range draws {
		noise.Sample(y, a, rng.New(3, rng.Test, uint64(d), 0))
		r := math.Exp(noise.LogLikelihood(y, b) - noise.LogLikelihood(y, a))
		mean += r / draws
		square += r * r / draws
	}
	if se := math.Sqrt((square - mean*mean) / draws); math.Abs(mean-1) > 5*se+c.Bias {
		t.Errorf("the likelihood ratio averages to %v ± %v, want 1", mean, se)
	}
	// Shift sets the scale: steps of Shift/8 resolve the density, and 64 shifts
	// to each side contain it.
	integral, h := 0.0, c.Shift/8
	for k := -512; k <= 512; k++ {
		y[0] = a[0] + float64(k)*h
		integral += h * math.Exp(noise.LogLikelihood(y, a))
	}
	if math.Abs(integral-1) > 1e-6 {
		t.Errorf("the density integrates to %v", integral)
	}
	// For independent values the logarithms add up. (A measurement with
	// correlated values would set Shift to 0.)
	both, pair := []float64{a[0], b[0]}, []float64{a[0], a[0]}
	sum := noise.LogLikelihood(both[:1], a) + noise.LogLikelihood(both[1:], a)
	if got := noise.LogLikelihood(both, pair); math.Abs(got-sum) > 1e-12*math.Abs(sum) {
		t.Errorf("log-likelihood of two values %v, of each in turn %v", got, sum)
	}
}
