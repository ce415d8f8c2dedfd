package explain

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/nn"
)

// The data that a test judges.
const (
	ByMeasurement = "measurement"     // the measurement alone
	ByPrior       = "nearest member"  // the residual from the nearest member of the prior
	ByDraws       = "draws"           // the residual from the posterior's draws
	ByExact       = "certified draws" // the residual from draws of the exact posterior
	ByTraining    = "training pairs"  // the part outside of the span of training measurements
)

// Test compares one number of a measurement with its distribution over right
// measurements.
type Test struct {
	// name of the statistic
	Name string `json:"name"`
	// the source of the number, such as measurement or draws
	By string `json:"by"`
	// value of the statistic
	Value    float64 `json:"value"`
	Expected float64 `json:"expected"` // median over right measurements
	// the test fails below it; nil: small values are no fault
	Low   *float64 `json:"low,omitempty"`
	Limit float64  `json:"limit"` // the test fails above it
	// share of right measurements beyond the limits
	Share float64 `json:"share"`
	// whether the value lies within the limits
	Passed bool   `json:"passed"`
	Place  string `json:"place,omitempty"` // position of the value, as text
	Hint   string `json:"hint,omitempty"`  // a possible cause, if the test fails

	beyond float64 // tail probability of the value, by which tests are sorted
}

// Verdict reports whether a model explains a measurement.
//
// Tests of later stages are added to it: the measurement alone, the prior,
// training pairs, draws.
type Verdict struct {
	// whether all tests passed
	Explained bool `json:"explained"`
	// the verdict in one sentence
	Text string `json:"text"`
	// largest share of right measurements that are refused
	FalseAlarms float64  `json:"false_alarms"`
	Basis       []string `json:"basis"` // the source of the limits, per family of tests
	// the tests, with their limits
	Tests []Test `json:"tests"`
	// findings that do not change the verdict
	Remarks []string `json:"remarks,omitempty"`

	noiseFree bool      // the measurement has no noise
	residual  *Residual // for the picture; nil: none
}

// Residual returns the residual for the picture; nil if there is none.
func (v *Verdict) Residual() *Residual { return v.residual }

// SetResidual sets the residual for the picture in a verdict that was read from
// a file.
func (v *Verdict) SetResidual(r *Residual) { v.residual = r }

// noiseFreeMisfit is the χ² per value below which a measurement counts as free
// of noise: its errors are below a tenth of the noise of the model. Correlated
// or smoothed errors have a larger χ².
const noiseFreeMisfit = 0.01

// excuse passes a measurement without noise, which is a simulated one. Its
// values may be repeated. Its posterior assumes the noise of the model.
func (v *Verdict) excuse() {
	v.noiseFree = true
	v.Remarks = append(v.Remarks,
		"the measurement has no noise and is taken as simulated; the posterior assumes the "+
			"noise of the model")
	for k := range v.Tests {
		if v.Tests[k].By == ByMeasurement {
			v.Tests[k].Passed = true
		}
	}
}

// add judges a residual by a calibration.
//
// A statistic fails if its tail probability is below the common limit; Limit
// and Low state the same in units of the statistic.
func (v *Verdict) add(by, basis string, c *nn.Calibration, r *Residual, place func(k int) string) {
	values, at := Statistics(r.Values, r.Shape)
	v.Basis = append(v.Basis, basis)
	v.FalseAlarms += c.Rate
	for _, fitted := range c.Tests {
		k := slices.IndexFunc(statistics, func(s statistic) bool { return s.name == fitted.Name })
		if k < 0 {
			continue // a statistic of a later version
		}
		if !(math.Abs(values[k]) < math.MaxFloat64) { // JSON has no infinity
			values[k] = math.MaxFloat64
		}
		t := Test{Name: fitted.Name, By: by, Value: values[k], Expected: fitted.Median,
			beyond: probability(&fitted, values[k])}
		low, high := Limits(&fitted, c.Limit)
		t.Limit, t.Passed, t.Share = high, t.beyond >= c.Limit,
			fitted.High.Share*math.Exp(-(high-fitted.High.From)/fitted.High.Scale)
		if fitted.Low != nil {
			t.Low = &low
			t.Share *= 2
		}
		if v.noiseFree && !(k == 0 && t.Value > high) { // only a misfit still counts
			t.Passed = true
		}
		if at[k] >= 0 {
			t.Place = place(at[k])
		}
		if !t.Passed {
			t.Hint = statistics[k].high
			if t.Low != nil && t.Value < low {
				t.Hint = statistics[k].low
			}
		}
		v.Tests = append(v.Tests, t)
	}
	v.residual = r
	v.settle()
}

