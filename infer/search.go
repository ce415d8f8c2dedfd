package infer

import (
	"context"
	"errors"
	"fmt"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/identity"
	"csdm/nn"
	"csdm/problems"
)

// SearchIdentity returns the identity of a posterior of Search with n draws.
//
// The number of draws is part of it: the draws are resampled from weighted
// ones, so that draw j of n is not draw j of m.
func SearchIdentity(problem problems.Problem, y []float64, n int, seed uint64) identity.Identity {
	return problems.Identify("exact posterior", 2, problem).AddFloats("measurement", y).
		Add("draws", n).Add("seed", seed).Identity()
}

// NeedsNoNetwork reports whether Search finds the posterior of a problem: its
// noise has a density, and y is a smooth function of few variables.
//
// Descents need derivatives, by differences of y in θ. A field of pixels that
// jump with θ has none; a smooth y has, even if the field jumps.
func NeedsNoNetwork(problem problems.Problem) bool {
	_, smooth := problem.(problems.Smooth)
	return smooth && certify.Possible(problem) == nil
}

// PriorNormalization returns the map of x to [0, 1] by the range of the prior.
// The range of y is not set.
//
// No training set exists, so that the prior's own range takes the role of the
// training fields' range.
func PriorNormalization(spec *problems.Spec) nn.Normalization {
	n := nn.Normalization{XMin: spec.XRange.Min, XMax: spec.XRange.Max}
	for _, f := range spec.XFields {
		n.Fields = append(n.Fields, nn.Field{Name: f.Name, Unit: f.Unit, Min: f.Range.Min,
			Max: f.Range.Max})
	}
	return n
}

// Search returns the posterior of a measurement y (physical units) of e.Problem
// with its certificate, without a network. The search begins where descents
// end (certify.Near). v holds the tests of the measurement so far. Fields are
// normalized by the range of the prior. Errors: an error of CanCertify, and
// errors of certify.Certify and of the file of unfinished work.
//
// Descents from several starts find the modes of p(θ | y). A mixture of t
// distributions about them is the first proposal of importance sampling, which
// weights new variables by their likelihood until the effective sample size of
// certify.Settings is reached. The result has the variables of each draw, from
// which quantities follow without the error of the grid.
func Search(ctx context.Context, e *Explainer, v *explain.Verdict, y []float64, draws int,
	job Job, env env.Env) (_ *Posterior, err error) {
	if err := CanCertify(e.Problem); err != nil {
		return nil, err
	}
	release, err := HoldPartial(job.Partial, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	keeper, state, err := openSearch(ctx, job.Partial, env)
	if err != nil {
		return nil, err
	}
	settings := certify.Settings{Seed: job.Seed, Resume: state, Verdict: v}
	if job.Partial != "" {
		settings.Save = keeper.saveSearch
	}
	spec := e.Problem.Spec()
	p := &Posterior{Rows: spec.Rows, Cols: spec.Cols, Normalization: PriorNormalization(spec)}
	p.Draws = draws
	env.Note("searching for the posterior with the forward model")
	r, err := p.certify(ctx, e, y, nil, settings, env)
	if err := keeper.end(err); err != nil {
		return nil, err
	}
	p.Origin = Origin{
		Program: env.Program(), Command: env.Command, Problem: spec.Name,
		Measurement: MeasurementHash(y), Seed: job.Seed,
		Method:  "importance sampling from descents",
		Seconds: r.Certificate.Seconds, Solves: r.Certificate.Solves, Machine: env.Machine(),
		Threads: env.Threads, Kernel: env.Kernel,
		Identity: SearchIdentity(e.Problem, y, draws, job.Seed),
	}
	p.theta = r.SampleTheta
	p.finish(e.Problem)
	return p, nil
}

// certify sets the moments, the draws, the verdict and the certificate of p to
// values of the exact posterior. The search may begin at network draws
// (physical units, row by row).
//
// Moments come from all weighted draws; Samples are p.Draws rows that were
// resampled with probabilities proportional to the weights. s.Judge is shared,
// so that noise is simulated once for all measurements of e.
func (p *Posterior) certify(ctx context.Context, e *Explainer, y, network []float64,
	s certify.Settings, env env.Env) (*certify.Result, error) {
	const unknown = -1
	env.Progress("certifying", 0, unknown, "")
	s.Draws, s.Threads, s.Judge = p.Draws, env.Threads, e.judge
	s.Watch = func(s bench.AdaptiveStage) {
		env.Progress("certifying", s.Draws, unknown,
			fmt.Sprintf("effective sample size %.0f", s.ESS))
	}
	r, err := certify.Certify(ctx, e.Problem, y, network, s)
	if err != nil {
		return nil, err
	}
	p.Certificate, p.Explained = &Certificate{Certificate: r.Certificate}, r.Verdict
	norm, count := p.Normalization, p.Draws
	p.Posterior = *normalizedUnits(&r.Posterior, norm)
	p.Draws = count
	p.Samples = r.Samples
	norm.NormalizeX(p.Samples, p.Samples, p.size())
	return r, nil
}

// finish states in the origin that a certificate was refused, and sets the
// quantities.
//
// A refused posterior stays readable, but no table can show it without these
// words.
func (p *Posterior) finish(problem problems.Problem) {
	if !p.Certificate.Certified {
		p.Origin.Method += ", not certified"
	}
	p.Quantify(problem)
	p.Certificate.Quantities = p.Origin.Quantities
}
