package bench

import (
	"context"
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/internal/parallel"
	"csdm/problems"
	"csdm/rng"
)

// AdaptiveSettings say how far Adaptive goes. Zeros stand for the defaults in
// brackets.
type AdaptiveSettings struct {
	ESS float64 // effective sample size that ends it [1000]
	// draws at most, each of which takes a forward solve unless its field was
	// met before [50,000]
	MaxSolves int
	Batch     int // draws of a stage on the way to temperature 1 [50 per variable and 50 more]
	Seed      uint64
	Threads   int // at least 1

	// Start holds variables θ where the posterior is expected, row by row, such
	// as those that fit the draws of a network. The first stage then draws from
	// a mixture fitted to them, widened, and one draw in ten from the prior.
	// Nil, or too few rows for a fit: the first stage draws from the prior
	// alone.
	Start []float64

	// Watch, if not nil, is told of each stage when it ends.
	Watch func(AdaptiveStage)

	SolveRecord // what is resumed and kept
}

func (s AdaptiveSettings) resolve(dim int) (AdaptiveSettings, error) {
	if s.ESS == 0 {
		s.ESS = 1000
	}
	if s.MaxSolves == 0 {
		s.MaxSolves = 50_000
	}
	if s.Batch == 0 {
		s.Batch = 50 * (dim + 1)
	}
	if len(s.Start)%dim != 0 {
		return s, fmt.Errorf("bench: %d numbers to start from are no rows of %d variables",
			len(s.Start), dim)
	}
	if !(s.ESS > 0) || math.IsInf(s.ESS, 0) || s.MaxSolves < 2 || s.Batch < 20*(dim+1) ||
		s.Threads < 1 {
		return s, fmt.Errorf(
			"bench: adaptive settings out of range (a batch has at least 20 draws per variable "+
				"and 20 more): effective sample size %g, at most %d solves, batches of %d, %d "+
				"threads", s.ESS, s.MaxSolves, s.Batch, s.Threads)
	}
	return s, nil
}

// AdaptiveStage is what one stage of Adaptive came to.
type AdaptiveStage struct {
	Draws       int     // of all stages so far
	Temperature float64 // power of the likelihood that the draws so far can carry
	// of the draws so far at that temperature; once draws count for the result,
	// of those at temperature 1
	ESS   float64
	Parts int // of the proposal that the stage drew from
}

// AdaptiveResult is a Monte Carlo posterior.
type AdaptiveResult struct {
	// MeanError and StdError are one standard error of self-normalized
	// importance sampling, NaN where Doubt says why; ESS is (Σw)²/Σw²; Draws
	// those behind the moments. LogEvidence is the logarithm of the mean
	// weight.
	Posterior
	Diagnostics

	Converged   bool    // the temperature reached 1 and ESS what was asked for
	Temperature float64 // reached

	LogEvidenceError float64   // standard error of LogEvidence
	Variables        Posterior // of the variables θ, from the same draws
	Theta            []float64 // these draws, row by row
	LogWeights       []float64 // and the logarithms of their weights, up to a constant
	Stages           []AdaptiveStage
	Solves           int // forward solves of all stages
	Elapsed          time.Duration
}

const (
	// essShare times the size of a batch is the effective sample size at which
	// the temperature of a stage is set. Smaller takes fewer stages, with
	// proposals fitted to fewer draws.
	essShare = 0.2

	// oldProposalShare is the part of a proposal that the proposals before it
	// hold, equally. The prior is one of them, so that no weight is larger than
	// the likelihood times stages/oldProposalShare; the others enclose the
	// posterior at every scale between.
	oldProposalShare = 0.1

	// adaptiveTag tells the streams of Adaptive from those of Importance (0)
	// and of Metropolis (1).
	adaptiveTag = 2
)

