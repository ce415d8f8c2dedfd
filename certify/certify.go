package certify

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"csdm/bench"
	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Settings are the limits of Certify. A zero stands for the default in
// brackets.
type Settings struct {
	// ESS is the effective sample size at which the search ends [2000; for a
	// problems.Marginal 500].
	ESS       float64
	MaxSolves int // largest number of draws; each may take a forward solve [20,000]
	Draws     int // equally weighted draws of the result [256]
	Seed      uint64
	Threads   int // at least 1

	// Start holds variables at which the search begins, row by row; nil: the
	// variables that fit the draws.
	Start []float64

	// Watch, if not nil, is called at the end of each stage of the search.
	Watch func(bench.AdaptiveStage)
}

// Requirements of a certificate.
const (
	LeastESS = 400           // effective sample size of a certified posterior
	MaxKHat  = bench.MaxKHat // shape of the weights' tail
)

// Defaults of Settings. With an effective sample size of 2000 the standard
// error of the mean is 2 % of the posterior's standard deviation.
// The model error of a problems.Marginal is integrated without draws, and is
// most of the spread, so fewer draws do.
const (
	defaultESS    = 2000
	marginalESS   = 500
	defaultSolves = 20_000
	defaultDraws  = 256
)

// Certificate is the evidence for a posterior.
type Certificate struct {
	Certified bool     `json:"certified"`
	Reasons   []string `json:"reasons,omitempty"` // failed requirements; empty if certified

	// ESS is (Σw)²/Σw² of the weights behind the posterior.
	ESS float64 `json:"ess"`
	// KHat is the Pareto shape of the weights' tail; −1e308 if they have none.
	KHat             float64 `json:"khat"`
	Solves           int     `json:"solves"`             // forward solves in total
	Seconds          float64 `json:"seconds"`            // wall time
	LogEvidence      float64 `json:"log_evidence"`       // ln p(y)
	LogEvidenceError float64 `json:"log_evidence_error"` // one standard error of it
}

// Result is a posterior in physical units with its certificate.
type Result struct {
	bench.Posterior // mean, std and their errors from all weighted draws; quantiles from Samples
	Certificate     Certificate

	Variables  bench.Posterior // of the prior's variables θ
	Theta      []float64       // weighted draws of θ, row by row
	LogWeights []float64       // the logarithms of their weights, up to a constant
	Samples    []float64       // Settings.Draws equally weighted fields, row by row
}

// Certify returns the posterior of the measurement y (physical units, channel
// planes) by importance sampling. The search begins at the variables of n draws
// of the field (physical units, row by row). The Certificate of the result
// reports whether it meets the requirements. A posterior that does not is also
// returned, with the reasons; the caller must not present it as exact. The
// result is the same for any number of threads.
//
// Errors: settings out of range, *bench.ImpossibleError if no draw has a
// likelihood, ctx's error, and errors of the forward model.
func Certify(ctx context.Context, problem problems.Parametric, y, draws []float64, n int,
	settings Settings) (*Result, error) {
	begin := time.Now()
	s := settings
	if s.ESS == 0 {
		s.ESS = defaultESS
		if _, ok := problem.(problems.Marginal); ok {
			s.ESS = marginalESS
		}
	}
	if s.MaxSolves == 0 {
		s.MaxSolves = defaultSolves
	}
	if s.Draws == 0 {
		s.Draws = defaultDraws
	}
	if !(s.ESS >= LeastESS) || s.MaxSolves < 2 || s.Draws < 2 || s.Threads < 1 {
		return nil, fmt.Errorf(
			"certify: settings out of range: effective sample size %g (at least %d), at most %d "+
				"solves (at least 2), %d draws (at least 2), %d threads (at least 1)", s.ESS,
			LeastESS, s.MaxSolves, s.Draws, s.Threads)
	}
	start, err := s.Start, error(nil)
	if start == nil {
		if start, err = Invert(ctx, problem, draws, n, s.Threads, s.Seed); err != nil {
			return nil, err
		}
	}
	var a *bench.AdaptiveResult
	var tail bench.Smoothed
	solves, target, budget := 0, s.ESS, s.MaxSolves
	for round := uint64(0); ; round++ {
		a, err = bench.Adaptive(ctx, problem, y, bench.AdaptiveSettings{
			ESS: target, MaxSolves: budget, Seed: s.Seed + round, Threads: s.Threads, Start: start,
			Watch: s.Watch,
		})
		if err != nil {
			return nil, err
		}
		tail = bench.PSIS(a.LogWeights)
		solves += a.Solves
		budget -= a.Stages[len(a.Stages)-1].Draws
		if a.Temperature < 1 || tail.KHat < MaxKHat || float64(budget) < 2*target {
			break
		}
		// The weights may have no finite variance. Search again from draws that
		// follow the weights.
		target *= 2
		start = resample(a.Theta, tail.LogWeights, startRows, s.Seed+round)
	}
	r := &Result{
		Posterior: a.Posterior, Variables: a.Variables, Theta: a.Theta, LogWeights: a.LogWeights,
		Certificate: Certificate{
			ESS: a.ESS, KHat: max(tail.KHat, -math.MaxFloat64), Solves: solves,
			LogEvidence: a.LogEvidence, LogEvidenceError: a.LogEvidenceError,
		},
	}
	if err := r.sample(ctx, problem, s); err != nil {
		return nil, err
	}
	r.Certificate.judge(a)
	r.Certificate.Seconds = time.Since(begin).Seconds()
	return r, nil
}