// settle sets Explained and Text.
//
// It is called after each family, so that a verdict is complete at any time.
func (v *Verdict) settle() {
	v.Explained = !slices.ContainsFunc(v.Tests, func(t Test) bool { return !t.Passed })
	v.Text = v.explainedText()
	if !v.Explained {
		v.Text = v.failedText()
	}
	for _, r := range v.Remarks {
		v.Text += "; " + r
	}
}

// rate returns the bound on the share of refused right measurements as text; ""
// if there is none.
func (v *Verdict) rate() string {
	if v.FalseAlarms == 0 {
		return ""
	}
	return fmt.Sprintf(" (at most %.2g %% of right measurements are refused)", 100*v.FalseAlarms)
}

// explainedText names χ² per value of each family with its limits.
func (v *Verdict) explainedText() string {
	if len(v.Tests) == 0 {
		return "no test could judge whether the model explains the measurement"
	}
	var found []string
	for _, by := range []string{ByExact, ByDraws, ByPrior, ByTraining} {
		k := slices.IndexFunc(v.Tests, func(t Test) bool {
			return t.By == by && t.Name == statistics[0].name
		})
		if k < 0 {
			continue
		}
		t := v.Tests[k]
		found = append(found, fmt.Sprintf("χ² per value is %.3g by the %s (right measurements: %s)",
			t.Value, plural(by), t.between()))
	}
	if found == nil {
		return "no test speaks against the measurement"
	}
	return "the model explains the measurement: " + strings.Join(found, ", ") + v.rate()
}

// plural returns the words for a source in a sentence.
func plural(by string) string {
	if by == ByPrior {
		return by + " of the prior"
	}
	return by
}

// shown is the number of failed tests that the text names.
const shown = 4

// failedText names the failed tests, the least likely first, and each possible
// cause once.
func (v *Verdict) failedText() string {
	failed := slices.DeleteFunc(slices.Clone(v.Tests), func(t Test) bool { return t.Passed })
	slices.SortStableFunc(failed, func(a, b Test) int { return cmp.Compare(a.beyond, b.beyond) })
	var parts, hints []string
	for _, t := range failed[:min(shown, len(failed))] {
		text := fmt.Sprintf("%s of the residual from the %s: %.3g (right measurements: %s)", t.Name,
			plural(t.By), t.Value, t.between())
		if t.By == ByMeasurement {
			text = fmt.Sprintf("%s: %.3g (limit %.3g)", t.Name, t.Value, t.Limit)
		}
		if t.Place != "" {
			text += " at " + t.Place
		}
		parts = append(parts, text)
		if t.Hint != "" && !slices.Contains(hints, t.Hint) {
			hints = append(hints, t.Hint)
		}
	}
	if n := len(failed) - len(parts); n > 0 {
		parts = append(parts, fmt.Sprintf("%d more tests fail", n))
	}
	return "the model does not explain the measurement: " + strings.Join(parts, "; ") +
		". What could be wrong: " + strings.Join(hints, "; ") + v.rate()
}

// between returns the limits within which a test passes, as text.
func (t *Test) between() string {
	if t.Low == nil {
		return fmt.Sprintf("up to %.3g", t.Limit)
	}
	return fmt.Sprintf("%.3g to %.3g", *t.Low, t.Limit)
}
