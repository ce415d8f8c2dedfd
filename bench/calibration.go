package bench

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/rng"
)

// Judgment is the result of a check: whether an effect is within its tolerance,
// or not yet decided.
type Judgment string

const (
	Pass      Judgment = "pass"      // the confidence interval lies within the tolerance
	Fail      Judgment = "fail"      // the interval lies outside the tolerance
	Undecided Judgment = "undecided" // the interval crosses a limit; more measurements are needed
)

// Tolerance bounds the departure of a posterior from exact calibration. No
// trained network is exact, so a test of exactness fails with enough
// measurements and passes with few. The size of the effect counts instead. A
// verdict is a test of equivalence (Schuirmann 1987): it passes if the whole
// confidence interval lies within the tolerance. All effects must pass, so no
// correction for their number is needed (Berger 1982).
type Tolerance struct {
	// Bias is the largest distance of the true value from the middle of the
	// posterior, in posterior standard deviations, either way.
	Bias float64 `json:"bias"`
	// Spread is the largest ratio of the true value's scatter to the
	// posterior's, or of the posterior's to the true value's.
	Spread float64 `json:"spread"`
	// Misfit is the largest relative difference between χ² of the draws and χ²
	// of the true field, either way.
	Misfit float64 `json:"misfit"`
	// two-sided confidence of the intervals
	Confidence float64 `json:"confidence"`
}

// DefaultTolerance returns the tolerances of a check. They lie halfway between
// exact calibration and the posteriors that Spoilings makes, which have a bias
// of 0.5 and spreads of 1.43 and 1.40. A calibrated posterior passes nearly
// always with 500 measurements of hundreds of values each; the misfit of
// smaller measurements scatters more. With few measurements it is undecided,
// not failed.
func DefaultTolerance() Tolerance {
	return Tolerance{Bias: 0.25, Spread: 1.18, Misfit: 0.05, Confidence: 0.95}
}

// coverage returns the limits for the coverage of a central interval. At a
// limit a normal posterior has a spread that is wrong by just the tolerance.
//
// If the true value scatters r times as much as a normal posterior states, the
// interval of level c covers erf(erfinv(c)/r).
func (t Tolerance) coverage(level float64) (lo, hi float64) {
	z := math.Erfinv(level) // of the interval's end, over √2
	return math.Erf(z / t.Spread), math.Erf(z * t.Spread)
}

// Effect is a measured departure from calibration.
type Effect struct {
	// estimate of the effect
	Value float64 `json:"value"`
	Error float64 `json:"error"` // one standard error
	// lower end of the confidence interval
	Low float64 `json:"low"`
	// upper end of the confidence interval
	High float64 `json:"high"`
	// lower limit of the tolerance
	LeastOK float64 `json:"least_ok"`
	// upper limit of the tolerance
	MostOK float64 `json:"most_ok"`
	P      float64 `json:"p"` // two-sided p-value of exact calibration
	// pass, undecided or fail, by the interval and the tolerance
	Decision Judgment `json:"verdict"`
}

// judged returns e with its verdict.
//
// An interval that lies across a limit decides nothing, however far its middle
// is.
func (e Effect) judged() Effect {
	switch {
	case e.Low >= e.LeastOK && e.High <= e.MostOK:
		e.Decision = Pass
	case e.Low > e.MostOK || e.High < e.LeastOK:
		e.Decision = Fail
	default:
		e.Decision = Undecided
	}
	return e
}

// worst returns Fail if any verdict is Fail. Otherwise it returns Undecided if
// any verdict is Undecided or there is no verdict, and else Pass.
//
// A check passes only if every part passes.
func worst(verdicts ...Judgment) Judgment {
	switch {
	case slices.Contains(verdicts, Fail):
		return Fail
	case slices.Contains(verdicts, Undecided) || len(verdicts) == 0:
		return Undecided
	}
	return Pass
}

// The tests, as an Assessment names them.
const (
	TestSBC        = "sbc"        // ranks of physical quantities
	TestCoverage   = "coverage"   // intervals of pixels
	TestTARP       = "tarp"       // distances to reference fields
	TestPredictive = "predictive" // draws through the forward model
)

// Assessment is the result of a calibration check.
type Assessment struct {
	// pass, undecided or fail: the worst of the tests
	Verdict Judgment `json:"verdict"`
	// Tests holds verdicts by the name of the test. A test that could not be
	// made is missing.
	Tests map[string]Judgment `json:"tests"`
	// LeastP is the smallest of all p-values of exact calibration, corrected
	// for their number.
	LeastP float64 `json:"p_holm"`
	// tests of ranks: of each quantity, then of distances to reference fields
	Ranks []Ranks `json:"ranks"`
	// coverage of central intervals of pixels
	Coverage []Coverage `json:"coverage"`
	// misfit of the draws; absent without a forward model
	Predictive *Predictive `json:"predictive,omitempty"`
}

// Coverage is the share of true values that central intervals held.
type Coverage struct {
	// nominal probability of the interval
	Level float64 `json:"level"`
	Effect
}

// Predictive compares how well the draws and the true field fit the
// measurement, by averages of χ² per value.
type Predictive struct {
	// mean χ² per value of the true field
	Truth float64 `json:"chi2_truth"`
	// Residue is χ² of the true field with the sampler's last noise level
	// added.
	Residue float64 `json:"chi2_residue"`
	// mean χ² per value of the draws
	Draws float64 `json:"chi2_draws"`
	// chi2_draws over chi2_truth, minus 1
	Excess Effect `json:"excess"`
}

// Names holds the names of the elements of a Record, in order.
type Names struct {
	// physical quantities, tested by SBC
	Quantities []string
	// reference fields, tested by TARP
	References []string
}

