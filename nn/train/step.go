package train

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

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
	settings   Settings
	network    Network
	source     Source
	stabilizer Stabilizer // nil if there is none
	prepare    func(y []float32)
	samplers   []*sampler // one per thread that takes samples
	evaluators []*sampler // for held-out pairs: the samplers, or more if these leave threads idle
	share      int        // threads of each sample
	ahead      *ahead     // nil: the samplers draw
	drawers    int        // threads of ahead
	crew       *crew

	grads     *gradients
	losses    []float64 // one per slot
	sigmas    []float64 // one per slot
	squares   []float64 // sum of squares of each chunk of the gradient
	heldOut   []float64 // losses [pair*levels+level]
	heldSigma []float64

	pieces  []piece        // parts of the weights, each updated as a whole
	scratch []*muonScratch // one per thread; none without Muon

	// Steps of this call, and the nanoseconds in which its samplers drew
	// samples and computed gradients.
	made                   int
	drawTime, gradientTime atomic.Int64

	adam kernel.Adam // parameters of the current step
	muon muon

	// The bodies of the loops, made once so that a step creates no closure.
	gradient, reduce, update, repack, swap, evaluate func(worker, i int) error
}

// sampler is a worker with a sample of its own.
type sampler struct {
	Worker
	sample
}

// sample is what a worker needs to compute a gradient.
type sample struct {
	x, y, z []float32
	sigma   float64
	stream  rng.Stream
}

func newStepper(network Network, source Source, settings Settings) *stepper {
	n := len(network.Weights())
	t := &stepper{
		settings: settings, network: network, source: source,
		grads:   newGradients(n, settings.Batch, settings.Threads),
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
	for range min(settings.Threads, settings.Batch) {
		t.samplers = append(t.samplers, newSampler(network, network.NewWorker()))
	}
	t.share = shareSamples(t.samplers, settings.Threads)
	if settings.HeldOutEvery > 0 {
		t.heldSigma = settings.HeldOutSigma()
		t.heldOut = make([]float64, source.HeldOutLen()*len(t.heldSigma))
		t.evaluators = t.samplers
		all := min(settings.Threads, runtime.GOMAXPROCS(0))
		if n := min(all, source.HeldOutLen()); t.threads() < all && n > len(t.samplers) {
			t.evaluators = nil
			for range n {
				t.evaluators = append(t.evaluators, newSampler(network, network.NewEvaluator()))
			}
			shareSamples(t.evaluators, settings.Threads)
		}
	}
	t.gradient, t.reduce, t.update, t.swap, t.evaluate = t.sampleGradient, t.reduceChunk,
		t.updatePiece, t.swapChunk, t.heldOutPair
	t.cut(network.Hidden())
	t.repack = func(_, i int) error {
		network.Update(i)
		return nil
	}
	return t
}

func newSampler(network Network, worker Worker) *sampler {
	return &sampler{worker, newSample(network)}
}

func newSample(network Network) sample {
	nx, ny := network.Sizes()
	return sample{x: make([]float32, nx), y: make([]float32, ny), z: make([]float32, nx)}
}

// close ends all threads.
func (t *stepper) close() {
	if t.ahead != nil {
		t.ahead.close()
	}
	t.crew.close()
}

// shareSamples lets the threads share samples if there are more threads than
// samplers, and returns the number of threads of each sample. Threads of one
// sample wait for each other, so each needs a processor of its own.
func shareSamples(samplers []*sampler, threads int) int {
	first, ok := samplers[0].Worker.(Sharer)
	if !ok {
		return 1
	}
	threads = min(threads, runtime.GOMAXPROCS(0))
	share := max(1, min(threads/len(samplers), first.MostThreads()))
	for _, w := range samplers {
		if share > 1 {
			w.Worker.(Sharer).SetThreads(share)
		}
	}
	return share
}

// threads returns the number of threads that draw samples and compute
// gradients.
func (t *stepper) threads() int { return len(t.samplers)*t.share + t.drawers }

// each runs a loop on all threads that do not draw ahead.
func (t *stepper) each(n int, body func(worker, i int) error) error {
	// a step that has begun is finished
	return t.crew.few(context.Background(), max(1, t.settings.Threads-t.drawers), n, body)
}

// step makes one optimizer step. It returns the batch's mean loss and the norm
// of its mean gradient before clipping. If it returns an error, the state is
// unchanged.
func (t *stepper) step() (loss, norm float64, err error) {
	s := &t.settings
	if t.made++; t.made == 2 {
		t.divide()
	}
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
	t.weightsChanged()
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
		number := int64(t.steps*t.settings.Batch + slot)
		d, failed := t.ahead.take(number)
		defer t.ahead.give(number)
		s, err = &d.sample, failed
	} else {
		began := time.Now()
		err = t.draw(s, t.steps, slot)
		t.drawTime.Add(int64(time.Since(began)))
	}
	if err != nil {
		t.grads.stop()
		return err
	}
	began := time.Now()
	t.sigmas[slot] = s.sigma
	clear(gradient)
	t.losses[slot] = w.LossGrad(gradient, s.x, s.y, s.z, s.sigma)
	t.gradientTime.Add(int64(time.Since(began)))
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
// otherwise a range that Adam moves.
type piece struct{ from, to, cols int }

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
		t.pieces = append(t.pieces, piece{m.Offset, at, m.Cols})
	}
	rest(at, len(t.weights))
	if len(matrices) > 0 {
		for range t.settings.Threads {
			t.scratch = append(t.scratch, newMuonScratch(matrices))
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
	return nil
}

func finite(v float64) bool { return math.Abs(v) <= math.MaxFloat64 }
