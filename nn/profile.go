package nn

import (
	"time"

	"csdm/autodiff"
)

// Operations lists the operations of the worker's network in the order of the
// forward pass.
func (w *Worker[F]) Operations() []autodiff.Operation { return w.tape.Operations() }

// TimeLossGrad is LossGrad, or with grads nil Loss, and sets forward[i] and
// backward[i] to what operation i of Operations took. Reading the clock makes
// the whole a little slower.
func (w *Worker[F]) TimeLossGrad(grads, x, y, z []F, sigma float64,
	forward, backward []time.Duration) float64 {
	w.setSample(x, y, z, sigma)
	w.tape.TimeForward(forward)
	loss := w.loss()
	if grads != nil {
		w.tape.TimeBackward(grads, backward)
	}
	return loss
}
