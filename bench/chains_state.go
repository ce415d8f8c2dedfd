package bench

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/internal/identity"
	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// ChainsState is the state of Chains after a sweep, from which it resumes. z
// are the standardized variables: standard normal under the prior, except for
// its condition.
type ChainsState struct {
	Fingerprint string // identity of problem, measurement and settings

	Sweeps      int     // in total
	Steady      int     // rounds that count, the present one included
	Sweep       int     // of this round
	Temperature float64 // of this round
	Error       float64 // of the emulator in the round before
	Solves      int     // in total
	RoundSolves int
	RoundMoves  int // accepted solves of this round

	Z       []float64 // state of each chain
	Fits    []fit     // of the model at these states
	Train   points    // that the emulator was fitted to
	Fresh   points    // the last solves of this round
	Offsets []float64 // model minus emulator of this round's solves
	Around  []float64 // z that the moves were fitted to
	Kept    []float64 // rows of this round, sweep by sweep, chain by chain: z, logL, quantities
}

// chains is a run of Chains.
type chains struct {
	ChainsState
	problem   problems.Problem
	prior     problems.Structured
	quantify  problems.Quantified // nil: none
	target    Measured
	y, weight []float64
	s         ChainsSettings
	workers   []*chainWorker
	allPixels []int

	emulator *emulator
	moves    normal

	lookedAt int
	last     Mixing
}

func (c *chains) dim() int     { return len(c.prior.Variables()) }
func (c *chains) masked() bool { return c.workers[0].mask != nil }

// width returns the length of a kept row.
func (c *chains) width() int {
	n := c.dim() + 1
	if c.quantify != nil {
		n += len(c.quantify.Quantities())
	}
	return n
}

// boxed presents a Parametric problem as a Structured one.
type boxed struct {
	problems.Parametric
	lo, hi []float64
}

func (b boxed) Variables() []problems.Variable {
	out := make([]problems.Variable, len(b.lo))
	copy(out, b.Spec().Variables)
	return out
}
func (b boxed) Probabilities(u, theta []float64) {
	for k, v := range theta {
		u[k] = (v - b.lo[k]) / (b.hi[k] - b.lo[k])
	}
}
func (b boxed) Quantiles(theta, u []float64) {
	for k, v := range u {
		theta[k] = min(b.lo[k]+v*(b.hi[k]-b.lo[k]), math.Nextafter(b.hi[k], b.lo[k]))
	}
}
func (boxed) Possible([]float64) bool { return true }

// StructuredOf returns a Structured or Parametric problem as a Structured one.
func StructuredOf(problem problems.Problem) (problems.Structured, bool) {
	switch p := problem.(type) {
	case problems.Structured:
		return p, true
	case problems.Parametric:
		lo, hi := p.Box()
		return boxed{p, lo, hi}, true
	}
	return nil, false
}

