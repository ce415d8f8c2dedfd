package priors_test

import (
	"fmt"
	"math"
	"testing"

	"csdm/priors"
	"csdm/rng"
)

// scaled returns c with noise and smooth errors that are factor times larger.
func scaled(t *testing.T, c priors.Correlated, factor float64) priors.Correlated {
	t.Helper()
	c.Spread, c.Std = 0, c.Std*factor
	smooth := c.Smooth
	c.Smooth = nil
	for _, s := range smooth {
		c.Smooth = append(c.Smooth, priors.SmoothError{Std: s.Std * factor, Length: s.Length})
	}
	return known(t, c)
}

func known(t *testing.T, c priors.Correlated) priors.Correlated {
	t.Helper()
	c, err := priors.NewCorrelated(c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSpread compares noise of random standard deviation with the trapezoidal
// rule over noise of known standard deviations: the density, and mean and
// standard deviation of ln Std given a measurement. It does so with and without
// terms that depend on y, smooth errors, and gaps.
func TestSpread(t *testing.T) {
	smooth := []priors.SmoothError{{Std: 0.5, Length: 0.9}, {Std: 0.1, Length: 3}}
	all, plain := errorsOfAllKinds(t, smooth...), errorsOfAllKinds(t, smooth[1])
	plain.Gain, plain.Registration = 0, 0
	white := priors.Correlated{Grid: all.Grid, Channels: 2, Std: 0.3}
	for k, c := range []priors.Correlated{all, plain, white} {
		for _, gaps := range []bool{false, true} {
			t.Run(fmt.Sprint(k, gaps), func(t *testing.T) { spreadOf(t, c, gaps) })
		}
	}
}

func spreadOf(t *testing.T, c priors.Correlated, gaps bool) {
	const reach, steps = 6, 600
	c.Spread = 0.4
	c = known(t, c)
	prediction, y := predictionOf(40), make([]float64, 40)
	c.Sample(y, prediction, rng.New(8, rng.Test, 0, 0))
	if gaps {
		y[3], y[17], y[30] = math.NaN(), math.NaN(), math.NaN()
	}
	var logs, at []float64
	top := math.Inf(-1)
	for i := range steps + 1 {
		z := reach * (2*float64(i)/steps - 1)
		at = append(at, c.Spread*z)
		l := scaled(t, c, math.Exp(c.Spread*z)).LogLikelihood(y, prediction) - z*z/2
		logs, top = append(logs, l), max(top, l)
	}
	sum, mean, square := 0.0, 0.0, 0.0
	for i, l := range logs {
		w := math.Exp(l - top)
		sum, mean, square = sum+w, mean+w*at[i], square+w*at[i]*at[i]
	}
	mean /= sum
	std := math.Sqrt(square/sum - mean*mean)
	want := top + math.Log(sum*2*reach/steps/math.Sqrt(2*math.Pi))
	if got := c.LogLikelihood(y, prediction); math.Abs(got-want) > 1e-4 {
		t.Errorf("the log-density is %v, want %v", got, want)
	}
	const draws = 4000
	var drawn, drawnSquare float64
	stream := rng.New(9, rng.Test, 0, 0)
	for range draws {
		v := math.Log(c.DrawStd(y, prediction, stream) / c.Std)
		drawn, drawnSquare = drawn+v/draws, drawnSquare+v*v/draws
	}
	// The normal approximation leaves out the skewness.
	if math.Abs(drawn-mean) > 0.15*std ||
		math.Abs(math.Sqrt(drawnSquare-drawn*drawn)/std-1) > 0.1 {
		t.Errorf("draws of ln Std: %.4f ± %.4f, want %.4f ± %.4f", drawn,
			math.Sqrt(drawnSquare-drawn*drawn), mean, std)
	}
}

// TestSpreadStandardize checks that the residual belongs to the likeliest
// standard deviation, and that with the excess it is −2 ln of the density of
// y and that standard deviation, up to a constant.
func TestSpreadStandardize(t *testing.T) {
	c := errorsOfAllKinds(t, priors.SmoothError{Std: 0.5, Length: 0.9})
	c.Spread = 0.3
	c = known(t, c)
	prediction, y := predictionOf(40), make([]float64, 40)
	got, want := make([]float64, 40), make([]float64, 40)
	first := 0.0
	for i := range uint64(4) {
		c.Sample(y, prediction, rng.New(10, rng.Test, i, 0))
		best, at := math.Inf(-1), 0.0
		for s := -1.2; s <= 1.2; s += 0.004 {
			l := scaled(t, c, math.Exp(s)).LogLikelihood(y, prediction)
			if l -= s * s / (2 * c.Spread * c.Spread); l > best {
				best, at = l, s
			}
		}
		c.Standardize(got, y, prediction)
		scaled(t, c, math.Exp(at)).Standardize(want, y, prediction)
		total := c.Excess(y, prediction) + 2*best
		for k, v := range got {
			total += v * v
			if math.Abs(v-want[k]) > 0.002*(1+math.Abs(v)) {
				t.Fatalf("value %d is %v, want %v", k, v, want[k])
			}
		}
		if i == 0 {
			first = total
		}
		if math.Abs(total-first) > 1e-3 {
			t.Errorf("draw %d: the sum is %v, and %v of the first", i, total, first)
		}
	}
}
