package explain_test

import (
	"math"
	"strings"
	"testing"

	"csdm/explain"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/opticnerve"
	"csdm/rng"
)

// axis returns a measurement of opticnerve with values only on the axis, with
// background at its top, and white noise.
func axis(p problems.Problem, s *rng.Stream, amplitude, phase, tilt float64) []float64 {
	spec := p.Spec()
	y := make([]float64, spec.YLen())
	std := p.Measurement().(priors.Gaussian).Std
	for k := range y {
		row, col, part := k/spec.Cols%spec.Rows, k%spec.Cols, k/spec.XLen()
		if col == spec.Cols-1 && row < spec.Rows-8 {
			y[k] = opticnerve.UMax * amplitude * []float64{math.Cos(phase), math.Sin(phase)}[part]
			if part == 0 {
				y[k] += opticnerve.UMax * tilt * float64(row-12) / 12
			}
		}
		y[k] += std * s.Normal()
	}
	return y
}

// TestDriven compares the rate of false alarms of the driven side with its
// bound and looks for mistakes of several standard errors there.
//
// A wrong amplitude of several standard errors of the mean cannot be a chance.
func TestDriven(t *testing.T) {
	p, err := opticnerve.New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	judge := explain.NewJudge(p)
	s := rng.New(3, rng.Test, 1, 0)
	failed := func(amplitude, phase, tilt float64) (names string) {
		v := judge.Start(axis(p, s, amplitude, phase, tilt))
		for _, test := range v.Tests {
			if strings.Contains(test.Name, "driven") && !test.Passed {
				names += test.Name + "; "
			}
		}
		return names
	}
	const count = 4000
	alarms := 0
	for range count {
		if failed(1, 0, 0) != "" {
			alarms++
		}
	}
	// 12 are expected at most; their standard deviation is 3.5.
	if alarms == 0 || alarms > 25 {
		t.Errorf("%d of %d right measurements are refused, want about %.0f", alarms, count,
			count*explain.DrivenRate)
	}
	for _, c := range []struct {
		amplitude, phase, tilt float64
		want                   string
	}{
		{1.1, 0, 0, "mean of the driven side, channel 1"},
		{0.9, 0, 0, "mean of the driven side, channel 1"},
		{1, 10 * math.Pi / 180, 0, "mean of the driven side, channel 2"},
		{1, 0, 0.1, "slope of the driven side, channel 1"},
	} {
		if got := failed(c.amplitude, c.phase, c.tilt); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q fails", c, got)
		}
	}
	// If nothing moves, there is no specimen, and nothing is judged.
	for _, test := range judge.Start(make([]float64, p.Spec().YLen())).Tests {
		if strings.Contains(test.Name, "channel 1") {
			t.Errorf("zeros: %s is judged", test.Name)
		}
	}
}