func newChains(problem problems.Problem, y []float64, s ChainsSettings) (*chains, error) {
	spec := problem.Spec()
	c := &chains{problem: problem, y: y, s: s}
	var ok bool
	if c.prior, ok = StructuredOf(problem); !ok {
		return nil, fmt.Errorf("bench: %s: the prior is not a map from variables", spec.Name)
	}
	var err error
	if c.target, err = MeasuredOf(problem, y); err != nil {
		return nil, err
	}
	if len(y) != spec.YLen() || slices.ContainsFunc(y, func(v float64) bool {
		return math.IsNaN(v) || math.IsInf(v, 0)
	}) {
		return nil, fmt.Errorf("bench: %s: the measurement has %d values; want %d finite ones",
			spec.Name, len(y), spec.YLen())
	}
	if len(s.Start)%c.dim() != 0 {
		return nil, fmt.Errorf("bench: Start has %d numbers; it must have a multiple of %d",
			len(s.Start), c.dim())
	}
	c.quantify, _ = problem.(problems.Quantified)
	c.weight = noiseWeights(c.target.Noise, y, s.Seed)
	for k := range spec.XLen() {
		c.allPixels = append(c.allPixels, k)
	}
	for range s.Threads {
		if err := c.addWorker(); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *chains) addWorker() error {
	spec, d := c.problem.Spec(), c.dim()
	g, err := c.problem.NewGenerator()
	if err != nil {
		return fmt.Errorf("bench: %s: %w", spec.Name, err)
	}
	w := &chainWorker{x: make([]float64, spec.XLen()), y: make([]float64, spec.YLen()),
		pixels: make([]bool, spec.XLen())}
	for _, v := range []*[]float64{&w.theta, &w.z, &w.next, &w.white, &w.whiteNext} {
		*v = make([]float64, d)
	}
	c.workers = append(c.workers, w)
	w.close = func() {}
	if o, ok := g.(io.Closer); ok {
		w.close = func() { _ = o.Close() } // nothing was written
	}
	w.mask, _ = g.(problems.Masked)
	if w.simulate, _ = g.(problems.Simulator); w.simulate == nil {
		return fmt.Errorf("bench: %s: the generator must implement problems.Simulator", spec.Name)
	}
	return nil
}

func (c *chains) close() {
	for _, w := range c.workers {
		w.close()
	}
}

// noiseWeights returns 1/std² of the noise of each value of y. They serve only
// the emulator.
func noiseWeights(noise priors.Likelihood, y []float64, seed uint64) []float64 {
	weight := make([]float64, len(y))
	if g, ok := noise.(priors.Gaussian); ok {
		for k := range weight {
			weight[k] = 1 / (g.Std * g.Std)
		}
		return weight
	}
	const draws = 200
	draw := make([]float64, len(y))
	for i := range uint64(draws) {
		noise.Sample(draw, y, rng.New(seed, rng.Reference, i, chainsTag))
		for k, v := range draw {
			weight[k] += (v - y[k]) * (v - y[k]) / draws
		}
	}
	for k, v := range weight {
		weight[k] = 0
		if v > 0 {
			weight[k] = 1 / v
		}
	}
	return weight
}

// chainsTag distinguishes the streams of Chains.
const (
	chainsTag     = 0x636861696e73 // "chains"
	chainsMaskTag = 0x6d61736b     // "mask"
)

// identity returns the identity of a run.
func (c *chains) identity() identity.Identity {
	return problems.Identify("chains", 1, c.problem).AddFloats("measurement", c.y).
		AddFloats("start", c.s.Start).Add("seed", c.s.Seed).Add("chains", c.s.Chains).
		Add("inner", c.s.Inner).Identity()
}

// toTheta sets theta to the variables of z.
func (c *chains) toTheta(theta, z []float64) {
	for k, v := range z {
		theta[k] = normalCDF(v)
	}
	c.prior.Quantiles(theta, theta)
}

// toZ is the inverse of toTheta.
func (c *chains) toZ(z, theta []float64) {
	c.prior.Probabilities(z, theta)
	const end = 1e-9
	for k, u := range z {
		z[k] = distuv.UnitNormal.Quantile(min(max(u, end), 1-end))
	}
}

// begin resumes, or solves the first points and places the chains.
func (c *chains) begin(ctx context.Context) error {
	id := c.identity()
	if r := c.s.Resume; r != nil {
		if r.Fingerprint != id.JSON() {
			return &StateError{otherFingerprint(r.Fingerprint, id)}
		}
		c.ChainsState = *r
		return c.prepare(ctx)
	}
	c.Fingerprint = id.JSON()
	if err := c.first(ctx); err != nil {
		return err
	}
	return c.prepare(ctx)
}

// first places the chains. They start at Start or at prior draws, and wander to
// where the mask fits, if there is one. The points on the way are solved.
func (c *chains) first(ctx context.Context) error {
	d := c.dim()
	n := max(6*d, 2*c.s.Chains)
	n += -n % c.s.Chains
	z := make([]float64, n*d)
	theta := make([]float64, d)
	for i := range n {
		if rows := len(c.s.Start) / d; rows > 0 {
			copy(theta, c.s.Start[i%rows*d:])
		} else {
			images := c.problem.Spec().ImagesPerSimulation
			c.prior.Latent(theta, c.s.Seed^chainsTag, uint64(i*images))
		}
		c.toZ(z[i*d:(i+1)*d], theta)
	}
	if c.masked() {
		if err := c.fitMaskFirst(ctx, z); err != nil {
			return err
		}
	}
	fits := make([]fit, n)
	c.Train = points{Z: z, Y: make([]float32, n*len(c.y))}
	if err := parallel.For(ctx, c.s.Threads, n, func(worker, i int) error {
		y, f, err := c.workers[worker].solve(c, z[i*d:(i+1)*d])
		copy(c.Train.Y[i*len(c.y):], y)
		fits[i] = f
		return err
	}); err != nil {
		return err
	}
	c.Solves, c.Around = n, slices.Clone(z)
	if !c.masked() {
		values := make([]float64, n)
		for i, f := range fits {
			values[i] = f.logL
		}
		c.Temperature = min(1, aimedError/robustStd(values))
	}
	c.place(z, fits)
	return nil
}

// place draws the chains from rows of z by their likelihoods.
func (c *chains) place(z []float64, fits []fit) {
	d, n := c.dim(), len(fits)
	c.Z, c.Fits = make([]float64, c.s.Chains*d), make([]fit, c.s.Chains)
	stream := rng.New(c.s.Seed, rng.Reference, math.MaxUint64, chainsTag)
	best, total := math.Inf(-1), 0.0
	for _, f := range fits {
		best = max(best, f.at(c.Temperature))
	}
	weight := func(i int) float64 { return math.Exp(fits[i].at(c.Temperature) - best) }
	for i := range fits {
		total += weight(i)
	}
	for k := range c.Fits {
		at, toss := 0, stream.Float64()*total
		for ; at < n-1 && toss >= weight(at); at++ {
			toss -= weight(at)
		}
		copy(c.Z[k*d:(k+1)*d], z[at*d:(at+1)*d])
		c.Fits[k] = fits[at]
	}
}

// maskRounds is the number of rounds in which the rows of z wander to where the
// mask fits. The power of the likelihood rises fourfold from one to the next and
// reaches 1 in the last but three.
const (
	maskRounds = 12
	maskSteps  = 60 // of each row in a round
)

// fitMaskFirst moves rows of z to draws of the posterior given the mask alone. A
// value that the mask shows has mean 0 and the variance of the prior's
// measurements. No solve is needed. It sets the temperature to that variance.
func (c *chains) fitMaskFirst(ctx context.Context, z []float64) error {
	d := c.dim()
	square := 0.0
	for k, v := range c.y {
		square += c.weight[k] * v * v / float64(len(c.y))
	}
	c.Temperature = min(1, 1/(1+square))
	nothing := linearFeatures(z, d)
	nothing.keep(nil)
	for round := range maskRounds {
		c.emulator = c.newEmulator(nothing)
		if err := c.fitMask(ctx, c.emulator, z); err != nil {
			return err
		}
		c.moves = normalOf(z, d)
		seen := view{c.Temperature, math.Min(1, math.Pow(4, float64(round-maskRounds+3)))}
		if err := parallel.For(ctx, c.s.Threads, len(z)/d, func(worker, i int) error {
			w, row := c.workers[worker], z[i*d:(i+1)*d]
			stream := rng.New(c.s.Seed, rng.Reference, uint64(round*len(z)/d+i), chainsMaskTag)
			w.wander(c, row, w.emulate(c, row), seen, maskSteps, stream)
			copy(row, w.z)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// robustStd returns half the distance of the quantiles of ±1 standard deviation
// of a normal distribution.
func robustStd(v []float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	return (quantile(sorted, 0.8413) - quantile(sorted, 0.1587)) / 2
}

// moveWidening is the factor by which the normal distribution of the moves is
// wider than the states that it is fitted to, so that moves reach the tails.
const moveWidening = 1.2

// prepare fits emulator and moves for the present round.
func (c *chains) prepare(ctx context.Context) error {
	d := c.dim()
	var err error
	if c.emulator, err = c.fitEmulator(ctx, &c.Train); err != nil {
		return err
	}
	c.moves = normalOf(c.Around, d)
	for j := range c.moves.scale {
		c.moves.scale[j] *= moveWidening
	}
	return nil
}

// nextRound ends the round.
func (c *chains) nextRound(ctx context.Context) error {
	d := c.dim()
	c.Error = robustStd(c.Offsets)
	was := c.Temperature
	c.Temperature = min(1, max(was/2, min(was*mostRise, was*aimedError/c.Error)))
	if c.Temperature == 1 || c.Steady > 0 {
		c.Temperature = 1
		if was == 1 {
			c.Steady++
		}
	}
	c.Train.Z, c.Train.Y = append(c.Train.Z, c.Fresh.Z...), append(c.Train.Y, c.Fresh.Y...)
	c.Train.keepLast(trained, d)
	c.Around = c.Around[:0]
	for i := 0; i < len(c.Kept); i += c.width() {
		c.Around = append(c.Around, c.Kept[i:i+d]...)
	}
	c.Fresh, c.Offsets, c.Kept = points{}, nil, nil
	c.Sweep, c.RoundSolves, c.RoundMoves, c.lookedAt = 0, 0, 0, 0
	return c.prepare(ctx)
}

// sweep makes one step of each chain.
func (c *chains) sweep(ctx context.Context) error {
	d, width := c.dim(), c.width()
	steps := make([]step, c.s.Chains)
	rows := make([]float64, c.s.Chains*width)
	if err := parallel.For(ctx, c.s.Threads, c.s.Chains, func(worker, k int) error {
		w, z := c.workers[worker], c.Z[k*d:(k+1)*d]
		stream := rng.New(c.s.Seed, rng.Reference, uint64(c.Sweeps*c.s.Chains+k), chainsTag)
		var err error
		if steps[k], err = w.walk(c, z, c.Fits[k], stream); err != nil {
			return err
		}
		row := rows[k*width : (k+1)*width]
		copy(row, z)
		row[d] = c.Fits[k].logL
		if steps[k].accepted {
			copy(row, steps[k].z)
			row[d] = steps[k].fit.logL
		}
		if c.quantify != nil {
			c.toTheta(w.theta, row[:d])
			c.prior.Field(w.x, w.theta)
			c.quantify.Quantify(row[d+1:], w.x)
		}
		return nil
	}); err != nil {
		return err
	}
	for k, s := range steps {
		if !s.moved {
			continue
		}
		c.Solves++
		c.RoundSolves++
		c.Fresh.Z, c.Fresh.Y = append(c.Fresh.Z, s.z...), append(c.Fresh.Y, s.y...)
		c.Offsets = append(c.Offsets, s.fit.at(c.Temperature)-s.emulated.at(c.Temperature))
		if s.accepted {
			c.RoundMoves++
			copy(c.Z[k*d:(k+1)*d], s.z)
			c.Fits[k] = s.fit
		}
	}
	c.Fresh.keepLast(trained, d)
	c.Kept = append(c.Kept, rows...)
	c.Sweeps++
	c.Sweep++
	if c.s.Watch != nil {
		c.s.Watch(ChainsProgress{c.Solves, c.Temperature, c.Error,
			float64(c.RoundMoves) / float64(max(c.RoundSolves, 1)), c.Sweep, c.mixing()})
	}
	if c.s.Save != nil {
		return c.s.Save(&c.ChainsState)
	}
	return nil
}

// result summarizes the kept rows.
func (c *chains) result(ctx context.Context) (*ChainsResult, error) {
	d, width := c.dim(), c.width()
	n := len(c.Kept) / width
	r := &ChainsResult{Theta: make([]float64, n*d), Solves: c.Solves, Kept: c.RoundSolves,
		Accepted: float64(c.RoundMoves) / float64(max(c.RoundSolves, 1))}
	for i := range n {
		c.toTheta(r.Theta[i*d:(i+1)*d], c.Kept[i*width:i*width+d])
	}
	if n/c.s.Chains >= 8 {
		r.Mixing = mixingOf(c.Kept, c.s.Chains, width)
	}
	r.Converged = c.Temperature == 1 && r.Mixing.ok(c.s)
	reference := make([]float64, c.problem.Spec().XLen())
	c.prior.Field(reference, r.Theta[:d])
	m := newMoments(reference, unit(c.problem), true)
	x := make([]float64, len(reference))
	for i := range n {
		c.prior.Field(x, r.Theta[i*d:(i+1)*d])
		m.add(x, 0)
	}
	r.Posterior = *m.posterior()
	r.Draws, r.ESS = n, r.Bulk
	inflate := math.Sqrt(max(float64(n)/r.ESS, 1))
	for k := range r.MeanError {
		r.MeanError[k] *= inflate
		r.StdError[k] *= inflate
	}
	return r, nil
}
func (s *ChainsState) Best() (out []float64) {
	for _, f := range s.Fits {
		out = append(out, f.logL)
	}
	return out
}
