package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"csdm/rng"
)

// HeldOut is the loss of the averaged weights on held-out pairs, by noise
// level. An untrained network has a loss of half the number of pixels at every
// level. At small levels no network gets below about half the number of free
// parameters of the prior.
type HeldOut struct {
	Step  int       `json:"step"`  // steps done
	Sigma []float64 `json:"sigma"` // noise levels, ascending
	Loss  []float64 `json:"loss"`  // mean over the pairs, at each level
	Error []float64 `json:"error"` // standard error of Loss; 0 for a single pair
	Mean  float64   `json:"mean"`  // mean of Loss over the levels; "best" is the least
}

// heldOutLoss evaluates the held-out pairs. σ, z and the pairs are the same in
// every call, so two losses differ only by the weights. It returns the error of
// ctx if ctx ends first.
func (t *stepper) heldOutLoss(ctx context.Context) (HeldOut, error) {
	if err := t.exchange(); err != nil {
		return HeldOut{}, err
	}
	err := t.crew.few(ctx, len(t.evaluators), t.source.HeldOutLen(), t.evaluate)
	if err == nil {
		err = t.heldOutFault()
	}
	if err := errors.Join(err, t.exchange()); err != nil {
		return HeldOut{}, err
	}
	pairs, levels := t.source.HeldOutLen(), len(t.heldSigma)
	h := HeldOut{Step: t.steps, Sigma: t.heldSigma, Loss: make([]float64, levels),
		Error: make([]float64, levels)}
	for l := range levels {
		var sum, squares float64
		for i := range pairs {
			sum += t.heldOut[i*levels+l]
		}
		mean := sum / float64(pairs)
		for i := range pairs {
			d := t.heldOut[i*levels+l] - mean
			squares += d * d
		}
		h.Loss[l] = mean
		h.Error[l] = math.Sqrt(squares / float64(max(pairs-1, 1)*pairs))
		h.Mean += mean / float64(levels)
	}
	return h, nil
}

// heldOutPair evaluates held-out pair i at every level.
func (t *stepper) heldOutPair(worker, i int) error {
	w := t.evaluators[worker]
	for l := range t.heldSigma {
		loss, err := t.heldOutSample(w, i, l)
		if err != nil {
			return err
		}
		t.heldOut[i*len(t.heldSigma)+l] = loss
	}
	return nil
}

// heldOutSample evaluates held-out pair i at level l. The stream of z is
// (HeldOut, i, 1+l); all other streams are for the source's measurement noise.
func (t *stepper) heldOutSample(w *sampler, i, l int) (float64, error) {
	if err := t.source.HeldOut(w.x, w.y, uint64(i)); err != nil {
		return 0, fmt.Errorf("held-out pair %d: %w", i, err)
	}
	t.prepare(w.y)
	w.stream.Reset(t.settings.Seed, rng.HeldOut, uint64(i), uint64(1+l))
	for k := range w.z {
		w.z[k] = float32(w.stream.Normal())
	}
	return w.Loss(w.x, w.y, w.z, t.heldSigma[l]), nil
}

// heldOutFault returns a *NonFiniteError for the first held-out loss that is
// not finite, or nil if there is none.
func (t *stepper) heldOutFault() error {
	for k, loss := range t.heldOut {
		if finite(loss) {
			continue
		}
		i, l := k/len(t.heldSigma), k%len(t.heldSigma)
		e := &NonFiniteError{Step: t.steps, Slot: i, HeldOut: true, Pair: -1, Sigma: t.heldSigma[l],
			Loss: loss}
		if _, err := t.heldOutSample(t.samplers[0], i, l); err != nil {
			return err
		}
		e.locate(t.samplers[0])
		return e
	}
	return nil
}

// exchange swaps the weights and their running average in place, which saves
// the memory of a second network.
func (t *stepper) exchange() error {
	if err := t.each(len(t.squares), t.swap); err != nil {
		return err
	}
	t.weightsChanged()
	return nil
}

func (t *stepper) swapChunk(_, c int) error {
	from, to := t.chunk(c)
	w, a := t.weights[from:to], t.ema[from:to]
	for i := range w {
		w[i], a[i] = a[i], w[i]
	}
	return nil
}
