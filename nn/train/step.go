package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"csdm/internal/kernel"
	"csdm/rng"
)

// chunkLen is the number of weights that are summed and updated at a time. A
// chunk stays in cache from one gradient to the next. The length is constant
// because it determines the order in which squares are summed.
const chunkLen = 1 << 14

// gradientLimit is the largest allowed norm of the batch's gradient. Beyond it
// the squares that Adam averages exceed the range of float32.
const gradientLimit = 1e18

// state is the part of a training that changes and is stored in checkpoints.
type state struct {
	steps   int       // steps done
	weights []float32 // the network's own slice
	ema     []float32 // running average of weights
	m, v    []float32 // Adam's moments; where Muon moves, m is its momentum and v is unused

	last, best HeldOut // Step 0: none yet
}

// stepper makes optimizer steps. It allocates all its memory once; crew.close
// ends its goroutines.
type stepper struct {
	state
	// of the training
	settings Settings
	// weights and workers
	network Network
	// pairs
	source     Source
	stabilizer Stabilizer // nil if there is none
	// standardizes a measurement once for all its evaluations
	prepare    func(y []float32)
	division   Division
	samplers   []*sampler // one per team
	evaluators []*sampler // for held-out pairs: the samplers, or more if these leave threads idle
	ahead      *ahead     // nil: the samplers draw
	// goroutines of all loops
	crew *crew

	// sum of the gradients of a batch
	grads   *gradients
	losses  []float64 // one per slot
	sigmas  []float64 // one per slot
	squares []float64 // sum of squares of each chunk of the gradient
	heldOut []float64 // losses [pair*levels+level]
	// noise levels of the held-out losses
	heldSigma []float64

	pieces  []piece        // parts of the weights, each updated as a whole
	updates []update       // of the network
	scratch []*muonScratch // one per thread; none without Muon

	adam kernel.Adam // parameters of the current step
	// its step, for hidden layers
	muon muon

	// The bodies of the loops, made once so that a step creates no closure.
	drawOne, gradient, reduce, update, repack, swap, evaluate func(worker, i int) error
}

// sampler is a worker with a sample of its own.
type sampler struct {
	Worker
	sample
}

// sample is what a worker needs to compute a gradient.
type sample struct {
	// field, measurement and noise, normalized
	x, y, z []float32
	// noise level
	sigma float64
	// randomness of the slot, so that it does not depend on the thread
	stream rng.Stream
}

// newStepper allocates all that a training needs, and starts its goroutines.
func newStepper(network Network, source Source, settings Settings) *stepper {
	n := len(network.Weights())
	t := &stepper{
		settings: settings, network: network, source: source,
		losses:  make([]float64, settings.Batch),
		sigmas:  make([]float64, settings.Batch),
		squares: make([]float64, (n+chunkLen-1)/chunkLen),
	}
	t.crew = newCrew(settings.Threads)
	t.stabilizer, _ = source.(Stabilizer)
	t.prepare = func([]float32) {}
	if p, ok := network.(Preparer); ok {
		t.prepare = p.Prepare
	}
	t.weights = network.Weights()
	t.ema = append([]float32(nil), t.weights...)
	t.m, t.v = make([]float32, n), make([]float32, n)
	t.divide()
	if settings.HeldOutEvery > 0 {
		t.heldSigma = settings.HeldOutSigma()
		t.heldOut = make([]float64, source.HeldOutLen()*len(t.heldSigma))
		t.evaluators = t.samplers
		n := min(t.cores(), source.HeldOutLen())
		if t.threads() < t.cores() && n > len(t.samplers) {
			t.evaluators = nil
			for range n {
				t.evaluators = append(t.evaluators, newSampler(network, network.NewEvaluator()))
			}
			shareSamples(t.evaluators, t.cores()/n)
		}
	}
	t.drawOne, t.gradient, t.reduce, t.update, t.swap, t.evaluate = t.drawAhead,
		t.sampleGradient, t.reduceChunk, t.updatePiece, t.swapChunk, t.heldOutPair
	t.cut(network.Hidden())
	t.repack = func(_, i int) error {
		network.Update(i)
		return nil
	}
	return t
}

// newSampler returns a worker with memory for a sample.
func newSampler(network Network, worker Worker) *sampler {
	return &sampler{worker, newSample(network)}
}

// newSample returns memory for a sample.
func newSample(network Network) sample {
	nx, ny := network.Sizes()
	return sample{x: make([]float32, nx), y: make([]float32, ny), z: make([]float32, nx)}
}

