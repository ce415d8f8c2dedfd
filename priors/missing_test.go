package priors_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/priors"
	"csdm/rng"
)

// gapped returns y with every third value, and the first eight, missing, and
// the places of the others.
func gapped(y []float64) (with []float64, present []int) {
	with = append(with, y...)
	for i := range with {
		if i%3 == 1 || i < 8 {
			with[i] = math.NaN()
		} else {
			present = append(present, i)
		}
	}
	return with, present
}

// TestGapsOfWhite checks that densities of independent values with gaps are
// the sums over the values that are left.
func TestGapsOfWhite(t *testing.T) {
	prediction, y := predictionOf(40), make([]float64, 40)
	phase := priors.PhaseNoise{Rows: 40, Cols: 1, Pixel: 1,
		Signal: priors.ConfocalProfile{Peak: 4, Focus: 9, Rayleigh: 20, Attenuation: 0.01}}
	for name, noise := range map[string]priors.Likelihood{"normal": priors.Gaussian{Std: 0.3},
		"truncated": priors.TruncatedGaussian{Std: 0.3, Limit: 3}, "phase": phase} {
		noise.Sample(y, prediction, rng.New(8, rng.Test, 0, 0))
		with, present := gapped(y)
		want := 0.0
		for _, i := range present {
			one, alone := make([]float64, 40), make([]float64, 40)
			for k := range one {
				one[k] = math.NaN()
			}
			one[i] = y[i]
			want += noise.LogLikelihood(one, prediction)
			priors.Standardize(noise, alone, y, prediction)
			r := make([]float64, 40)
			if !priors.Standardize(noise, r, with, prediction) || r[i] != alone[i] ||
				!priors.Missing(r[0]) || priors.Present(r) != len(present) {
				t.Fatalf("%s: standardized residual %v with gaps", name, r)
			}
		}
		if got := noise.LogLikelihood(with, prediction); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: density %v, want %v", name, got, want)
		}
		whole := noise.LogLikelihood(y, prediction)
		if got := noise.LogLikelihood(with, prediction); got == whole {
			t.Errorf("%s: the gaps do not count", name)
		}
	}
}

// within returns the rows and columns of a matrix at some places.
func within(m *mat.SymDense, at []int) *mat.SymDense {
	out := mat.NewSymDense(len(at), nil)
	for a, i := range at {
		for b := range a + 1 {
			out.SetSym(a, b, m.At(i, at[b]))
		}
	}
	return out
}

// TestGapsOfCorrelated compares density, excess and standardized residual of
// correlated errors with the density of the dense covariance of the values that
// are left. The factors for other gaps come between, as the last ones are kept.
func TestGapsOfCorrelated(t *testing.T) {
	for _, smooth := range [][]priors.SmoothError{nil, {{Std: 0.5, Length: 0.9}},
		{{Std: 0.5, Length: 0.9}, {Std: 0.1, Length: 3}}} {
		c := errorsOfAllKinds(t, smooth...)
		kinds := smooth
		if kinds == nil {
			kinds = []priors.SmoothError{{}}
		}
		prediction, y := predictionOf(40), make([]float64, 40)
		for i := range uint64(3) {
			c.Sample(y, prediction, rng.New(9, rng.Test, i, 0))
			with, present := gapped(y)
			other := append([]float64(nil), y...)
			other[i] = math.NaN()
			c.LogLikelihood(other, prediction)
			want, best := 0.0, math.Inf(-1)
			r := mat.NewVecDense(len(present), nil)
			for k, at := range present {
				r.SetVec(k, y[at]-prediction[at])
			}
			var likeliest *mat.SymDense
			for _, s := range kinds {
				dense := within(covarianceOf(c, s, prediction), present)
				var factor mat.Cholesky
				var u mat.VecDense
				if !factor.Factorize(dense) || factor.SolveVecTo(&u, r) != nil {
					t.Fatal("the dense covariance has no factor")
				}
				l := -0.5 * (mat.Dot(r, &u) + factor.LogDet() +
					float64(len(present))*math.Log(2*math.Pi))
				if want += math.Exp(l) / float64(len(kinds)); l > best {
					best, likeliest = l, dense
				}
			}
			if got := c.LogLikelihood(with, prediction); math.Abs(got-math.Log(want)) > 1e-9 {
				t.Errorf("log-density %v, want %v", got, math.Log(want))
			}
			white := make([]float64, 40)
			priors.Standardize(c, white, with, prediction)
			checkWhite(t, white, present, likeliest, r)
		}
	}
}

// checkWhite checks that a standardized residual has the squares of the
// covariance, and values where there are measured ones only.
func checkWhite(t *testing.T, white []float64, present []int, c *mat.SymDense, r *mat.VecDense) {
	t.Helper()
	var factor mat.Cholesky
	var u mat.VecDense
	if !factor.Factorize(c) || factor.SolveVecTo(&u, r) != nil {
		t.Fatal("no factor")
	}
	squares := 0.0
	for _, at := range present {
		squares += white[at] * white[at]
	}
	if want := mat.Dot(r, &u); math.Abs(squares-want) > 1e-9*want ||
		priors.Present(white) != len(present) {
		t.Errorf("squares of the residual %v, want %v", squares, want)
	}
}

// TestCheckMissing checks that a measurement whose factor is too large is
// refused, and one of the same size without gaps is not.
func TestCheckMissing(t *testing.T) {
	c, err := priors.NewCorrelated(priors.Correlated{Grid: priors.Grid{Rows: 65, Cols: 64,
		Width: 1, Height: 1}, Channels: 1, Std: 1, Length: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, 65*64)
	if err := priors.CheckMissing(c, y); err != nil {
		t.Error(err)
	}
	y[0] = math.NaN()
	if priors.CheckMissing(c, y) == nil || priors.CheckMissing(priors.Gaussian{Std: 1}, y) != nil {
		t.Error("4159 values and a gap are accepted, or refused in white noise")
	}
}