// Adaptive computes the posterior of the field given the measurement y
// (physical units, channel planes) by importance sampling whose proposal
// learns: population Monte Carlo (Cappé, Guillin, Marin and Robert 2004),
// tempered. It is for posteriors of a few variables that fill so little of the
// prior's box that no grid and no prior draw finds them.
//
// # Method
//
// It works on u with θ = lo + (hi − lo)Φ(u), where the uniform prior is
// standard normal: the box has no walls that a proposal could reach across, and
// a variable that y says nothing about keeps a law that a normal fits. Stage 0
// draws from the prior. Each stage then
//
//  1. weighs all draws so far for the tempered posterior prior·Lᵗ over the
//     mixture of all proposals so far, in the shares of their draws
//     (deterministic mixture: Owen and Zhou 2000; adaptive multiple importance
//     sampling: Cornuet, Marin, Mira and Robert 2012), so that each solve
//     serves all stages;
//  2. takes the largest t ≤ 1 that leaves these weights an effective sample
//     size of a fifth of a batch (Jasra, Stephens, Doucet and Tsagaris 2011; t
//     may fall, where a stage finds what those before it missed);
//  3. fits a mixture of multivariate t laws to the weighted draws (function
//     fitMixture), and draws the next batch from it, and one draw in ten from
//     the proposals before it.
//
// The result is of the draws made since the weights last supported t = 1 with
// half a batch of effective draws. Each of these is weighted with the density
// of its own proposal, which is settled before it is drawn. The mean weight is
// then an unbiased estimate of the evidence, but for the choice of when to
// stop, and standard errors are those of Importance. The weights of step 1 have
// no such property: proposals that were fitted to draws are too dense where
// these draws are, and the evidence comes out too small, by 2 % at an ESS of
// 600 in six variables. They decide where to draw, not what is reported, but
// where MaxSolves leaves nothing better (Converged is then false).
//
// # What it cannot see
//
// ESS and errors speak of the modes that were found. A mode that the first
// batch misses, because it is narrow and no slope leads to it, stays missed,
// and nothing tells; nor would prior draws, unless there were many more of
// them. Modes that were found can be lost on the way, while their weight is
// known from a few draws: of two in six variables, each a thousandth of the box
// wide, with a quarter and three quarters of the posterior, the lesser one was
// lost in none of 24 runs with the default batch, and in 5 of 24 with batches
// of 210, which then looked converged. Runs under another seed, or with a
// larger Batch, are the test: their log-evidences must agree.
//
// Draw i comes of the stream (Seed, rng.Reference, i, 2). The result is the
// same for any number of threads. Memory is 2d + 4 numbers a draw beside the
// table of solved fields, and fields are made again when they are summed.
//
// Errors: *ImpossibleError if no draw has a likelihood, ctx's, and those of the
// forward model.
func Adaptive(ctx context.Context, problem problems.Parametric, y []float64,
	settings AdaptiveSettings) (*AdaptiveResult, error) {
	begin := time.Now()
	l, err := newOwnLikelihood(problem, y, settings.Threads)
	if err != nil {
		return nil, err
	}
	defer l.close()
	s, err := settings.resolve(l.dim())
	if err != nil {
		return nil, err
	}
	if err := l.keepRecord(s.SolveRecord, identify("adaptive importance sampling", problem, y).
		Add("batch", s.Batch).Add("seed", s.Seed).AddFloats("start",
		s.Start).Identity()); err != nil {
		return nil, err
	}
	a := &adaptive{likelihood: l, seed: s.Seed, result: &AdaptiveResult{}}
	counted := -1 // draws from here on make the result; none yet
	n := s.Batch
	a.propose(standardNormal(l.dim()))
	if m, ok := a.around(s.Start); ok {
		a.propose(m)
	}
	for {
		if err := a.draw(ctx, min(n, s.MaxSolves-a.len())); err != nil {
			return nil, err
		}
		if err := a.balance(ctx); err != nil {
			return nil, err
		}
		t, ess := a.temper(essShare * float64(s.Batch))
		stage := AdaptiveStage{Draws: a.len(), Temperature: t, ESS: ess,
			Parts: len(a.own[len(a.own)-1].parts)}
		n = s.Batch
		switch {
		case t < 1:
			counted = -1
		case counted >= 0:
			stage.ESS = essOrNone(a.proposed(counted))
			// As many more as are missing by the yield so far, in steps that
			// leave the proposal time to learn.
			missing := 1.1 * (s.ESS - stage.ESS) / stage.ESS * float64(a.len()-counted)
			n = int(min(max(missing, float64(s.Batch)/2), float64(a.len()), float64(s.MaxSolves)))
		case ess >= float64(s.Batch)/2:
			counted = a.len()
		}
		a.result.Temperature = t
		a.result.Stages = append(a.result.Stages, stage)
		if s.Watch != nil {
			s.Watch(stage)
		}
		a.result.Converged = counted >= 0 && counted < a.len() && stage.ESS >= s.ESS
		if a.result.Converged || a.len() >= s.MaxSolves {
			break
		}
		next, err := a.fit(ctx, t)
		if err != nil {
			return nil, err
		}
		a.propose(next)
	}
	if err := a.summarize(ctx, counted, float64(s.Batch)/2); err != nil {
		return nil, err
	}
	a.result.Solves, a.result.Elapsed = l.solves, time.Since(begin)
	return a.result, nil
}