// startRows is the number of rows of variables from which a further search
// begins.
const startRows = 256

// judge applies the requirements of a certificate to the result of a search.
func (c *Certificate) judge(a *bench.AdaptiveResult) {
	fail := func(format string, args ...any) {
		c.Reasons = append(c.Reasons, fmt.Sprintf(format, args...))
	}
	if a.Temperature < 1 {
		fail("the draws support the likelihood only to the power %.2g; 1 is required",
			a.Temperature)
	}
	if c.ESS < LeastESS {
		fail("the effective sample size is %.0f; at least %d is required", c.ESS, LeastESS)
	}
	if !(c.KHat < MaxKHat) {
		fail("the tail of the weights has the shape k̂ = %.2f; less than %.1f is required", c.KHat,
			MaxKHat)
	}
	c.Certified = len(c.Reasons) == 0
}

// sample draws the equally weighted fields and sets the quantiles from them.
func (r *Result) sample(ctx context.Context, problem problems.Parametric, s Settings) error {
	size, d := len(r.Mean), len(r.Theta)/len(r.LogWeights)
	theta := resample(r.Theta, r.LogWeights, s.Draws, s.Seed)
	if m, ok := problem.(problems.Marginal); ok { // a model error for each draw
		lo, hi := m.Box()
		first := m.Measured()
		for i := range s.Draws {
			priors.Draw(theta[i*d+first:(i+1)*d], lo[first:], hi[first:],
				rng.New(s.Seed, rng.Reference, uint64(i), errorKey))
		}
	}
	r.Samples = make([]float64, s.Draws*size)
	if err := parallel.For(ctx, s.Threads, s.Draws, func(_, i int) error {
		problem.Field(r.Samples[i*size:(i+1)*size], theta[i*d:(i+1)*d])
		return nil
	}); err != nil {
		return err
	}
	q := bench.FromDraws(r.Samples, s.Draws, size, s.Threads)
	r.Q05, r.Q50, r.Q95 = q.Q05, q.Q50, q.Q95
	return nil
}

// resample returns n rows of θ with probabilities in proportion to the weights,
// by systematic resampling (Kitagawa 1996): row i is the row whose part of the
// cumulative weight contains (i + U)/n, U uniform. The rows are in random
// order, so that any part of them is a sample.
func resample(theta, logW []float64, n int, seed uint64) []float64 {
	d := len(theta) / len(logW)
	top := slices.Max(logW)
	total := 0.0
	for _, l := range logW {
		total += math.Exp(l - top)
	}
	s := rng.New(seed, rng.Reference, resampleKey, libraryKey)
	rows, at, sum, u := make([]int, n), 0, math.Exp(logW[0]-top), s.Float64()
	for i := range rows {
		for level := (float64(i) + u) / float64(n) * total; sum < level && at < len(logW)-1; {
			at++
			sum += math.Exp(logW[at] - top)
		}
		rows[i] = at
	}
	for i := n - 1; i > 0; i-- {
		j := s.Uint64n(uint64(i + 1))
		rows[i], rows[j] = rows[j], rows[i]
	}
	out := make([]float64, 0, n*d)
	for _, k := range rows {
		out = append(out, theta[k*d:(k+1)*d]...)
	}
	return out
}

// resampleKey and errorKey distinguish the streams of resample and of the model
// errors from other streams of the same seed.
const (
	resampleKey = 1 << 62
	errorKey    = libraryKey + 1
)
