package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/internal/kernel"
	"csdm/nn"
)

// NonFiniteError says that a loss or a gradient became NaN or infinite, or a
// gradient too large for the optimizer. The weights are still those before the
// step.
type NonFiniteError struct {
	// index of the step, from 0: the first argument of Source.Training; of a
	// held-out loss, the steps done
	Step int
	// place in the batch; number of the pair where HeldOut; −1 if each sample
	// alone is in range, but not their sum
	Slot    int
	HeldOut bool    // the loss is a held-out one, of the averaged weights
	Pair    int64   // number of the pair in the data set, −1 if the source doesn't tell
	Sigma   float64 // noise level of the sample
	// layer where it came up, or else the parameter whose gradient it is; "x"
	// or "y" if the pair is to blame; empty if unknown
	Layer string
	Loss  float64
	Norm  float64 // of the sample's gradient, or of the batch's mean gradient if Slot is −1
	Err   error   // the worker's diagnosis, or nil
}

func (e *NonFiniteError) Error() string {
	var b strings.Builder
	switch {
	case e.HeldOut:
		fmt.Fprintf(&b, "held-out loss not finite after %d steps: loss %v of held-out pair %d",
			e.Step, e.Loss, e.Slot)
	case e.Slot < 0:
		fmt.Fprintf(&b,
			"gradient out of range in step %d: norm %v of the batch, each sample alone being in "+
				"range", e.Step, e.Norm)
	default:
		fmt.Fprintf(&b, "training not finite in step %d: loss %v, gradient norm %v of slot %d",
			e.Step, e.Loss, e.Norm, e.Slot)
	}
	if e.Pair >= 0 {
		fmt.Fprintf(&b, " (pair %d of the data)", e.Pair)
	}
	if e.Slot >= 0 {
		fmt.Fprintf(&b, ", noise level %.6g", e.Sigma)
	}
	if e.Layer != "" {
		fmt.Fprintf(&b, ", first in %s", e.Layer)
	}
	b.WriteString(
		"; the weights are those before it. Check the pair, or lower learning_rate or clip")
	return b.String()
}

func (e *NonFiniteError) Unwrap() error { return e.Err }

// nonFinite finds what made the step under way not finite, from the given slot
// on (−1: all). It takes the samples again one by one, since their gradients
// are known only as sums.
func (t *stepper) nonFinite(slot int) error {
	w, grads := t.samplers[0], t.grads.places[0]
	batch := &NonFiniteError{Step: t.steps, Slot: -1, Pair: -1}
	if slot < 0 {
		var first int
		if first, batch.Norm = firstNonFinite(grads); first >= 0 {
			batch.Layer = t.network.Parameter(first)
		}
		batch.Norm /= float64(t.settings.Batch)
	}
	for slot := max(slot, 0); slot < t.settings.Batch; slot++ {
		if err := t.draw(w, slot); err != nil {
			return err
		}
		clear(grads)
		e := &NonFiniteError{Step: t.steps, Slot: slot, Pair: -1, Sigma: t.sigmas[slot]}
		e.Loss = w.LossGrad(grads, w.x, w.y, w.z, e.Sigma)
		var first int
		if first, e.Norm = firstNonFinite(grads); finite(e.Loss) && e.Norm <= gradientLimit {
			continue
		}
		if first >= 0 {
			e.Layer = t.network.Parameter(first)
		}
		if p, ok := t.source.(Pairer); ok {
			e.Pair = int64(p.Pair(uint64(t.steps), uint64(slot)))
		}
		e.locate(w)
		return e
	}
	return batch
}

// locate sets Layer to where the sample that w holds first is not finite, as
// far as that can be told.
func (e *NonFiniteError) locate(w *sampler) {
	if i, _ := firstNonFinite(w.x); i >= 0 {
		e.Layer = "x"
		return
	}
	if i, _ := firstNonFinite(w.y); i >= 0 {
		e.Layer = "y"
		return
	}
	e.Err = w.Diagnose()
	if at, ok := errors.AsType[*nn.NonFiniteError](e.Err); ok {
		e.Layer = at.Layer
	}
}

// firstNonFinite returns the index of the first NaN or infinity of a, −1 if
// there is none, and the norm of a.
func firstNonFinite(a []float32) (int, float64) {
	norm := math.Sqrt(kernel.SumSquares(a))
	if finite(norm) {
		return -1, norm
	}
	return slices.IndexFunc(a, func(v float32) bool { return !finite(float64(v)) }), norm
}
