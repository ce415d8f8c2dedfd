package train

import (
	"context"
	"fmt"
	"math"
	"runtime"

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
	samplers   []*sampler // one per thread that takes samples
	evaluators []*sampler // for held-out pairs: the samplers, or more if these leave threads idle
	share      int        // threads of each sample
	crew       *crew

	grads     *gradients
	losses    []float64 // one per slot
	sigmas    []float64 // one per slot
	squares   []float64 // sum of squares of each chunk of the gradient
	heldOut   []float64 // losses [pair*levels+level]
	heldSigma []float64

	pieces  []piece        // parts of the weights, each updated as a whole
	scratch []*muonScratch // one per thread; none without Muon

	adam kernel.Adam // parameters of the current step
	muon muon

	// The bodies of the loops, made once so that a step creates no closure.
	gradient, reduce, update, repack, swap, evaluate func(worker, i int) error
}

// sampler is the memory of one worker.
type sampler struct {
	Worker
	x, y, z []float32
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
	nx, ny := network.Sizes()
	return &sampler{Worker: worker, x: make([]float32, nx), y: make([]float32, ny),
		z: make([]float32, nx)}
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

// threads returns the number of threads that compute gradients.
func (t *stepper) threads() int { return len(t.samplers) * t.share }

// step makes one optimizer step. It returns the batch's mean loss and the norm
// of its mean gradient before clipping. If it returns an error, the state is
// unchanged.
func (t *stepper) step() (loss, norm float64, err error) {
	ctx := context.Background() // a step that has begun is finished
	s := &t.settings
	t.grads.begin()
	if err := t.crew.few(ctx, len(t.samplers), s.Batch, t.gradient); err != nil {
		return 0, 0, err
	}
	for slot, l := range t.losses {
		if !finite(l) {
			return 0, 0, t.nonFinite(slot)
		}
		loss += l
	}
	if err := t.crew.each(ctx, len(t.squares), t.reduce); err != nil {
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
	if err := t.crew.each(ctx, len(t.pieces), t.update); err != nil {
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
	_ = t.crew.each(context.Background(), t.network.Updates(), t.repack) // cannot end or fail
}

// sampleGradient computes the gradient of the next sample of the batch.
func (t *stepper) sampleGradient(worker, _ int) error {
	slot, gradient := t.grads.take()
	if gradient == nil {
		return nil // another sample has failed, and so has the step
	}
	w := t.samplers[worker]
	if err := t.draw(w, slot); err != nil {
		t.grads.stop()
		return err
	}
	clear(gradient)
	t.losses[slot] = w.LossGrad(gradient, w.x, w.y, w.z, t.sigmas[slot])
	t.grads.finish(slot, gradient)
	return nil
}

// draw sets w.x, w.y, w.z and the noise level to the values of a slot of the
// current step.
func (t *stepper) draw(w *sampler, slot int) error {
	i, j := uint64(t.steps), uint64(slot)
	if err := t.source.Training(w.x, w.y, i, j); err != nil {
		return fmt.Errorf("training pair of step %d, slot %d: %w", i, j, err)
	}
	w.stream.Reset(t.settings.Seed, rng.Sigma, i, j)
	t.sigmas[slot] = t.settings.drawSigma(&w.stream)
	w.stream.Reset(t.settings.Seed, rng.Z, i, j)
	for k := range w.z {
		w.z[k] = float32(w.stream.Normal())
	}
	if t.stabilizer != nil {
		if err := t.stabilizer.Stabilize(w.x, w.y, w.z, t.sigmas[slot], i, j); err != nil {
			return fmt.Errorf("target of step %d, slot %d: %w", i, j, err)
		}
	}
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
