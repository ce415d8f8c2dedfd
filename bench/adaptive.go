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

// AdaptiveSettings are the limits of Adaptive. A zero stands for the default in
// brackets.
type AdaptiveSettings struct {
	// ESS is the effective sample size at which Adaptive stops [1000; for a
	// problems.Marginal MarginalESS].
	ESS float64
	// MeanError, if positive, also ends the search at an effective sample size
	// of ESS/4 or more, if the standard error of the mean is at most MeanError
	// (RMS over pixels, as a fraction of the prior's range). A narrow posterior
	// then takes fewer solves. A problems.Marginal ignores it.
	MeanError float64
	// MaxSolves is the largest number of draws. Each draw takes one forward
	// solve unless its field was solved before [50,000].
	MaxSolves int
	Batch     int // draws of a stage before temperature 1 [50 per variable and 50 more]
	// seed of all draws; draw i of the run has one stream, whatever its stage
	Seed    uint64
	Threads int // at least 1

	// Start holds variables θ where the posterior is expected, row by row. They
	// may come from a fit to the draws of a network. The first stage then draws
	// from a widened mixture fitted to these rows, and one draw in ten from the
	// prior. With nil, or with too few rows for a fit, the first stage draws
	// from the prior alone.
	Start []float64

	// Watch, if not nil, is called at the end of each stage.
	Watch func(AdaptiveStage)

	SolveRecord // solves to resume from and to keep
}

// resolve sets the defaults. It rejects a batch with too few draws to fit a
// covariance of dim variables.
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
		return s, fmt.Errorf("bench: Start has %d numbers; it must have a multiple of %d, the "+
			"number of variables", len(s.Start), dim)
	}
	if !(s.ESS > 0) || math.IsInf(s.ESS, 0) || s.MaxSolves < 2 || s.Batch < 20*(dim+1) ||
		s.Threads < 1 || !(s.MeanError >= 0) {
		return s, fmt.Errorf("bench: adaptive settings out of range: effective sample size %g "+
			"(must be positive), "+
			"error of the mean %g (at least 0), at most %d solves (at least 2), batches of %d "+
			"draws (at least %d), %d threads (at least 1)", s.ESS, s.MeanError, s.MaxSolves,
			s.Batch, 20*(dim+1), s.Threads)
	}
	return s, nil
}

// AdaptiveStage is the state of Adaptive at the end of one stage.
type AdaptiveStage struct {
	Draws       int     // of all stages so far
	Temperature float64 // power of the likelihood that the draws so far support
	// ESS is the effective sample size at Temperature of all draws so far. Once
	// draws count for the result, it is the effective sample size of these
	// draws at temperature 1.
	ESS   float64
	Parts int // components of the stage's proposal
}

// AdaptiveResult is a Monte Carlo posterior.
type AdaptiveResult struct {
	// MeanError and StdError are one standard error of self-normalized
	// importance sampling. They are NaN if Doubt is not nil. ESS is (Σw)²/Σw²,
	// and Draws is the number of draws behind the moments. LogEvidence is the
	// logarithm of the mean weight.
	Posterior
	Diagnostics

	Converged   bool    // the temperature reached 1, and ESS the setting's
	Temperature float64 // reached

	LogEvidenceError float64   // standard error of LogEvidence
	Variables        Posterior // of the variables θ, from the same draws
	Theta            []float64 // draws of the variables, row by row
	LogWeights       []float64 // logarithms of the draws' weights, up to a constant
	// one for each stage, in order
	Stages []AdaptiveStage
	Solves int // forward solves of all stages
	// wall time
	Elapsed time.Duration
}

const (
	// essShare times the size of a batch is the effective sample size at which
	// the temperature of a stage is set. A smaller share takes fewer stages and
	// fits each proposal to fewer draws.
	essShare = 0.2

	// oldProposalShare is the share of a proposal that all earlier proposals
	// hold together, in equal parts. The prior is one of the earlier proposals,
	// so that no weight exceeds the likelihood times stages/oldProposalShare.
	// The other earlier proposals enclose the posterior at every scale between
	// the prior and the current proposal.
	oldProposalShare = 0.1

	// adaptiveTag distinguishes the random streams of Adaptive from the streams
	// of Importance (0) and Metropolis (1).
	adaptiveTag = 2
)

