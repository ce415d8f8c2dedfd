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
		w.setGradient(0, len(w.plane))
		w.tape.TimeBackward(grads, backward)
	}
	return loss
}

// TimeParts returns the times of the stages in which n threads would compute
// loss and gradient of a sample, as LossGrad does; see autodiff.Tape.TimeParts.
func (w *Worker[F]) TimeParts(n int, grads, x, y, z []F, sigma float64,
	clock func() time.Duration) (times [][]time.Duration) {
	timed := func(do func()) {
		start := clock()
		do()
		times = append(times, []time.Duration{clock() - start})
	}
	share := func(do func(from, to int)) {
		times = append(times, w.tape.TimeShare(n, len(w.plane), do, clock))
	}
	timed(func() { w.readSample(x, y, z, sigma) })
	share(w.storeSample)
	stages := w.tape.TimeParts(n, grads, func() {
		timed(func() { w.loss() })
		share(w.storeGradient)
	}, clock)
	return append(stages, times...)
}