// adaptive is the state of a run: its draws and proposals.
type adaptive struct {
	*likelihood
	seed uint64

	own   []mixture // what each stage was fitted to; its proposal also remembers those before it
	drawn []int     // draws of each stage

	u, theta   []float64 // draws in both coordinates, row by row
	logL       []float64 // of each draw,
	logPrior   []float64 // the densities of u: under the prior,
	logOwn     []float64 // under the proposal that it was drawn from,
	logBalance []float64 // and under all proposals so far, in the shares of their draws

	result *AdaptiveResult
}

func (a *adaptive) len() int { return len(a.logL) }

// propose makes m, with what is oldProposalShare, the proposal of the next
// stage.
func (a *adaptive) propose(m mixture) { a.own, a.drawn = append(a.own, m), append(a.drawn, 0) }

// startWidening is the factor by which the proposal that is fitted to Start is
// wider than the fit. A network's draws may be too narrow, and tails that a
// proposal lacks cost more than draws that it wastes.
const startWidening = 1.3

// around returns a mixture fitted to rows of θ. It reports no where there are
// too few of them.
func (a *adaptive) around(theta []float64) (mixture, bool) {
	d := a.dim()
	if len(theta) == 0 {
		return mixture{}, false
	}
	const end = 1e-6 // of the box's width: Φ⁻¹ of its ends is infinite
	u := make([]float64, len(theta))
	for i, v := range theta {
		c := i % d
		u[i] = distuv.UnitNormal.Quantile(min(max((v-a.lo[c])/(a.hi[c]-a.lo[c]), end), 1-end))
	}
	m, ok := fitMixture(context.Background(), u, make([]float64, len(theta)/d), d)
	for k := range m.parts {
		for i := range m.parts[k].root {
			m.parts[k].root[i] *= startWidening
		}
		m.parts[k].normalize(m.degrees)
	}
	return m, ok
}

// proposal sets dst[j] to the share of mixture j in the proposal of stage k.
func proposal(dst []float64, k int) {
	clear(dst)
	if k == 0 {
		dst[0] = 1
		return
	}
	for j := range k {
		dst[j] = oldProposalShare / float64(k)
	}
	dst[k] = 1 - oldProposalShare
}

// logDensity returns the logarithm of Σ shares[j]·own[j](u), with two scratch
// vectors of d numbers.
func (a *adaptive) logDensity(shares, u, scratch []float64) float64 {
	sum := logSum{math.Inf(-1), 0}
	for j := range shares {
		if shares[j] > 0 {
			a.own[j].addTo(&sum, math.Log(shares[j]), u, scratch)
		}
	}
	return sum.value()
}