// divide makes a sampler for each team, and the memory of samples and
// gradients. Threads of a team wait for each other, so each needs a processor
// of its own.
func (t *stepper) divide() {
	s, most := &t.settings, 1
	first := newSampler(t.network, t.network.NewWorker())
	if w, ok := first.Worker.(Sharer); ok {
		most = w.MostThreads()
	}
	d := Divide(t.cores(), s.Batch, most)
	if d.Share == 1 {
		d.Teams = min(s.Threads, s.Batch)
	}
	t.division, t.samplers = d, []*sampler{first}
	for range d.Teams - 1 {
		t.samplers = append(t.samplers, newSampler(t.network, t.network.NewWorker()))
	}
	shareSamples(t.samplers, d.Share)
	if d.Ahead > 0 {
		t.ahead = t.newAhead(d.Ahead)
	}
	t.grads = newGradients(len(t.weights), s.Batch, d.Teams)
}

// shareSamples lets share threads compute each sample, or fewer if a sample has
// too little work.
func shareSamples(samplers []*sampler, share int) {
	for _, w := range samplers {
		if s, ok := w.Worker.(Sharer); ok && min(share, s.MostThreads()) > 1 {
			s.SetThreads(min(share, s.MostThreads()))
		}
	}
}

// threads returns the number of threads that compute gradients.
func (t *stepper) threads() int { return t.division.Teams * t.division.Share }

// each runs a loop on all threads.
func (t *stepper) each(n int, body func(worker, i int) error) error {
	// a step that has begun is finished
	return t.crew.few(context.Background(), t.settings.Threads, n, body)
}

// step makes one optimizer step. It returns the batch's mean loss and the norm
// of its mean gradient before clipping. If it returns an error, the state is
// unchanged.
func (t *stepper) step() (loss, norm float64, err error) {
	s := &t.settings
	t.drawSteps()
	t.grads.begin()
	if err := t.crew.few(context.Background(), len(t.samplers), s.Batch, t.gradient); err != nil {
		return 0, 0, err
	}
	for slot, l := range t.losses {
		if !finite(l) {
			return 0, 0, t.nonFinite(slot)
		}
		loss += l
	}
	if err := t.each(len(t.squares), t.reduce); err != nil {
		return 0, 0, err
	}
	for _, q := range t.squares {
		norm += q
	}
	loss /= float64(s.Batch)
	norm = math.Sqrt(norm) / float64(s.Batch)
	if !(norm <= gradientLimit) {
		return 0, 0, t.nonFinite(-1)
	}

	t.adam = kernel.Adam{
		Rate: s.Rate(t.steps), Beta1: s.Beta1, Beta2: s.Beta2, Epsilon: s.Epsilon,
		Decay: s.EMADecay(t.steps + 1),
		Step:  t.steps + 1, Scale: float32(clipFactor(norm, s.ClipNorm) / float64(s.Batch)),
	}
	t.muon = muon{rate: t.adam.Rate, momentum: s.Muon, scale: t.adam.Scale, decay: t.adam.Decay}
	if err := t.each(len(t.pieces), t.update); err != nil {
		return 0, 0, err
	}
	t.steps++
	return loss, norm, nil
}

// clipFactor returns the factor that scales a gradient of the given norm down
// to clip; clip = 0 means no limit.
func clipFactor(norm, clip float64) float64 {
	if clip == 0 || norm <= clip {
		return 1
	}
	return clip / norm
}

// weightsChanged makes the network use the current weights.
func (t *stepper) weightsChanged() {
	_ = t.each(t.network.Updates(), t.repack) // cannot end or fail
}

// sampleGradient computes the gradient of the next sample of the batch.
func (t *stepper) sampleGradient(worker, _ int) error {
	slot, gradient := t.grads.take()
	if gradient == nil {
		return nil // another sample has failed, and so has the step
	}
	w := t.samplers[worker]
	s, err := &w.sample, error(nil)
	if t.ahead != nil {
		d := t.ahead.at(t.steps, slot, t.settings.Batch)
		s, err = &d.sample, d.err
	} else {
		err = t.draw(s, t.steps, slot)
	}
	if err != nil {
		t.grads.stop()
		return err
	}
	t.sigmas[slot] = s.sigma
	clear(gradient)
	t.losses[slot] = w.LossGrad(gradient, s.x, s.y, s.z, s.sigma)
	t.grads.finish(slot, gradient)
	return nil
}

