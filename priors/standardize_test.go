package priors_test

import (
	"math"
	"testing"

	"csdm/priors"
	"csdm/rng"
)

// TestStandardize draws measurements of a smooth prediction. Standardized, they
// must have mean 0 and variance 1 within five standard errors, also after a
// blur and for wrapped phases.
func TestStandardize(t *testing.T) {
	const rows, cols, repeats = 24, 20, 60
	n := rows * cols
	phase := priors.PhaseNoise{Rows: rows, Cols: cols, Pixel: 8,
		Signal: priors.ConfocalProfile{Peak: 9, Focus: 90, Rayleigh: 40, Attenuation: 1e-3}}
	blur := priors.Blur{Rows: rows, Cols: cols, FWHM: 3}
	for _, noise := range []priors.Measurement{
		priors.Gaussian{Std: 0.3},
		priors.TruncatedGaussian{Std: 0.3, Limit: 1.2},
		phase,
		priors.Sequence{phase, priors.Wrap{}},
		priors.Sequence{priors.Gaussian{Std: 0.4}, priors.Wrap{}},
		priors.Sequence{blur, priors.Gaussian{Std: 0.01}},
	} {
		prediction, y, r := make([]float64, n), make([]float64, n), make([]float64, n)
		for k := range prediction {
			prediction[k] = 4 * math.Sin(float64(k%cols)) * math.Cos(0.4*float64(k/cols))
		}
		var first, second, fourth float64
		for i := range uint64(repeats) {
			noise.Sample(y, prediction, rng.New(1, rng.Test, i, 0))
			if !priors.Standardize(noise, r, y, prediction) {
				t.Fatalf("%v: no standard deviation", noise)
			}
			for _, v := range r {
				first += v / float64(n*repeats)
				second += v * v / float64(n*repeats)
				fourth += v * v * v * v / float64(n*repeats)
			}
		}
		limit := 5 / math.Sqrt(float64(n*repeats))
		if math.Abs(first) > limit || math.Abs(second-1) > limit*math.Sqrt(fourth-second*second) {
			t.Errorf("%v: mean %.4f, variance %.4f", noise, first, second)
		}
	}
}

// TestStandardizeRefuses checks that noise with an unknown standard deviation,
// or correlated by a blur, has no standardized residual.
func TestStandardizeRefuses(t *testing.T) {
	v := make([]float64, 64)
	blur := priors.Blur{Rows: 8, Cols: 8, FWHM: 2}
	for _, noise := range []priors.Measurement{
		priors.Recorded{}, priors.Wrap{}, blur,
		priors.Sequence{priors.Gaussian{Std: 1}, blur},
		priors.Sequence{priors.Gaussian{Std: 1}, priors.Gaussian{Std: 1}},
		priors.Sequence{priors.Wrap{}, priors.Gaussian{Std: 1}},
		priors.Sequence{},
	} {
		if priors.Standardize(noise, make([]float64, 64), v, v) {
			t.Errorf("%v has a standard deviation", noise)
		}
	}
}