// Adaptive computes the posterior of the field given the measurement y
// (physical units, channel planes) by importance sampling with a proposal that
// adapts: tempered population Monte Carlo (Cappé, Guillin, Marin and Robert
// 2004). It is for posteriors of a few variables that fill so little of the
// prior's box that no grid and no prior draw finds them.
//
// # Method
//
// It works on u with θ = lo + (hi − lo)Φ(u), for which the uniform prior is
// standard normal. The box then has no walls that a proposal could cross, and a
// variable that y does not inform keeps a distribution that a normal one fits.
// Stage 0 draws from the prior. Each stage then
//
//  1. weights all draws so far for the tempered posterior prior·Lᵗ over the
//     mixture of all proposals so far, in the shares of their draws
//     (deterministic mixture: Owen and Zhou 2000; adaptive multiple importance
//     sampling: Cornuet, Marin, Mira and Robert 2012), so that each solve
//     serves all stages;
//  2. takes the largest t ≤ 1 for which these weights have an effective sample
//     size of a fifth of a batch (Jasra, Stephens, Doucet and Tsagaris 2011; t
//     falls when a stage finds a region that earlier stages missed);
//  3. fits a mixture of multivariate t distributions to the weighted draws
//     (function fitMixture), and draws the next batch from the mixture, and one
//     draw in ten from the earlier proposals.
//
// The result uses the draws since the weights last supported t = 1 with half a
// batch of effective draws. Each of these draws is weighted with the density of
// its own proposal, which is fixed before the draw is made. The mean weight is
// then an unbiased estimate of the evidence, except for the choice of when to
// stop, and standard errors are computed as in Importance. The weights of step
// 1 have no such property. A proposal that was fitted to draws is too dense
// where these draws are, so the evidence comes out too small: by 2 % at an ESS
// of 600 in six variables. The weights of step 1 decide where to draw. They
// make the result only if MaxSolves leaves nothing better; Converged is then
// false.
//
// For a problems.Marginal it draws only the variables on which y depends, and
// integrates over the model error in closed form (marginal.go).
//
// # Limits
//
// ESS and errors describe the modes that were found. A narrow mode that the
// first batch misses and that no slope leads to stays missed, and nothing
// reveals it. Prior draws would miss it too, unless there were many more of
// them. A mode that was found can be lost again while only a few draws
// determine its weight. A test posterior had two modes in six variables, each a
// thousandth of the box wide, with a quarter and three quarters of the weight.
// The smaller mode was lost in 0 of 24 runs with the default batch, and in 5 of
// 24 runs with batches of 210, which then looked converged. The check is to run
// again under another seed or with a larger Batch: the log-evidences must
// agree.
//
// Draw i uses the stream (Seed, rng.Reference, i, 2). The result is the same
// for any number of threads. Memory is 2d + 4 numbers per draw next to the
// table of solved fields. Fields are computed again when they are summed.
//
// Errors: *ImpossibleError if no draw has a likelihood, ctx's error, and errors
// of the forward model.
func Adaptive(ctx context.Context, problem problems.Parametric, y []float64,
	settings AdaptiveSettings) (*AdaptiveResult, error) {
	if m, ok := problem.(problems.Marginal); ok {
		return adaptMarginal(ctx, m, y, settings)
	}
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
	id := identify("adaptive importance sampling", problem, y).
		Add("batch", s.Batch).Add("seed", s.Seed).AddFloats("start", s.Start).Identity()
	if err := l.keepRecord(s.SolveRecord, id); err != nil {
		return nil, err
	}
	a := &adaptive{likelihood: l, seed: s.Seed, result: &AdaptiveResult{}}
	counted := -1 // number of the first draw that counts for the result; −1: none yet
	n, target := s.Batch, s.ESS
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
			// Extrapolate the missing draws from the yield so far, in steps
			// that let the proposal adapt.
			if target, err = a.target(ctx, s, counted, stage.ESS); err != nil {
				return nil, err
			}
			missing := 1.1 * (target - stage.ESS) / stage.ESS * float64(a.len()-counted)
			n = int(min(max(missing, float64(s.Batch)/2), float64(a.len()), float64(s.MaxSolves)))
		case ess >= float64(s.Batch)/2:
			counted = a.len()
		}
		a.result.Temperature = t
		a.result.Stages = append(a.result.Stages, stage)
		if s.Watch != nil {
			s.Watch(stage)
		}
		a.result.Converged = counted >= 0 && counted < a.len() && stage.ESS >= target
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
	// AdaptiveSettings.Seed
	seed uint64

	own   []mixture // fit of each stage; its proposal also holds the earlier fits
	drawn []int     // draws of each stage

	u, theta   []float64 // draws in both coordinates, row by row
	logL       []float64 // log-likelihood of each draw
	logPrior   []float64 // log-density of u under the prior
	logOwn     []float64 // under the proposal of the draw's stage
	logBalance []float64 // under all proposals so far, in the shares of their draws

	// filled while the run goes
	result *AdaptiveResult
}