// draw adds n draws from the last proposal, with their likelihoods.
func (a *adaptive) draw(ctx context.Context, n int) error {
	d, from, k := a.dim(), a.len(), len(a.own)-1
	a.drawn[k] += n
	shares := make([]float64, k+1)
	proposal(shares, k)
	grow := func(v *[]float64, n int) { *v = append(*v, make([]float64, n)...) }
	grow(&a.u, n*d)
	grow(&a.theta, n*d)
	for _, v := range []*[]float64{&a.logL, &a.logPrior, &a.logOwn, &a.logBalance} {
		grow(v, n)
	}
	scratch := make([][]float64, len(a.workers))
	prior := standardNormal(d)
	if err := parallel.For(ctx, len(a.workers), n, func(worker, i int) error {
		if scratch[worker] == nil {
			scratch[worker] = make([]float64, 2*d)
		}
		i += from
		var stream rng.Stream
		stream.Reset(a.seed, rng.Reference, uint64(i), adaptiveTag)
		u, theta := a.u[i*d:(i+1)*d], a.theta[i*d:(i+1)*d]
		j := k
		for toss := stream.Float64(); j > 0 && toss >= shares[j]; j-- {
			toss -= shares[j]
		}
		a.own[j].draw(u, &stream, scratch[worker])
		for c := range theta {
			// Φ is 1 in float64 beyond u = 8.3, while the box is open above.
			theta[c] = min(a.lo[c]+(a.hi[c]-a.lo[c])*normalCDF(u[c]),
				math.Nextafter(a.hi[c], a.lo[c]))
		}
		a.logOwn[i] = a.logDensity(shares, u, scratch[worker])
		sum := logSum{math.Inf(-1), 0}
		prior.addTo(&sum, 0, u, scratch[worker])
		a.logPrior[i] = sum.value()
		return nil
	}); err != nil {
		return err
	}
	return a.evaluate(ctx, a.logL[from:], nil, a.theta[from*d:])
}

// balance brings logBalance up to date: D(u) = Σ_k n_k q_k(u) = Σ_j (Σ_k n_k
// shares_kj) own_j(u), not normalized.
func (a *adaptive) balance(ctx context.Context) error {
	d := a.dim()
	total, shares := make([]float64, len(a.own)), make([]float64, len(a.own))
	for k, n := range a.drawn {
		proposal(shares, k)
		for j := range shares {
			total[j] += float64(n) * shares[j]
		}
	}
	scratch := make([][]float64, len(a.workers))
	return parallel.For(ctx, len(a.workers), a.len(), func(worker, i int) error {
		if scratch[worker] == nil {
			scratch[worker] = make([]float64, 2*d)
		}
		a.logBalance[i] = a.logDensity(total, a.u[i*d:(i+1)*d], scratch[worker])
		return nil
	})
}

// balanced returns the log-weights of all draws for the posterior at
// temperature t, by the balance of all proposals.
func (a *adaptive) balanced(t float64) []float64 {
	w := make([]float64, a.len())
	for i, l := range a.logL {
		if w[i] = a.logPrior[i] - a.logBalance[i]; t > 0 || math.IsInf(l, -1) {
			// a likelihood of zero leaves no weight at any temperature
			w[i] += l * max(t, math.SmallestNonzeroFloat64)
		}
	}
	return w
}

// proposed returns the log-weights, for the posterior itself, of the draws from
// number first on, each by its own proposal.
func (a *adaptive) proposed(first int) []float64 {
	w := make([]float64, a.len()-first)
	for i := range w {
		w[i] = a.logL[first+i] + a.logPrior[first+i] - a.logOwn[first+i]
	}
	return w
}

// temper returns the largest temperature at which the weights of all draws have
// the effective sample size asked for, and that size. Where none has, it
// returns the temperature of the largest size, and 0 if that is the prior's.
//
// The size need not fall as t rises. Draws that begin near the posterior
// (Start) support the posterior better than the prior. So the search goes down
// from 1 by halves, and then bisects the logarithm.
func (a *adaptive) temper(least float64) (t, ess float64) {
	at := func(t float64) float64 { return essOrNone(a.balanced(t)) }
	best, most := 0.0, at(0)
	for t := 1.0; t > 0; t /= 2 {
		ess := at(t)
		if ess >= least {
			if t < 1 {
				t, ess = bisectDown(at, t, 2*t, least)
			}
			return t, ess
		}
		if ess > most {
			best, most = t, ess
		}
	}
	return best, most
}