// draw sets s to the sample of a slot of a step.
func (t *stepper) draw(s *sample, step, slot int) error {
	i, j := uint64(step), uint64(slot)
	if err := t.source.Training(s.x, s.y, i, j); err != nil {
		return fmt.Errorf("training pair of step %d, slot %d: %w", i, j, err)
	}
	s.stream.Reset(t.settings.Seed, rng.Sigma, i, j)
	s.sigma = t.settings.drawSigma(&s.stream)
	s.stream.Reset(t.settings.Seed, rng.Z, i, j)
	for k := range s.z {
		s.z[k] = float32(s.stream.Normal())
	}
	if t.stabilizer != nil {
		if err := t.stabilizer.Stabilize(s.x, s.y, s.z, s.sigma, i, j); err != nil {
			return fmt.Errorf("target of step %d, slot %d: %w", i, j, err)
		}
	}
	t.prepare(s.y)
	return nil
}

// chunk returns the bounds of chunk c of the weights.
func (t *stepper) chunk(c int) (from, to int) {
	return c * chunkLen, min((c+1)*chunkLen, len(t.weights))
}

// reduceChunk completes the sum of the gradients in chunk c, and sums its
// squares.
func (t *stepper) reduceChunk(_, c int) error {
	t.squares[c] = kernel.SumSquares(t.grads.sum(t.chunk(c)))
	return nil
}

// piece is a part of the weights: a matrix that Muon moves if cols > 0,
// otherwise a range that Adam moves. It has weights of the network's updates
// from first up to, and without, last.
type piece struct{ from, to, cols, first, last int }

// cut divides the weights into pieces: with Muon the matrices, ordered by
// offset, and always the remaining weights in chunks.
func (t *stepper) cut(matrices []Matrix) {
	if t.settings.Muon == 0 {
		matrices = nil
	}
	rest := func(from, to int) {
		for ; from < to; from += chunkLen {
			t.pieces = append(t.pieces, piece{from: from, to: min(from+chunkLen, to)})
		}
	}
	at := 0
	for _, m := range matrices {
		rest(at, m.Offset)
		at = m.Offset + m.Rows*m.Cols
		t.pieces = append(t.pieces, piece{from: m.Offset, to: at, cols: m.Cols})
	}
	rest(at, len(t.weights))
	t.updates = make([]update, t.network.Updates())
	for i := range t.pieces {
		t.assign(&t.pieces[i])
	}
	// The longest first, so that no thread begins one when the others end.
	slices.SortStableFunc(t.pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(min(b.cols, 1), min(a.cols, 1)),
			cmp.Compare(b.to-b.from, a.to-a.from))
	})
	if len(matrices) > 0 {
		for range t.settings.Threads {
			t.scratch = append(t.scratch, newMuonScratch(matrices))
		}
	}
}

// update counts the pieces whose weights an update of the network reads.
type update struct {
	pieces int32
	left   atomic.Int32 // pieces that are not updated yet in this step
}

// assign finds the updates of the network that read weights of a piece.
func (t *stepper) assign(p *piece) {
	p.first = len(t.updates)
	for i := range t.updates {
		if from, to := t.network.Updated(i); from < p.to && p.from < to {
			p.first, p.last = min(p.first, i), i+1
			t.updates[i].pieces++
			t.updates[i].left.Add(1)
		}
	}
}

// updatePiece updates weights, moments and running average of a piece by one
// step.
func (t *stepper) updatePiece(worker, i int) error {
	p := t.pieces[i]
	w, m, avg, g := t.weights[p.from:p.to], t.m[p.from:p.to], t.ema[p.from:p.to],
		t.grads.parts[0][p.from:p.to]
	if p.cols > 0 {
		t.muon.update(w, m, avg, g, p.cols, t.scratch[worker])
	} else {
		t.adam.Update(w, m, t.v[p.from:p.to], avg, g)
	}
	t.updated(p)
	return nil
}

// updated makes the network use the layers whose last piece p is.
func (t *stepper) updated(p piece) {
	for k := p.first; k < p.last; k++ {
		if u := &t.updates[k]; u.left.Add(-1) == 0 {
			u.left.Store(u.pieces)
			t.network.Update(k)
		}
	}
}

func finite(v float64) bool { return math.Abs(v) <= math.MaxFloat64 }