// len is the number of draws of all stages.
//
// It counts also the draws that do not count for the result.
func (a *adaptive) len() int { return len(a.logL) }

// propose makes m the proposal of the next stage. The earlier proposals keep
// oldProposalShare of it.
func (a *adaptive) propose(m mixture) { a.own, a.drawn = append(a.own, m), append(a.drawn, 0) }

// startWidening is the factor by which the proposal that is fitted to Start is
// wider than the fit. A network's draws may be too narrow, and a proposal with
// missing tails costs more than a proposal that wastes some draws.
const startWidening = 1.3

// around returns a mixture fitted to rows of θ, and reports whether there were
// enough rows for a fit.
func (l *likelihood) around(theta []float64) (mixture, bool) {
	d := l.dim()
	if len(theta) == 0 {
		return mixture{}, false
	}
	m, ok := fitMixture(context.Background(), l.normal(theta), make([]float64, len(theta)/d), d)
	for k := range m.parts {
		for i := range m.parts[k].root {
			m.parts[k].root[i] *= startWidening
		}
		m.parts[k].normalize(m.degrees)
	}
	return m, ok
}

// normal returns rows of θ as the u that are standard normal a priori, in a new
// slice.
//
// It is z = Φ⁻¹((θ − lo)/(hi − lo)), variable by variable.
func (l *likelihood) normal(theta []float64) []float64 {
	const end = 1e-6 // share of the box's width; Φ⁻¹ is infinite at its ends
	u := make([]float64, len(theta))
	for i, v := range theta {
		c := i % l.dim()
		u[i] = distuv.UnitNormal.Quantile(min(max((v-l.lo[c])/(l.hi[c]-l.lo[c]), end), 1-end))
	}
	return u
}

// proposal sets dst[j] to the share of mixture j in the proposal of stage k.
//
// Stage k draws from own_k with probability 1 − oldProposalShare and from each
// of the k earlier fits with oldProposalShare/k.
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
//
// The sum is taken of logarithms, as densities in six variables span many
// powers of ten.
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
//
// The component is chosen by one uniform number, then u from the same stream,
// so that draw i is a function of its index and of the proposals.
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
//
// The deterministic mixture treats all draws as if each had come from the
// mixture Σ n_k q_k/n. Its weights are bounded where any one stage has covered
// the posterior.
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
//
// The weight is prior · Lᵗ/D with D from balance.
func (a *adaptive) balanced(t float64) []float64 {
	w := make([]float64, a.len())
	for i, l := range a.logL {
		if w[i] = a.logPrior[i] - a.logBalance[i]; t > 0 || math.IsInf(l, -1) {
			// A likelihood of zero gives no weight at any temperature.
			w[i] += l * max(t, math.SmallestNonzeroFloat64)
		}
	}
	return w
}

// proposed returns the log-weights of the draws from number first on for the
// posterior itself, each draw by its own proposal.
//
// The weight is prior · L/q_k with the stage's own proposal, which did not
// depend on the draw: its mean is an unbiased estimate of the evidence.
func (a *adaptive) proposed(first int) []float64 {
	w := make([]float64, a.len()-first)
	for i := range w {
		w[i] = a.logL[first+i] + a.logPrior[first+i] - a.logOwn[first+i]
	}
	return w
}

