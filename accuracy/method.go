package accuracy

import (
	"context"
	"errors"
	"slices"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/infer"
	"csdm/priors"
	"csdm/problems"
)

// answer is the posterior that a method computes, in physical units.
//
// A posterior that is refused has reasons and no moments; a doubtful one has
// both.
type answer struct {
	*bench.Posterior           // nil: the method has none, for the reasons
	independent      bool      // made of independent draws of equal weight
	fields           []float64 // fields of equal weight, row by row; nil: none

	solves, evaluations                       int
	khat, rhat, logEvidence, logEvidenceError infer.StatedError
	certified                                 *bool
	reasons                                   []string
}

// newAnswer returns an answer without diagnostics.
func newAnswer(p *bench.Posterior) *answer {
	no := infer.NotStated
	return &answer{Posterior: p, khat: no, rhat: no, logEvidence: no, logEvidenceError: no}
}

// tail returns the shape of the weights' tail, or NotStated for −∞ or −1e308,
// which stand for weights without a tail.
//
// JSON has no −∞, and files of states store −1e308 for it.
func tail(khat float64) infer.StatedError {
	if khat < -1e300 {
		return infer.NotStated
	}
	return infer.StatedError(khat)
}

// method computes posteriors.
//
// run gets the budget of the row: draws of a network, or solves.
type method struct {
	name    string
	what    string   // in words
	network bool     // needs a network
	exact   bool     // needs prior and likelihood
	named   bool     // runs only if the settings name it
	foreign *Foreign // its posteriors were computed before; nil: csdm computes them
	run     func(ctx context.Context, m *measurement, budget int, seed uint64,
		env env.Env) (*answer, error)
}

const methodExactScore = "exact-score"

// The methods, in the order of their rows.
var methods = []method{
	{name: "network", what: "draws of the score network", network: true, run: network},
	{name: "certified", what: "the network's draws, weighted by forward solves", network: true,
		exact: true, run: certified},
	{name: "independence", what: "chains whose proposals are fitted to the network's draws",
		network: true, exact: true, named: true, run: fitted(bench.Independence)},
	{name: "mala", what: "Langevin chains with the adjoint's gradient, preconditioned by the " +
		"network's draws", network: true, exact: true, named: true, run: fitted(bench.Langevin)},
	{name: methodExactScore, what: "draws of the network's sampler by the exact score",
		network: true, named: true, run: exactScore},
	{name: "importance", what: "prior draws, weighted by their likelihood", exact: true,
		run: importance},
	{name: "adaptive", what: "adaptive importance sampling from the prior", exact: true,
		run: adaptive},
	{name: "random-walk", what: "random-walk Metropolis on the prior's variables", exact: true,
		run: chains(bench.RandomWalk)},
	{name: "pcn", what: "preconditioned Crank–Nicolson on the prior's variables", exact: true,
		run: chains(bench.PCN)},
}

// Methods returns the names of the methods.
func Methods() (names []string) {
	for _, m := range methods {
		names = append(names, m.name)
	}
	return names
}

// mostProposals is the largest number of the network's draws from which a
// certificate begins. It would not use more.
//
// A certificate fits a proposal to these draws and then makes its own.
const mostProposals = 128

// draws returns the number of posterior draws of a method with a network, given
// the setting.
func (m *method) draws(setting int) int {
	if m.exact {
		return min(setting, mostProposals)
	}
	return setting
}

// fits reports whether a method applies to a target.
func (m *method) fits(t *Subject) bool {
	_, parametric := t.Problem.(problems.Parametric)
	_, known := t.Problem.Measurement().(priors.Likelihood)
	if m.name == methodExactScore && infer.CanScore(t.Problem) != nil {
		return false
	}
	return (!m.network || t.Model != nil) && (!m.exact || parametric && known)
}

// network draws from the network's posterior.
func network(ctx context.Context, m *measurement, draws int, seed uint64,
	env env.Env) (*answer, error) {
	p, err := m.draw(ctx, draws, seed, env)
	if err != nil {
		return nil, err
	}
	a := fromNetwork(p)
	a.independent = true
	return a, nil
}

