package nn

import (
	"time"

	"csdm/autodiff"
)

// Operations returns the operations of the worker's network in the order of the
// forward pass.
func (w *Worker[F]) Operations() []autodiff.Operation { return w.tape.Operations() }

// TimeLossGrad does the same as LossGrad, or as Loss if grads is nil. It also
// sets forward[i] and backward[i] to the times of operation i of Operations.
// Reading the clock makes the passes slightly slower.
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

// TimeParts returns the times of the parts in which n threads would compute
// loss and gradient of a sample, as LossGrad does; see autodiff.Tape.TimeParts.
// The last two entries are the times to set the sample and for the loss, which
// one thread needs alone.
func (w *Worker[F]) TimeParts(n int, grads, x, y, z []F, sigma float64,
	clock func() time.Duration) [][]time.Duration {
	timed := func(do func()) []time.Duration {
		start := clock()
		do()
		return []time.Duration{clock() - start}
	}
	var loss []time.Duration
	set := timed(func() { w.setSample(x, y, z, sigma) })
	times := w.tape.TimeParts(n, grads, func() { loss = timed(func() { w.loss() }) }, clock)
	return append(times, set, loss)
}
