package measured

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// TestNoiseStd estimates the noise on a map that is bilinear except at an edge.
// The error is within three standard deviations of the estimate, which are
// about 4 % each for 1,000 correlated residuals.
//
// An edge of 40 standard deviations touches a few columns of residuals only,
// which the median ignores; a mean of squares would follow it.
func TestNoiseStd(t *testing.T) {
	const n = 34
	s := rng.New(1, rng.Test, 1, 0)
	for _, std := range []float64{1e-6, 0.1, 30} {
		v := make([]float64, n*n)
		for i := range v {
			x, y := float64(i%n), float64(i/n)
			v[i] = 5 + x - 2*y + 0.1*x*y + std*s.Normal()
			if x > 20 {
				v[i] += 40 * std
			}
		}
		if got := NoiseStd(v, n, n); math.Abs(got/std-1) > 0.12 {
			t.Errorf("noise of %v is estimated as %v", std, got)
		}
	}
}

// fresh returns noise-free and noisy measurements of the demo's problem at
// 28×28.
//
// The seed 99 is not the training's.
func fresh(t *testing.T, p problems.Problem, i uint64) (clean, noisy []float64) {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, 28*28), make([]float64, 28*28)
	if err := g.Pair(x, y, 99, i); err != nil {
		t.Fatal(err)
	}
	noisy = make([]float64, len(y))
	problems.Measure(p.Measurement(), noisy, y, 99, i)
	return y, noisy
}

// builtinModel opens an embedded model.
func builtinModel(name string) (*nn.Model, error) {
	data, err := models.Model(name)
	if err != nil {
		return nil, err
	}
	return nn.ReadModel(bytes.NewReader(data), int64(len(data)))
}

// TestJudge: measurements as in training pass, and mistakes of users do not.
//
// Each mistake must fail in the test that is made for it. A noise-free map is
// in distribution and gets a remark.
func TestJudge(t *testing.T) {
	model, err := builtinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := quasistatic.New(problems.Options{Grid: 28, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	typical, err := simulateTypical(model, problem)
	if err != nil {
		t.Fatal(err)
	}
	stated := *model // has data on typical measurements and needs no problem
	stated.Meta.Typical = typical
	judge := func(y []float64) *Likeness {
		t.Helper()
		v, err := Judge(&stated, nil, y)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	alarms := 0
	for i := range uint64(50) {
		if _, y := fresh(t, problem, i); !judge(y).In {
			alarms++
		}
	}
	if alarms > 1 {
		t.Errorf("%d of 50 measurements as in training are called out of distribution", alarms)
	}
	clean, noisy := fresh(t, problem, 7)
	if v := judge(clean); !v.In || !strings.Contains(v.Text, "was the map smoothed") {
		t.Errorf("without noise: %s", v.Text)
	}
	change := func(f func(k int) float64) []float64 {
		y := make([]float64, len(noisy))
		for k := range y {
			y[k] = f(k)
		}
		return y
	}
	s := rng.New(1, rng.Test, 2, 0)
	for name, c := range map[string]struct {
		y    []float64
		test string
	}{
		"in mm": {change(func(k int) float64 { return 10 * noisy[k] }), "range"},
		"in m":  {change(func(k int) float64 { return noisy[k] / 100 }), "distance"},
		"twice the noise": {change(func(k int) float64 {
			return noisy[k] + 0.0009*s.Normal()
		}), "noise"},
		"upside down": {change(func(k int) float64 {
			return noisy[(27-k/28)*28+k%28]
		}), "distance"},
		"other sign":       {change(func(k int) float64 { return -noisy[k] }), "distance"},
		"a rigid movement": {change(func(k int) float64 { return noisy[k] - 0.001 }), "distance"},
	} {
		v := judge(c.y)
		failed := false
		for _, test := range v.Tests {
			failed = failed || test.Name == c.test && !test.In
		}
		if v.In || !failed || !strings.HasPrefix(v.Text, "out of distribution: ") {
			t.Errorf("%s: %s", name, v.Text)
		}
	}

	// For a model without data, typical measurements are simulated if that is
	// quick.
	v, err := Judge(model, problem, noisy)
	if err != nil || v.Text != judge(noisy).Text || v.Against != simulatedPairs {
		t.Errorf("%v, %v", v, err)
	}
	if v, err = Judge(model, nil, noisy); err != nil || !v.In ||
		!strings.Contains(v.Text, "was not judged") {
		t.Errorf("for a model without data: %v, %v", v, err)
	}
}