// draw samples the measurement's posterior with the network.
func (m *measurement) draw(ctx context.Context, draws int, seed uint64,
	env env.Env) (*infer.Posterior, error) {
	s := m.Sampling
	s.Draws = draws
	return infer.Sample(ctx, m.Model, m.y, s, infer.Job{Seed: seed}, env)
}

// fromNetwork returns a posterior of package run in physical units. It converts
// the draws in place.
//
// The draws belong to the answer from then on.
func fromNetwork(p *infer.Posterior) *answer {
	n := p.Normalization
	width := n.XMax - n.XMin
	a := newAnswer(p.Scaled(-n.XMin/width, 1/width))
	n.PhysicalX(p.Samples, p.Samples, len(p.Mean))
	a.fields, a.evaluations = p.Samples, p.Cost.Evaluations
	return a
}

// certified weights the network's draws by the forward model.
//
// Solves are all forward solves of the certificate; evaluations are the
// network's.
func certified(ctx context.Context, m *measurement, draws int, seed uint64,
	env env.Env) (*answer, error) {
	p, err := m.draw(ctx, draws, seed, env)
	if err != nil {
		return nil, err
	}
	if err := p.Certify(ctx, infer.NewExplainer(m.Problem, nil), m.y, seed, env); err != nil {
		return impossible(err)
	}
	a, c := fromNetwork(p), p.Certificate
	a.solves, a.ESS, a.khat = c.Solves, c.ESS, tail(c.KHat)
	a.logEvidence = infer.StatedError(c.LogEvidence)
	a.logEvidenceError = infer.StatedError(c.LogEvidenceError)
	a.certified, a.reasons = &c.Certified, c.Reasons
	return a, nil
}

// fittedSteps are the steps of each chain of independence and mala, a quarter
// of them burn-in. All chains together take up to 4,000 solves.
const fittedSteps = 1000

// fitted returns a method of Markov chains whose proposals are fitted to the
// variables of the network's draws.
//
// The draws x of the network are mapped to variables θ (certify.Invert), whose
// mean and covariance precondition the chains. A chain accepts by the exact
// likelihood, so that a poor network costs steps, not correctness.
func fitted(kernel bench.Kernel) func(context.Context, *measurement, int, uint64,
	env.Env) (*answer, error) {
	return func(ctx context.Context, m *measurement, draws int, seed uint64,
		env env.Env) (*answer, error) {
		p, err := m.draw(ctx, draws, seed, env)
		if err != nil {
			return nil, err
		}
		evaluations := p.Cost.Evaluations
		x := make([]float64, len(p.Samples))
		p.Normalization.PhysicalX(x, p.Samples, len(p.Mean))
		problem := m.Problem.(problems.Parametric)
		start, err := certify.Invert(ctx, problem, x, env.Threads, seed)
		if err != nil {
			return nil, err
		}
		a, err := m.chains(ctx, bench.MCMCSettings{Kernel: kernel, Start: start, Step: 1,
			Adapt: true, BurnIn: fittedSteps / 4, Steps: fittedSteps - fittedSteps/4,
			Seed: seed, Threads: env.Threads})
		if err != nil {
			return nil, err
		}
		a.evaluations = evaluations
		return a, nil
	}
}

// exactScore draws from the posterior as network does, with the exact score
// instead of the network's. Its error is the sampler's alone.
func exactScore(ctx context.Context, m *measurement, draws int, seed uint64,
	env env.Env) (*answer, error) {
	s := m.Sampling
	s.Draws = draws
	p, err := infer.SampleExact(ctx, m.Problem, infer.ExactModel(m.Problem, m.Model), m.y, s,
		infer.Job{Seed: seed}, env)
	if err != nil {
		return impossible(err)
	}
	a := fromNetwork(p)
	a.independent, a.solves = true, p.Origin.Solves
	return a, nil
}

