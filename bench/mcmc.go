package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Kernel names the proposal of a Markov chain on the prior's variables.
type Kernel string

const (
	// RandomWalk proposes θ + Step·(hi − lo)·z with z standard normal, and
	// rejects a proposal outside of the box (Metropolis et al. 1953).
	RandomWalk Kernel = "random-walk"
	// PCN is preconditioned Crank–Nicolson (Cotter, Roberts, Stuart and White
	// 2013) on u with θ = lo + (hi − lo)Φ(u), where u is standard normal a
	// priori. It proposes √(1 − β²) u + β z with β = Step, which leaves the
	// prior unchanged.
	PCN Kernel = "pcn"
	// Independence proposes draws that do not depend on the state (Tierney
	// 1994): nine in ten from a widened mixture fitted to Start, in the u of
	// PCN, and one in ten from the prior.
	Independence Kernel = "independence"
	// Langevin is MALA, the Metropolis-adjusted Langevin algorithm (Roberts and
	// Tweedie 1996), in the u of PCN. It proposes u + ½ε²C∇ln p(u|y) + εLz with
	// ε = Step and C = LLᵀ the covariance of Start (mcmc_langevin.go).
	Langevin Kernel = "mala"
)

// Kernels are all kernels.
var Kernels = []Kernel{RandomWalk, PCN, Independence, Langevin}

// MCMCSettings describe the chains that Metropolis runs.
type MCMCSettings struct {
	// proposal of the chains
	Kernel Kernel
	Step   float64 // of the random walk, as a fraction of the box; β in (0, 1] of PCN
	// Start holds variables θ where the posterior is expected, row by row, as
	// in AdaptiveSettings, for Independence and Langevin. Independence ignores
	// Step and Adapt.
	Start  []float64
	Chains int // at least 2, each from a prior draw; of Langevin from a row of Start
	BurnIn int // first steps of each chain, which are discarded
	Steps  int // steps per chain that are kept, at least 10
	// chain c has the stream (Seed, Reference, c, 1)
	Seed    uint64
	Threads int // at least 1

	// Adapt makes Step the first step of each chain. During the burn-in the
	// chain then moves it towards an acceptance of 0.3, or 0.574 for Langevin
	// (Robbins and Monro 1951; Andrieu and Thoms 2008). The kept states have
	// one step.
	Adapt bool
}

// goodAcceptance is the acceptance towards which Adapt moves the step: between
// the optimum of one variable, 0.44, and of many, 0.23. goodLangevin is the
// optimum of Langevin (Roberts and Rosenthal 1998).
const goodAcceptance, goodLangevin = 0.3, 0.574

// validate rejects settings out of range.
//
// R̂ needs two chains, and halves of each.
func (s MCMCSettings) validate() error {
	switch {
	case !slices.Contains(Kernels, s.Kernel):
		return fmt.Errorf("bench: the kernel is %q; it must be one of %q", s.Kernel, Kernels)
	case s.Kernel != Independence && !(s.Step > 0) || math.IsInf(s.Step, 0) ||
		s.Kernel == PCN && s.Step > 1:
		return fmt.Errorf("bench: the step of kernel %q is %v; it must be positive and finite, "+
			"and at most 1 for %q", s.Kernel, s.Step, PCN)
	case s.Chains < 2 || s.Steps < 10 || s.BurnIn < 0 || s.Threads < 1:
		return fmt.Errorf("bench: settings out of range: %d chains (at least 2), %d steps (at "+
			"least 10), burn-in %d (at least 0), %d threads (at least 1)", s.Chains, s.Steps,
			s.BurnIn, s.Threads)
	}
	return nil
}

// MCMCResult is a posterior from Markov chains.
type MCMCResult struct {
	// ESS is the smallest over the variables, of all chains together. MeanError
	// and StdError are the standard errors of ESS independent draws.
	Posterior

	// RHat is the rank-normalized folded split R̂ (Vehtari et al. 2021), the
	// largest over the variables. Above 1.01 the chains have not mixed.
	RHat       float64
	Acceptance float64   // fraction of proposals that were accepted
	Theta      []float64 // kept states: chain by chain, step by step, Chains×Steps×d
	Solves     int       // forward solves; a chain solves a field once
	// wall time
	Elapsed time.Duration
}