// Assess judges a posterior by its records of at least two measurements. The
// stream serves the bootstrap only. Assess panics if there are fewer than two
// records, or if a record has fewer elements than names.
func Assess(scores []*Record, names Names, tol Tolerance, s *rng.Stream) *Assessment {
	if len(scores) < 2 {
		panic(fmt.Sprintf("bench: calibration of %d measurements; at least 2 are needed",
			len(scores)))
	}
	a := &Assessment{Tests: map[string]Judgment{}}
	var p []float64
	verdicts := map[string][]Judgment{}
	add := func(test string, e ...Effect) {
		for _, e := range e {
			p = append(p, e.P)
			verdicts[test] = append(verdicts[test], e.Decision)
		}
	}
	ranks := func(test string, of []string, value func(*Record) []float64) {
		for q, name := range of {
			u := make([]float64, len(scores))
			for i, score := range scores {
				u[i] = value(score)[q]
			}
			r := NewRanks(u, tol, s)
			r.Test, r.Of = test, name
			a.Ranks = append(a.Ranks, r)
			p = append(p, r.P)
			add(test, r.Bias, r.Spread)
		}
	}
	ranks(TestSBC, names.Quantities, func(s *Record) []float64 { return s.Quantities })
	ranks(TestTARP, names.References, func(s *Record) []float64 { return s.References })
	for _, level := range []float64{0.5, 0.8, 0.95} {
		if e, ok := PixelCoverage(scores, level, tol); ok {
			a.Coverage = append(a.Coverage, Coverage{level, e})
			add(TestCoverage, e)
		}
	}
	if a.Predictive = predictive(scores, tol); a.Predictive != nil {
		add(TestPredictive, a.Predictive.Excess)
	}
	var all []Judgment
	for test, v := range verdicts {
		a.Tests[test] = worst(v...)
		all = append(all, a.Tests[test])
	}
	a.Verdict, a.LeastP = worst(all...), slices.Min(append(Holm(p), 1))
	return a
}

// Holm returns p-values corrected for their number by Holm's (1979) step-down
// method. Rejecting the corrected values below α makes an error anywhere in the
// family with probability at most α, for any dependence between the tests.
//
// The k-th smallest of n p-values is multiplied by n − k + 1, and no result is
// smaller than the one before it.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if p[a] < p[b] {
			return -1
		}
		return 1
	})
	out, last := make([]float64, len(p)), 0.0
	for k, i := range order {
		last = min(1, max(last, float64(len(p)-k)*p[i]))
		out[i] = last
	}
	return out
}

// sampleMean is a mean over n values with its standard error.
//
// n counts measurements, not pixels.
type sampleMean struct {
	// mean, and its standard deviation over √n
	value, standardError float64
	// number of measurements
	n int
}

// effect returns the effect of a mean, by Student's t. zero is the mean under
// exact calibration; lo and hi are the limits of the tolerance.
//
// The interval is value ± t_{n−1} · standard error.
func (m sampleMean) effect(zero, lo, hi, confidence float64) Effect {
	t := distuv.StudentsT{Sigma: 1, Nu: float64(m.n - 1)}
	half := t.Quantile((1+confidence)/2) * m.standardError
	p := 1.0
	if m.standardError > 0 {
		p = 2 * t.CDF(-math.Abs(m.value-zero)/m.standardError)
	} else if m.value != zero {
		p = 0
	}
	return Effect{Value: m.value, Error: m.standardError, Low: m.value - half,
		High: m.value + half, LeastOK: lo, MostOK: hi, P: p}.judged()
}

// PixelCoverage pools the coverage of pixels over measurements: Σ w_i c_i / Σ
// w_i. The error of this ratio comes from its scatter between measurements
// (Cochran 1977, chapter 6), because the pixels of one field are correlated. It
// returns false if no pixel ever varied.
//
// The linearized variance of Σ w c/Σ w is Σ (w_i (c_i − c))² n/(n − 1)/(Σ w)².
func PixelCoverage(scores []*Record, level float64, tol Tolerance) (Effect, bool) {
	k := int(math.Round(level*coverageBins)) - 1
	var weight, sum, square float64
	for _, s := range scores {
		weight += s.Weight
		sum += s.Weight * s.Coverage[k]
	}
	if !(weight > 0) {
		return Effect{}, false
	}
	c, n := sum/weight, len(scores)
	for _, s := range scores {
		square += math.Pow(s.Weight*(s.Coverage[k]-c), 2)
	}
	lo, hi := tol.coverage(level)
	pooled := sampleMean{c, math.Sqrt(square*float64(n)/float64(n-1)) / weight, n}
	return pooled.effect(level, lo, hi, tol.Confidence), true
}

// predictive compares the misfits. It returns nil if there are none. Given the
// measurement, the true field and the draws of an exact posterior have one
// distribution, so their mean misfits are equal. The differences are paired by
// measurement.
//
// Pairing removes the scatter of χ² between measurements, which truth and draws
// share.
func predictive(scores []*Record, tol Tolerance) *Predictive {
	var p Predictive
	n := float64(len(scores))
	for _, s := range scores {
		if s.Misfit == nil {
			return nil
		}
		p.Truth += s.Misfit.Truth / n
		p.Residue += s.Misfit.Residue / n
		p.Draws += s.Misfit.Draws / n
	}
	square := 0.0
	for _, s := range scores {
		square += math.Pow(s.Misfit.Draws-s.Misfit.Truth-(p.Draws-p.Truth), 2)
	}
	excess := sampleMean{p.Draws/p.Truth - 1, math.Sqrt(square/(n-1)/n) / p.Truth, len(scores)}
	p.Excess = excess.effect(0, -tol.Misfit, tol.Misfit, tol.Confidence)
	return &p
}