// impossible returns an answer without a posterior if the error is about the
// measurement or the network's draws, and else the error.
func impossible(err error) (*answer, error) {
	_, impossible := errors.AsType[*bench.ImpossibleError](err)
	_, few := errors.AsType[*bench.StartError](err)
	_, flat := errors.AsType[*bench.GradientError](err)
	if !impossible && !few && !flat {
		return nil, err
	}
	a := newAnswer(nil)
	a.reasons = []string{err.Error()}
	return a, nil
}

// importance weights prior draws.
//
// It is the paper's Monte Carlo method with a budget.
func importance(ctx context.Context, m *measurement, solves int, seed uint64,
	env env.Env) (*answer, error) {
	r, err := bench.Importance(ctx, m.Problem.(problems.Parametric), m.y,
		bench.ImportanceSettings{Draws: solves, Seed: seed, Threads: env.Threads})
	if err != nil {
		return impossible(err)
	}
	a := newAnswer(&r.Posterior)
	a.solves = r.Solves
	a.weights(&r.Diagnostics)
	return a, nil
}

// weights copies the diagnostics of weighted draws.
//
// Weights in doubt keep their moments, with the reason: a table shows how wrong
// they are.
func (a *answer) weights(d *bench.Diagnostics) {
	a.khat, a.logEvidence = tail(d.KHat), infer.StatedError(d.LogEvidence)
	if d.Doubt != nil {
		a.reasons = append(a.reasons, d.Doubt.Error())
	}
}

// adaptiveESS is the effective sample size at which the searches of adaptive
// and of certified end.
const adaptiveESS = 2000

// adaptive runs adaptive importance sampling.
func adaptive(ctx context.Context, m *measurement, solves int, seed uint64,
	env env.Env) (*answer, error) {
	r, err := bench.Adaptive(ctx, m.Problem.(problems.Parametric), m.y, bench.AdaptiveSettings{
		ESS: adaptiveESS, MaxSolves: solves, Seed: seed, Threads: env.Threads})
	if err != nil {
		return impossible(err)
	}
	a := newAnswer(&r.Posterior)
	a.solves = r.Solves
	a.weights(&r.Diagnostics)
	a.logEvidenceError = infer.StatedError(r.LogEvidenceError)
	return a, nil
}

// Settings of the chains.
const (
	chainCount = 4
	firstStep  = 0.1 // adapted during the burn-in
	fieldCount = 256 // states whose fields give the quantities
)

// chains returns a method of Markov chains. A quarter of the budget is burn-in.
//
// Each of the four chains takes a quarter of the budget, and a quarter of this
// adapts the step and is then discarded.
func chains(kernel bench.Kernel) func(context.Context, *measurement, int, uint64,
	env.Env) (*answer, error) {
	return func(ctx context.Context, m *measurement, solves int, seed uint64,
		env env.Env) (*answer, error) {
		each := solves / chainCount
		return m.chains(ctx, bench.MCMCSettings{Kernel: kernel, Step: firstStep, Adapt: true,
			BurnIn: each / 4, Steps: each - each/4, Seed: seed, Threads: env.Threads})
	}
}

// chains runs Markov chains. It sets their number.
//
// Quantities come from up to 256 states at equal distances: the states
// themselves are correlated, and more of them add little.
func (m *measurement) chains(ctx context.Context, s bench.MCMCSettings) (*answer, error) {
	s.Chains = chainCount
	problem := m.Problem.(problems.Parametric)
	r, err := bench.Metropolis(ctx, problem, m.y, s)
	if err != nil {
		return impossible(err)
	}
	a := newAnswer(&r.Posterior)
	a.solves, a.rhat = r.Solves, infer.StatedError(r.RHat)
	states, d, size := r.Draws, len(r.Theta)/r.Draws, len(r.Mean)
	n := min(fieldCount, states)
	a.fields = slices.Grow(a.fields, n*size)[:n*size]
	for i := range n { // evenly spaced over all chains
		k := i * states / n
		problem.Field(a.fields[i*size:(i+1)*size], r.Theta[k*d:(k+1)*d])
	}
	return a, nil
}
