package bench

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/rng"
)

// Verdict is what a check says: whether an effect is small enough, and whether
// that is known.
type Verdict string

const (
	Pass      Verdict = "pass"      // the effect's confidence interval lies within the tolerance
	Fail      Verdict = "fail"      // it lies outside
	Undecided Verdict = "undecided" // it reaches across a limit: more measurements are needed
)

// Tolerance says how far from exact calibration a posterior may be. No trained
// network is exact, so a test of exactness fails with enough measurements and
// passes with few; what counts is the size of the effect. A verdict is a test
// of equivalence (Schuirmann 1987): it passes if the whole confidence interval
// is tolerable. All effects must pass, so none needs a correction for their
// number (Berger 1982).
type Tolerance struct {
	// of the truth from the posterior's middle, in posterior standard
	// deviations, either way
	Bias float64 `json:"bias"`
	// ratio of the truth's scatter to the posterior's, or of the posterior's to
	// the truth's
	Spread float64 `json:"spread"`
	// relative excess or lack of χ² of draws over that of the truth
	Misfit     float64 `json:"misfit"`
	Confidence float64 `json:"confidence"` // of intervals, two-sided
}

// DefaultTolerance lies half way between nothing and the posteriors spoiled on
// purpose (Spoilings): those are off by 0.5 in bias, 1.43 and 1.40 in spread. A
// calibrated posterior passes nearly always with 500 measurements of hundreds
// of values each (the misfit of fewer scatters more), and is undecided, not
// failed, with few.
func DefaultTolerance() Tolerance {
	return Tolerance{Bias: 0.25, Spread: 1.18, Misfit: 0.05, Confidence: 0.95}
}

// coverage returns the limits within which the coverage of a central interval
// must lie: that of a normal posterior whose spread is off by the tolerance.
func (t Tolerance) coverage(level float64) (lo, hi float64) {
	z := math.Erfinv(level) // of the interval's end, over √2
	return math.Erf(z / t.Spread), math.Erf(z * t.Spread)
}

// Effect is a measured departure from calibration.
type Effect struct {
	Value    float64 `json:"value"`
	Error    float64 `json:"error"` // one standard error
	Low      float64 `json:"low"`   // confidence interval
	High     float64 `json:"high"`
	LeastOK  float64 `json:"least_ok"` // what is tolerated
	MostOK   float64 `json:"most_ok"`
	P        float64 `json:"p"` // two-sided p-value of exact calibration
	Decision Verdict `json:"verdict"`
}

// judged returns e with its verdict.
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

// worst returns Fail if any verdict is Fail, else Undecided if any is or there
// is none, else Pass.
func worst(verdicts ...Verdict) Verdict {
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

// Assessment is what a set of Scores says of a posterior.
type Assessment struct {
	Verdict Verdict `json:"verdict"`
	// by name; a test that could not be made is not there
	Tests map[string]Verdict `json:"tests"`
	// least of all p-values of exact calibration, corrected for their number
	LeastP     float64     `json:"p_holm"`
	Ranks      []Ranks     `json:"ranks"`    // of quantities, then of distances
	Coverage   []Coverage  `json:"coverage"` // of pixels
	Predictive *Predictive `json:"predictive,omitempty"`
}

// Coverage is how often a central interval held the truth.
type Coverage struct {
	Level float64 `json:"level"`
	Effect
}

// Predictive compares the misfit of draws to the measurement with that of the
// true field: averages of χ² per value.
type Predictive struct {
	Truth float64 `json:"chi2_truth"`
	// of the true field with the sampler's last noise level added
	Residue float64 `json:"chi2_residue"`
	Draws   float64 `json:"chi2_draws"`
	Excess  Effect  `json:"excess"` // Draws/Truth − 1
}

// Names says what the elements of a Record are, in order.
type Names struct {
	Quantities []string
	References []string
}

// Assess judges a posterior by its scores on at least two measurements. The
// stream serves the bootstrap alone. It panics if the scores are not as many as
// names says.
func Assess(scores []*Record, names Names, tol Tolerance, s *rng.Stream) *Assessment {
	if len(scores) < 2 {
		panic(fmt.Sprintf("bench: calibration of %d measurements", len(scores)))
	}
	a := &Assessment{Tests: map[string]Verdict{}}
	var p []float64
	verdicts := map[string][]Verdict{}
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
	var all []Verdict
	for test, v := range verdicts {
		a.Tests[test] = worst(v...)
		all = append(all, a.Tests[test])
	}
	a.Verdict, a.LeastP = worst(all...), slices.Min(append(Holm(p), 1))
	return a
}

// Holm returns p-values corrected for their number by Holm's (1979) step-down
// method: rejecting those below α errs with probability at most α in the whole
// family, whatever the dependence.
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

// ofMean returns the effect of a mean over n values with that standard error,
// by Student's t. zero is the value under exact calibration.
func ofMean(mean, standardError, zero float64, n int, lo, hi, confidence float64) Effect {
	t := distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
	half := t.Quantile((1+confidence)/2) * standardError
	p := 1.0
	if standardError > 0 {
		p = 2 * t.CDF(-math.Abs(mean-zero)/standardError)
	} else if mean != zero {
		p = 0
	}
	return Effect{Value: mean, Error: standardError, Low: mean - half, High: mean + half,
		LeastOK: lo, MostOK: hi, P: p}.judged()
}

// PixelCoverage pools the coverage of pixels over measurements: Σ w_i c_i / Σ
// w_i, a ratio whose error comes from its scatter between measurements (Cochran
// 1977, chapter 6), because the pixels of one field go together. It returns
// false if no pixel ever varied.
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
	return ofMean(c, math.Sqrt(square*float64(n)/float64(n-1))/weight, level, n, lo, hi,
		tol.Confidence), true
}

// predictive compares the misfits, nil if there are none. Given the
// measurement, truth and draws of an exact posterior have one law, so their
// mean misfits are equal, whatever it is; the differences are paired by
// measurement.
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
	p.Excess = ofMean(p.Draws/p.Truth-1, math.Sqrt(square/(n-1)/n)/p.Truth, 0, len(scores),
		-tol.Misfit, tol.Misfit, tol.Confidence)
	return &p
}
