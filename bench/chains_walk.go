package bench

import (
	"fmt"
	"math"
	"slices"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// chainWorker holds the memory of one worker.
//
// It belongs to one goroutine.
type chainWorker struct {
	// forward model
	simulate problems.Simulator
	mask     problems.Masked // nil: no mask
	// ends the generator
	close func()

	// scratch: field, measurement and variables of a solve
	x, y, theta []float64
	pixels      []bool // mask at all pixels
	// state of the inner walk, and its proposal
	z, next []float64
	f, u    []float64 // features, and scratch of their computation
	values  []float64 // of the field at the features' places
	// both along the axes of the moves
	white, whiteNext []float64
	// scratch: which of the emulator's pixels the mask of a field shows
	shown []bool
}

// step is one step of a chain, with its solve.
type step struct {
	moved bool // the inner walk arrived elsewhere, and the point was solved
	// the chain moved to z
	accepted bool
	z        []float64
	// measurement at z, for the next fit of the emulator; half the memory of
	// float64
	y        []float32
	fit      fit // of the forward model
	emulated fit // by the emulator
}

// blends are the sizes β of the inner moves. blocks are the numbers of axes
// that a move changes, on average; 0 stands for all.
var (
	blends = [...]float64{1, 0.5, 0.25, 0.1, 0.04}
	blocks = [...]float64{1, 1, 3, 8, 0}
)

// cautious is the share of walks that trust the emulator less. They have fewer
// steps, and see its likelihood at a lower temperature, by a factor from trust.
// Where the emulator is far too low, other walks are rejected.
const cautious = 0.3

// trust holds factors of the temperature, one of which a cautious walk takes.
var trust = [...]float64{1, 0.5, 0.2, 0.05}

// walk makes one step of a chain from z, whose fit by the model is known.
//
// The inner walk leaves exp(ℓ*) · prior unchanged, so that its composition is a
// proposal with the ratio exp(ℓ*(θ′) − ℓ*(θ)). Metropolis and Hastings' rule
// for exp(ℓ) · prior then accepts with exp((ℓ − ℓ*)(θ′) − (ℓ − ℓ*)(θ)). A
// cautious walk uses another ℓ*, drawn before the walk and independent of the
// state.
func (w *chainWorker) walk(c *chains, from []float64, known fit, stream *rng.Stream) (step, error) {
	before := w.emulate(c, from)
	seen := view{c.Temperature, 1}
	steps := c.s.Inner
	if stream.Float64() < cautious {
		steps = int(math.Pow(float64(steps), stream.Float64()))
		seen.temperature *= trust[stream.Uint64n(uint64(len(trust)))]
	}
	moved, after := w.wander(c, place{from, before}, seen, steps, stream)
	s := step{moved: moved, emulated: after}
	if !moved {
		return s, nil
	}
	s.z = append([]float64(nil), w.z...)
	var err error
	if s.y, s.fit, err = w.solve(c, s.z); err != nil {
		return s, err
	}
	t := c.Temperature
	s.accepted = math.Log(stream.Float64()) <
		s.fit.at(t)-seen.of(s.emulated)-(known.at(t)-seen.of(before))
	return s, nil
}

// view is how inner steps see the emulated likelihood: at a temperature, and to
// a power. The power is below 1 only before the first solve.
type view struct{ temperature, power float64 }

// of is the log-likelihood that an inner step sees.
func (v view) of(f fit) float64 { return v.power * f.at(v.temperature) }

// place is a point of a chain, with its emulated fit.
type place struct {
	z   []float64
	fit fit
}

// wander makes inner steps on the emulator, and sets w.z to where it arrives.
//
// A step changes some of the coordinates v of z along the axes of a normal
// distribution, to √(1 − β²) v + β ξ with ξ standard normal. This leaves the
// normal distribution unchanged (the preconditioned Crank–Nicolson proposal of
// Cotter et al. 2013, with the posterior's covariance as in Rudolf and Sprungk
// 2018), so the density relative to it decides.
func (w *chainWorker) wander(c *chains, from place, seen view, steps int,
	stream *rng.Stream) (moved bool, after fit) {
	copy(w.z, from.z)
	c.moves.whiten(w.white, w.z)
	after = from.fit
	for range steps {
		ratio := w.propose(&c.moves, stream)
		toss := math.Log(stream.Float64())
		proposed := w.emulate(c, w.next)
		if toss < ratio+seen.of(proposed)-seen.of(after) {
			w.z, w.next, w.white, w.whiteNext = w.next, w.z, w.whiteNext, w.white
			after, moved = proposed, true
		}
	}
	return moved, after
}

// propose sets w.next to a proposal from w.z, and returns the logarithm of the
// prior's ratio over the ratio of the normal distribution q.
//
// For the normal q the proposal is reversible, so that the target relative to q
// decides: ratio is ln [prior(v)/q(v)] − ln [prior(u)/q(u)], both standard
// normal in their own coordinates.
func (w *chainWorker) propose(q *normal, stream *rng.Stream) (ratio float64) {
	d := len(w.z)
	beta := blends[stream.Uint64n(uint64(len(blends)))]
	keep := math.Sqrt(1 - beta*beta)
	share := blocks[stream.Uint64n(uint64(len(blocks)))] / float64(d)
	sure := int(stream.Uint64n(uint64(d))) // one axis that always changes
	copy(w.next, w.z)
	copy(w.whiteNext, w.white)
	for j := range d {
		if j != sure && share > 0 && stream.Float64() >= share {
			continue
		}
		old := w.white[j]
		v := keep*old + beta*stream.Normal()
		w.whiteNext[j] = v
		ratio += (v*v - old*old) / 2
		for k, a := range q.axes[j*d : (j+1)*d] {
			w.next[k] += a * q.scale[j] * (v - old)
		}
	}
	for k, v := range w.next {
		ratio -= (v*v - w.z[k]*w.z[k]) / 2
	}
	return ratio
}

// emulate returns the emulated fit of z. Its log-likelihood is −Inf where the
// prior's condition fails.
//
// It costs no forward solve.
func (w *chainWorker) emulate(c *chains, z []float64) fit {
	e := c.emulator
	c.toTheta(w.theta, z)
	if !c.prior.Possible(w.theta) {
		return fit{logL: math.Inf(-1)}
	}
	if w.mask != nil {
		w.shown = slices.Grow(w.shown[:0], len(e.pixels))[:len(e.pixels)]
		w.mask.Shown(w.shown, e.pixels, w.theta)
	}
	w.f = slices.Grow(w.f[:0], e.features.n)[:e.features.n]
	w.u = slices.Grow(w.u[:0], len(e.features.mean))[:len(e.features.mean)]
	w.values = c.valuesAt(w.values[:0], e.features.places, w)
	e.features.of(w.f, z, w.values, w.u)
	return e.fit(w.f, w.shown)
}

// valuesAt appends to dst the values at the places of the field of w.theta.
func (c *chains) valuesAt(dst []float64, places []int, w *chainWorker) []float64 {
	if len(places) == 0 {
		return dst
	}
	if c.local != nil {
		dst = slices.Grow(dst, len(places))[:len(places)]
		c.local.FieldAt(dst, places, w.theta)
		return dst
	}
	c.prior.Field(w.x, w.theta)
	for _, k := range places {
		dst = append(dst, w.x[k])
	}
	return dst
}

// solve returns the measurement of z without mask, and its fit with mask.
//
// whole feeds the next emulator. The mask enters the likelihood only.
func (w *chainWorker) solve(c *chains, z []float64) (whole []float32, f fit, err error) {
	c.toTheta(w.theta, z)
	if w.mask != nil {
		err = w.mask.SimulateWhole(w.x, w.y, w.theta)
	} else {
		err = w.simulate.Simulate(w.x, w.y, w.theta)
	}
	if err != nil {
		return nil, fit{}, fmt.Errorf("bench: forward model at variables %v: %w", w.theta, err)
	}
	whole = make([]float32, len(w.y))
	for k, v := range w.y {
		whole[k] = float32(v)
	}
	if w.mask != nil {
		w.mask.Shown(w.pixels, c.allPixels, w.theta)
		for k, v := range w.y {
			if !w.pixels[k%len(w.pixels)] {
				w.y[k] = 0
				continue
			}
			if priors.Missing(c.target.Y[k]) {
				continue
			}
			f.misfit -= c.weight[k] * (c.y[k] - v) * (c.y[k] - v) / 2
			f.values++
		}
	}
	f.logL = c.target.Noise.LogLikelihood(c.target.Y, w.y)
	if math.IsNaN(f.logL) || math.IsInf(f.logL, 0) {
		return nil, f, fmt.Errorf("bench: the log-likelihood at variables %v is %v; it must be "+
			"finite", w.theta, f.logL)
	}
	if w.mask == nil {
		f.misfit = f.logL
	}
	return whole, f, nil
}
