package certify

import (
	"context"
	"fmt"
	"math"
	"time"

	"csdm/bench"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/priors"
	"csdm/problems"
)

// Settings are the limits of Certify. A zero stands for the default in
// brackets.
type Settings struct {
	// ESS is the effective sample size at which the search ends [2000, or from
	// 500 on where the standard error of the mean is 0.0005 of the prior's
	// range; for a problems.Marginal 500].
	ESS       float64
	MaxSolves int // largest number of draws; each may take a forward solve [20,000]
	Draws     int // equally weighted draws of the result [256]
	// seed of all random numbers of the search
	Seed    uint64
	Threads int // at least 1

	// Judge decides whether the model explains a measurement. A judge that
	// several calls share saves its simulations of noise; nil: made for the
	// call.
	Judge *explain.Judge
	// Verdict holds tests that were made of the measurement. Certify adds its
	// own to it; nil: tests of the measurement alone.
	Verdict *explain.Verdict

	// Watch, if not nil, is called at the end of each stage of the search.
	Watch func(bench.AdaptiveStage)

	// Resume is a state that Save received, from which an equal call resumes;
	// nil starts the search. Save, if not nil, receives the state at the end of
	// each descent and after each few hundred solves. The state stays valid
	// until Certify returns. An error of Save stops the search.
	Resume *State
	// stores the state at safe points; nil: it is not stored
	Save func(*State) error

	meanError float64 // at which the search may end early
}

// Defaults of Settings. With an effective sample size of 2000 the standard
// error of the mean is 2 % of the posterior's standard deviation.
const (
	defaultESS       = 2000
	defaultMeanError = 0.0005
	defaultSolves    = 20_000
	defaultDraws     = 256
)

// resolve sets the defaults, which depend on the kind of problem.
//
// An effective sample size below LeastESS could never be certified, so that it
// is an error.
func (s Settings) resolve(problem problems.Problem) (Settings, error) {
	if s.ESS == 0 {
		s.ESS, s.meanError = defaultESS, defaultMeanError
		if _, ok := problem.(problems.Marginal); ok {
			s.ESS = bench.MarginalESS
		}
	}
	if s.MaxSolves == 0 {
		s.MaxSolves = defaultSolves
	}
	if s.Draws == 0 {
		s.Draws = defaultDraws
	}
	if !(s.ESS >= LeastESS) || s.MaxSolves < 2 || s.Draws < 2 || s.Threads < 1 {
		return s, fmt.Errorf("certify: settings out of range: effective sample size %g (at least "+
			"%d), at most %d "+
			"solves (at least 2), %d draws (at least 2), %d threads (at least 1)", s.ESS,
			LeastESS, s.MaxSolves, s.Draws, s.Threads)
	}
	return s, nil
}

// Result is a posterior in physical units with its certificate.
type Result struct {
	bench.Posterior // mean, std and their errors from all weighted draws; quantiles from Samples
	// counts, gate and cost
	Certificate Certificate
	Verdict     *explain.Verdict // whether the model explains the measurement

	Variables  bench.Posterior // of the prior's variables θ
	Theta      []float64       // weighted draws of θ, row by row
	LogWeights []float64       // the logarithms of their weights, up to a constant
	// SampleTheta and Samples are Settings.Draws equally weighted draws of θ
	// and their fields, row by row.
	SampleTheta, Samples []float64
}

// Possible returns an error that names what a problem lacks for a certificate,
// or nil. problem may be nil. The prior must be a map from a few variables and
// the noise must have a density.
func Possible(problem problems.Problem) error {
	const no = "no certificate: "
	if problem == nil {
		return fmt.Errorf(no +
			"the forward model is not known; name its file by --problem FILE.toml")
	}
	name := problem.Spec().Name
	if _, ok := problem.(problems.Parametric); !ok {
		return fmt.Errorf(no+"the prior of %s is not a map from few variables", name)
	}
	if _, ok := problem.Measurement().(priors.Likelihood); !ok {
		return fmt.Errorf(no+"the noise model of %s has no known density", name)
	}
	return nil
}

// Certify returns the posterior of the measurement y (physical units, channel
// planes) by importance sampling. The search begins where Near finds the
// posterior, else at the variables of the first of some draws of the field
// (physical units, row by row; nil: none). The Certificate of the result
// reports whether it meets the requirements. A posterior that does not is also
// returned, with the reasons; the caller must not present it as exact. Except
// for its times, the result is the same for any number of threads.
//
// Errors: settings out of range, an error of Possible, *bench.StateError for a
// state of another search, *bench.ImpossibleError if no draw has a likelihood,
// ctx's error, and errors of the forward model and of Save.
func Certify(ctx context.Context, problem problems.Problem, y, draws []float64,
	settings Settings) (*Result, error) {
	begin := time.Now()
	used, _, _ := cli.Used()
	s, err := settings.resolve(problem)
	if err != nil {
		return nil, err
	}
	if err := Possible(problem); err != nil {
		return nil, err
	}
	r, err := weigh(ctx, problem.(problems.Parametric), y, draws, s)
	if err != nil {
		return nil, err
	}
	if err := r.judgeMisfit(ctx, problem, y, s); err != nil {
		return nil, err
	}
	if err := r.inferNoise(problem, y, s); err != nil {
		return nil, err
	}
	c := &r.Certificate
	c.Certified = len(c.Reasons) == 0
	c.Seconds = time.Since(begin).Seconds()
	if now, _, ok := cli.Used(); ok {
		c.CPUSeconds = (now - used).Seconds()
	}
	return r, nil
}

// weigh draws from a proposal that begins at the draws of the field, and
// weighs them by prior and likelihood.
//
// A search whose weights have a heavy tail (k̂ ≥ 0.7) is repeated with twice
// the target from draws that follow the smoothed weights, as long as the budget
// allows it. The result uses the last round alone.
func weigh(ctx context.Context, problem problems.Parametric, y, draws []float64,
	s Settings) (*Result, error) {
	state, err := newSearchState(problem, y, draws, s)
	if err != nil {
		return nil, err
	}
	start, solves, err := Near(ctx, problem, y, explain.Search{Seed: s.Seed, Threads: s.Threads,
		Record: state.descents()})
	if err == nil && start == nil {
		most := min(len(draws), proposalDraws*problem.Spec().XLen())
		start, err = Invert(ctx, problem, draws[:most], s.Threads, s.Seed)
	}
	if err != nil {
		return nil, err
	}
	var a *bench.AdaptiveResult
	var tail bench.Smoothed
	target, budget := s.ESS, s.MaxSolves
	for round := uint64(0); ; round++ {
		a, err = bench.Adaptive(ctx, problem, y, bench.AdaptiveSettings{
			ESS: target, MeanError: s.meanError, MaxSolves: budget, Seed: s.Seed + round,
			Threads: s.Threads, Start: start, Watch: s.Watch, SolveRecord: state.round(int(round)),
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
	r.Certificate.judgeWeights(a.Temperature)
	return r, r.sample(ctx, problem, s)
}

// proposalDraws is the largest number of the network's draws from which a
// search begins.
//
// A mixture in few variables needs no more draws to be fitted.
const proposalDraws = 128

// startRows is the number of rows of variables from which a further search
// begins.
const startRows = 256