// bisectDown returns the largest t between lo and hi that it finds with at(t)
// of least or more, to a relative accuracy of 2⁻³⁰, given that lo is one.
func bisectDown(at func(t float64) float64, lo, hi, least float64) (t, value float64) {
	value = at(lo)
	for range 30 {
		middle := math.Sqrt(lo * hi)
		if v := at(middle); v >= least {
			lo, value = middle, v
		} else {
			hi = middle
		}
	}
	return lo, value
}

// essOrNone is ESSWeights, and 0 where no draw has any weight.
func essOrNone(logW []float64) float64 {
	if ess := ESSWeights(logW); !math.IsNaN(ess) {
		return ess
	}
	return 0
}

// fit returns a mixture that covers the posterior at temperature t, or the
// prior where hardly any draw has a likelihood.
func (a *adaptive) fit(ctx context.Context, t float64) (mixture, error) {
	m, ok := fitMixture(ctx, a.u, a.balanced(t), a.dim())
	if !ok {
		m = standardNormal(a.dim())
	}
	return m, ctx.Err()
}

// summarize fills the result with the moments of the draws from number counted
// on, or, if their effective number is not even enough, of all draws by the
// balance of their proposals.
func (a *adaptive) summarize(ctx context.Context, counted int, enough float64) error {
	d := a.dim()
	first, logW := 0, a.balanced(1)
	n := 1.0 // the balance is that of a sum over draws
	if counted >= 0 && counted < a.len() {
		if w := a.proposed(counted); essOrNone(w) >= enough || a.result.Converged {
			first, logW, n = counted, w, float64(len(w))
		}
	}
	best := 0
	for i, w := range logW {
		if w > logW[best] {
			best = i
		}
	}
	if len(logW) == 0 || math.IsInf(logW[best], -1) {
		return &ImpossibleError{a.problem.Spec().Name, fmt.Sprintf("for all of %d draws", a.len())}
	}
	theta := a.theta[first*d:]
	a.result.Theta, a.result.LogWeights = theta, logW
	top := theta[best*d : (best+1)*d]
	reference := make([]float64, a.problem.Spec().XLen())
	a.problem.Field(reference, top)
	fields := newMoments(reference, unit(a.problem), true)
	if err := a.accumulate(ctx, fields, theta, logW, a.newParts(fields)); err != nil {
		return err
	}
	variables := newMoments(top, 1, true)
	variables.raise(logW[best])
	atEnds := newEnds(d)
	for i, w := range logW {
		variables.add(theta[i*d:(i+1)*d], w)
		atEnds.add(theta[i*d:(i+1)*d], a.lo, a.hi, w)
	}
	r := a.result
	r.Posterior, r.Variables = *fields.posterior(), *variables.posterior()
	r.Draws, r.Variables.Draws = len(logW), len(logW)
	r.LogEvidence = fields.LogScale + math.Log(fields.W/n)
	r.LogEvidenceError = math.Sqrt(max(1/r.ESS-1/float64(len(logW)), 0))
	r.EndMass = atEnds.masses(fields.LogScale + math.Log(fields.W))
	r.KHat = kHat(logW, len(logW))
	if a.isPiecewise(top) {
		r.addUnseen(unit(a.problem))
	}
	method := fmt.Sprintf("adaptive importance sampling with %d forward solves", a.solves)
	switch {
	case r.Temperature < 1:
		r.Doubt = &DoubtError{method,
			fmt.Sprintf("they did not reach the posterior: they support the likelihood to the "+
				"power %.2g only", r.Temperature)}
	case first != counted:
		r.Doubt = &DoubtError{method,
			"they reached the posterior and leave too few draws to describe it"}
	}
	r.judge(&r.Posterior, method)
	return nil
}