// temper returns the largest temperature at which the weights of all draws have
// an effective sample size of least or more, and the size there. If there is no
// such temperature, it returns the temperature of the largest size, which is 0
// if the prior has the largest.
//
// The size need not fall as t rises: draws that begin close to the posterior
// (Start) support the posterior better than the prior. The search therefore
// halves t from 1 down, and then bisects the logarithm of t.
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

// bisectDown returns the largest t between lo and hi that it finds with at(t) ≥
// least, to a relative accuracy of 2⁻³⁰, and at(t). The caller knows that
// at(lo) ≥ least.
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

// target returns the effective sample size at which the search ends. The draws
// that count begin at number first and have the effective sample size ess.
//
// The mean of ESS draws has the standard error Std/√ESS, so that ESS =
// RMS(Std)²/MeanError² gives the wanted error, within ESS/4 and ESS of the
// settings.
func (a *adaptive) target(ctx context.Context, s AdaptiveSettings, first int,
	ess float64) (float64, error) {
	if s.MeanError <= 0 || ess < enoughToJudge {
		return s.ESS, nil
	}
	fields, err := a.fields(ctx, first, a.proposed(first), false)
	if err != nil {
		return 0, err
	}
	squares := 0.0
	for k, v := range fields.posterior().Std {
		unit := fields.Units.at(k)
		squares += v * v / (unit * unit)
	}
	needed := squares / float64(len(fields.D)) / (s.MeanError * s.MeanError)
	return min(max(needed, s.ESS/4), s.ESS), nil
}

// enoughToJudge is the effective sample size from which draws show the
// width of a posterior: to 10 % for a normal one.
const enoughToJudge = 50

// fields returns the moments of the fields of the draws from number first on,
// with log-weights logW.
//
// The reference is the field of the largest weight, of which the others differ
// least.
func (a *adaptive) fields(ctx context.Context, first int, logW []float64,
	sampling bool) (*moments, error) {
	d, best := a.dim(), 0
	for i, w := range logW {
		if w > logW[best] {
			best = i
		}
	}
	theta := a.theta[first*d:]
	reference := make([]float64, a.problem.Spec().XLen())
	a.problem.Field(reference, theta[best*d:(best+1)*d])
	m := newMoments(reference, unitsOf(a.problem), sampling)
	return m, a.accumulate(ctx, m, theta, logW, a.newParts(m))
}

// essOrNone returns ESSWeights of logW, or 0 if no draw has any weight.
func essOrNone(logW []float64) float64 {
	if ess := ESSWeights(logW); !math.IsNaN(ess) {
		return ess
	}
	return 0
}

// fit returns a mixture that covers the posterior at temperature t, or the
// prior if hardly any draw has a likelihood.
func (a *adaptive) fit(ctx context.Context, t float64) (mixture, error) {
	m, ok := fitMixture(ctx, a.u, a.balanced(t), a.dim())
	if !ok {
		m = standardNormal(a.dim())
	}
	return m, ctx.Err()
}

// summarize fills the result with the moments of the draws from number counted
// on. If their effective number is below enough, it uses all draws, weighted by
// the mixture of their proposals.
//
// LogEvidence is ln(Σ w/n); the relative variance of the mean weight is
// (Σw²/(Σw)² − 1/n), which is 1/ESS − 1/n.
func (a *adaptive) summarize(ctx context.Context, counted int, enough float64) error {
	d := a.dim()
	first, logW := 0, a.balanced(1)
	n := 1.0 // logBalance is already a sum over draws
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
	lo, hi := a.problem.Box()
	a.result.Plane = planeOfDraws(theta, logW, len(lo), lo, hi)
	top := theta[best*d : (best+1)*d]
	fields, err := a.fields(ctx, first, logW, true)
	if err != nil {
		return err
	}
	variables := newMoments(top, units{all: 1}, true)
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
		r.addUnseen(unitsOf(a.problem))
	}
	method := fmt.Sprintf("adaptive importance sampling with %d forward solves", a.solves)
	switch {
	case r.Temperature < 1:
		r.Doubt = &DoubtError{method,
			fmt.Sprintf("the draws did not reach the posterior; they support the likelihood only "+
				"to the power %.2g, and the posterior needs 1", r.Temperature)}
	case first != counted:
		r.Doubt = &DoubtError{method,
			"the draws reached the posterior, but too few of them to describe it"}
	}
	r.judge(&r.Posterior, method)
	return nil
}
