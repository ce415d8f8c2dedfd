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

// NonFiniteError reports that a loss or a gradient became NaN or infinite, or
// that a gradient was too large for the optimizer. The weights are those before
// the failed step.
type NonFiniteError struct {
	// Index of the step, from 0, as for Source.Training; for a held-out loss
	// the number of steps done.
	Step int
	// Place in the batch, or number of the pair for a held-out loss; −1 if each
	// sample alone is in range but their sum is not.
	Slot    int
	HeldOut bool    // the loss is a held-out loss of the averaged weights
	Pair    int64   // number of the pair in the data set, −1 if the source does not report it
	Sigma   float64 // noise level of the sample
	// Layer of the first value that is not finite, or the parameter of the
	// gradient; "x" or "y" if the pair itself is not finite; empty if unknown.
	Layer string
	// loss of the sample
	Loss float64
	Norm float64 // norm of the sample's gradient, or of the batch's mean gradient if Slot is −1
	Err  error   // the worker's diagnosis, or nil
}

// Error states step, loss and norm, the sample, and the layer if it is known.
func (e *NonFiniteError) Error() string {
	var b strings.Builder
	switch {
	case e.HeldOut:
		fmt.Fprintf(&b, "held-out loss not finite after %d steps: loss %v of held-out pair %d",
			e.Step, e.Loss, e.Slot)
	case e.Slot < 0:
		fmt.Fprintf(&b, "gradient out of range in step %d: norm %v of the batch, although each "+
			"sample alone is in range", e.Step, e.Norm)
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
	b.WriteString("; the weights are unchanged. Check the pair, or lower learning_rate or clip")
	return b.String()
}

// Unwrap returns the *nn.NonFiniteError of the layer; nil if no layer was
// found.
func (e *NonFiniteError) Unwrap() error { return e.Err }

// nonFinite returns the error for the current step, whose loss or gradient is
// not finite. It starts at the given slot (−1: all), and evaluates the samples
// again one by one, because only sums of their gradients are stored.
func (t *stepper) nonFinite(slot int) error {
	w, grads := t.samplers[0], t.grads.parts[0]
	batch := &NonFiniteError{Step: t.steps, Slot: -1, Pair: -1}
	if slot < 0 {
		var first int
		if first, batch.Norm = firstNonFinite(grads); first >= 0 {
			batch.Layer = t.network.Parameter(first)
		}
		batch.Norm /= float64(t.settings.Batch)
	}
	for slot := max(slot, 0); slot < t.settings.Batch; slot++ {
		if err := t.draw(&w.sample, t.steps, slot); err != nil {
			return err
		}
		clear(grads)
		e := &NonFiniteError{Step: t.steps, Slot: slot, Pair: -1, Sigma: w.sigma}
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

// locate sets Layer to the first place where the sample of w is not finite, if
// that place can be found.
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

// firstNonFinite returns the index of the first NaN or infinity of a, or −1 if
// there is none, and the norm of a.
func firstNonFinite(a []float32) (int, float64) {
	norm := math.Sqrt(kernel.SumSquares(a))
	if finite(norm) {
		return -1, norm
	}
	return slices.IndexFunc(a, func(v float32) bool { return !finite(float64(v)) }), norm
}