// Metropolis computes the posterior of the field given the measurement y
// (physical units, channel planes) by Markov chains on the variables θ. It
// shows the result, and the number of forward solves, of an inference without a
// network. Chain c uses the stream (Seed, rng.Reference, c, 1).
//
// MeanError is the error of independent draws times √(draws/ESS).
func Metropolis(ctx context.Context, problem problems.Parametric, y []float64,
	s MCMCSettings) (*MCMCResult, error) {
	begin := time.Now()
	if err := s.validate(); err != nil {
		return nil, err
	}
	l, err := newOwnLikelihood(problem, y, s.Threads)
	if err != nil {
		return nil, err
	}
	defer l.close()
	d := l.dim()
	var proposals *independent
	var drift *mala
	switch s.Kernel {
	case Independence:
		proposals, err = l.independent(s.Start)
	case Langevin:
		drift, err = l.langevin(s.Start)
	}
	if err != nil {
		return nil, err
	}
	result := &MCMCResult{Theta: make([]float64, s.Chains*s.Steps*d)}
	accepted, solves := make([]int, s.Chains), make([]int, s.Chains)
	if err := parallel.For(ctx, s.Threads, s.Chains, func(worker, c int) error {
		var err error
		w, kept := l.workers[worker], result.Theta[c*s.Steps*d:(c+1)*s.Steps*d]
		if drift != nil {
			accepted[c], solves[c], err = drift.walk(ctx, w, kept, s, c)
		} else {
			accepted[c], solves[c], err = w.walk(ctx, l, kept, s, uint64(c), proposals)
		}
		return err
	}); err != nil {
		return nil, err
	}
	for c := range accepted {
		result.Acceptance += float64(accepted[c]) / float64(s.Chains*(s.Steps+s.BurnIn))
		result.Solves += solves[c]
	}

	reference := make([]float64, problem.Spec().XLen())
	problem.Field(reference, result.Theta[:d])
	m := newMoments(reference, unitsOf(problem), true)
	if err := l.accumulate(ctx, m, result.Theta, make([]float64, s.Chains*s.Steps),
		l.newParts(m)); err != nil {
		return nil, err
	}
	result.Posterior = *m.posterior()
	result.Draws = s.Chains * s.Steps
	result.ESS, result.RHat = math.Inf(1), 1
	series := make([][]float64, s.Chains)
	for k := range d {
		for c := range series {
			series[c] = make([]float64, s.Steps)
			for i := range series[c] {
				series[c][i] = result.Theta[(c*s.Steps+i)*d+k]
			}
		}
		result.ESS = min(result.ESS, ESSChain(series))
		result.RHat = max(result.RHat, SplitRHat(series))
	}
	// The equal weights give the sampling errors of independent draws.
	// Correlation inflates them.
	inflate := math.Sqrt(float64(result.Draws) / result.ESS)
	for k := range result.MeanError {
		result.MeanError[k] *= inflate
		result.StdError[k] *= inflate
	}
	result.Elapsed = time.Since(begin)
	return result, nil
}

// walk fills kept with the states of one chain. q holds the proposals of
// Independence.
//
// A state that is kept many times costs one solve. During the burn-in ln size
// moves by (acceptance − goal)/√step, which converges as the steps fall.
func (w *solver) walk(ctx context.Context, l *likelihood, kept []float64, s MCMCSettings,
	chain uint64, q *independent) (accepted, solves int, err error) {
	d := l.dim()
	stream := rng.New(s.Seed, rng.Reference, chain, 1)
	theta, proposal := make([]float64, d), make([]float64, d)
	u, v := make([]float64, d), make([]float64, d) // of PCN
	var ratio, proposedRatio float64               // ln of prior over proposal, for Independence
	if s.Kernel != RandomWalk {
		for k := range u {
			u[k] = stream.Normal()
		}
		if q != nil {
			ratio = q.draw(u, stream, v)
		}
		for k := range u {
			theta[k] = l.lo[k] + (l.hi[k]-l.lo[k])*normalCDF(u[k])
		}
	} else {
		priors.Draw(theta, l.lo, l.hi, stream)
	}
	known := make(map[fieldKey]float64)
	var values [1]float64
	logL := func(theta []float64) (float64, error) {
		var key fieldKey
		if w.forward != nil {
			key = w.key(l.problem, theta)
			if value, ok := known[key]; ok {
				return value, nil
			}
		}
		solves++
		err := w.logLikelihood(l, values[:], theta)
		value := values[0]
		if w.forward != nil && err == nil && len(known) < l.capacity {
			known[key] = value
		}
		return value, err
	}
	current, err := logL(theta)
	if err != nil {
		return 0, solves, err
	}
	size := s.Step
	for step := range s.BurnIn + s.Steps {
		if err := ctx.Err(); err != nil {
			return accepted, solves, err
		}
		inside, before := true, accepted
		if q != nil {
			proposedRatio = q.draw(v, stream, proposal)
		}
		for k := range proposal {
			switch s.Kernel {
			case Independence:
				proposal[k] = l.lo[k] + (l.hi[k]-l.lo[k])*normalCDF(v[k])
			case PCN:
				v[k] = math.Sqrt(1-size*size)*u[k] + size*stream.Normal()
				proposal[k] = l.lo[k] + (l.hi[k]-l.lo[k])*normalCDF(v[k])
			default:
				proposal[k] = theta[k] + size*(l.hi[k]-l.lo[k])*stream.Normal()
				inside = inside && proposal[k] >= l.lo[k] && proposal[k] < l.hi[k]
			}
		}
		toss := math.Log(stream.Float64()) // always drawn: each step uses equally many numbers
		if inside {
			proposed, err := logL(proposal)
			if err != nil {
				return accepted, solves, err
			}
			// The proposals of the random walk and of PCN are symmetric with
			// respect to the prior, so that only the likelihoods decide. While
			// the likelihood of the state is zero, a chain accepts every
			// proposal.
			if toss < proposed+proposedRatio-current-ratio || math.IsInf(current, -1) {
				theta, proposal, u, v, current = proposal, theta, v, u, proposed
				ratio = proposedRatio
				accepted++
			}
		}
		if s.Adapt && q == nil && step < s.BurnIn {
			rate := 1 / math.Sqrt(float64(1+step))
			size = min(1, size*math.Exp(rate*(float64(accepted-before)-goodAcceptance)))
		}
		if step >= s.BurnIn {
			copy(kept[(step-s.BurnIn)*d:], theta)
		}
	}
	return accepted, solves, nil
}

// normalCDF is Φ, by the complementary error function: it keeps its relative
// accuracy far below 0.
//
// (1 + erf)/2 would lose all digits for x below −8.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
