package nn

import (
	"fmt"
	"math"

	"csdm/autodiff"
	"csdm/internal/kernel"
)

// Worker runs a network on one sample at a time. It belongs to one goroutine;
// any number of workers share a network. Its methods allocate nothing.
type Worker[F kernel.Float] struct {
	// shared, read only
	net *Net[F]
	// scales of inputs, output and loss
	par Parameterization
	// the tape has memory for gradients
	training bool
	// the network recorded for one image size
	tape *autodiff.Tape[F]
	// places of x̃, y and σ in the tape's inputs
	in inputs[F]
	// output F, one channel for each field
	out     *autodiff.Tensor[F]
	encoded bool        // the last Forward used the measurement that is set
	y       []float64   // the measurement, standardized; NaN: missing
	plane   []float64   // its first channel
	linear  *linearWork // nil: the network has no linear estimate
	target  []F         // target of the output for the last sample, laid out as out
	sigma   float64     // noise level of the last sample

	sample struct { // the last sample, until it is stored
		x, z []F
		y    []F // nil if y was standardized here
		k    Coefficients
	}
	// The bodies of shared loops, made once so that a call creates no closure.
	storeY, storeSample, storeGradient func(from, to int)
}

// NonFiniteError reports where a NaN or an infinity first appeared.
type NonFiniteError struct {
	Layer    string  // such as "res2.0.conv1"; "input" and "loss" are not layers
	Op       string  // operation of the layer
	Backward bool    // true in the backward pass
	Sigma    float64 // noise level
}

// Error names the layer, its operation, the pass and the noise level.
func (e *NonFiniteError) Error() string {
	pass := "forward"
	if e.Backward {
		pass = "backward"
	}
	return fmt.Sprintf("nn: non-finite in layer %s (%s, %s pass, sigma %g)", e.Layer, e.Op, pass,
		e.Sigma)
}

// NewWorker returns a worker that computes losses and gradients for images of
// rows×cols. It panics if the parameterization does not fit the network or the
// images are too small for it.
func (n *Net[F]) NewWorker(par Parameterization, rows, cols int) *Worker[F] {
	return n.newWorker(par, rows, cols, autodiff.Training)
}

// NewEvaluator returns a worker for losses and scores only, with a fraction of
// the memory of NewWorker.
func (n *Net[F]) NewEvaluator(par Parameterization, rows, cols int) *Worker[F] {
	return n.newWorker(par, rows, cols, autodiff.Inference)
}

func (n *Net[F]) newWorker(par Parameterization, rows, cols int, mode autodiff.Mode) *Worker[F] {
	if par.Extra() != n.arch.Extra {
		panic(fmt.Sprintf("nn: a network with %d extra channels does not fit the "+
			"parameterization %s", n.arch.Extra, par.Name()))
	}
	if err := par.Validate(n.arch.YChannels, rows*cols); err != nil {
		panic(err.Error())
	}
	if err := n.arch.CheckSize(rows, cols); err != nil {
		panic(err.Error())
	}
	w := &Worker[F]{net: n, par: par, training: mode == autodiff.Training,
		target: make([]F, n.arch.Fields()*rows*cols),
		y:      make([]float64, n.arch.YChannels*rows*cols)}
	w.plane = w.y[:rows*cols]
	if n.arch.Linear {
		l := par.Estimate()
		if l == nil || l.check(len(w.y), len(w.target)) != nil {
			panic(fmt.Sprintf("nn: a network that reads a linear estimate needs one of %d values "+
				"from %d", len(w.target), len(w.y)))
		}
		// c_in without noise is 1/σ_d.
		w.linear = newLinearWork(l, par.At(math.SmallestNonzeroFloat64).In)
	}
	w.storeY, w.storeSample, w.storeGradient = w.setY, w.setPixels, w.setGradient
	w.tape, w.in, w.out = n.record(mode, rows, cols)
	w.tape.Compile(w.out)
	return w
}

// Bytes returns the size of the worker's memory.
func (w *Worker[F]) Bytes() int { return w.tape.Bytes() }

// MultiplyAdds returns the number of multiply-adds of the convolutions in a
// forward pass. The backward pass takes twice as many.
func (w *Worker[F]) MultiplyAdds() int { return w.tape.MultiplyAdds() }

// MostThreads returns the number of goroutines for which a score has enough
// work, or a gradient, which has three times the work.
func (w *Worker[F]) MostThreads() int {
	work := w.MultiplyAdds()
	if w.training {
		work *= 3
	}
	return max(1, work/threadWork)
}

// SetThreads lets the worker use up to n ≥ 1 goroutines for each sample, at
// most MostThreads, with bit-identical results. It serves calls with fewer
// samples than cores. Do not call it during another call.
func (w *Worker[F]) SetThreads(n int) { w.tape.SetThreads(min(n, w.MostThreads())) }

// Loss returns the loss of one sample at noise level sigma, ½‖F - target‖² (see
// Coefficients). The fields x and the noise z have rows·cols elements per
// field, the measurement y has y_channels·rows·cols; all are normalized. A
// value of y that is missing is NaN, for a network with a mask. If the loss is
// not finite, Diagnose finds the cause.
func (w *Worker[F]) Loss(x, y, z []F, sigma float64) float64 {
	w.setSample(x, y, z, sigma)
	w.forward()
	return w.loss()
}

// LossGrad returns the loss of one sample, as Loss does, and adds its gradient
// with respect to the parameters to grads, in the layout of Net.Flat. If the
// loss is not finite it adds nothing.
func (w *Worker[F]) LossGrad(grads, x, y, z []F, sigma float64) float64 {
	if !w.training {
		panic("nn: LossGrad needs a worker of NewWorker, not of NewEvaluator")
	}
	loss := w.Loss(x, y, z, sigma)
	if loss-loss == 0 {
		w.backward(grads)
	}
	return loss
}

// forward runs the network. An evaluator runs the part that depends on the
// measurement alone once per measurement.
func (w *Worker[F]) forward() {
	if w.encoded {
		w.tape.ForwardRest()
		return
	}
	w.tape.Forward()
	w.encoded = !w.training
}

// Diagnose runs the last sample again and checks each intermediate result. It
// returns a *NonFiniteError with the place of the first NaN or infinity, or nil
// if all results are finite.
func (w *Worker[F]) Diagnose() error {
	if f, found := w.tape.FaultForward(); found {
		return &NonFiniteError{f.Layer, f.Op, false, w.sigma}
	}
	if loss := w.loss(); loss-loss != 0 {
		return &NonFiniteError{"loss", "loss", false, w.sigma}
	}
	if !w.training {
		return nil
	}
	w.setGradient(0, len(w.plane))
	if f, found := w.tape.FaultBackward(make([]F, len(w.net.Flat()))); found {
		return &NonFiniteError{f.Layer, f.Op, true, w.sigma}
	}
	return nil
}

// NonFiniteLayer returns the name of the layer that Diagnose finds, or "" if
// all results are finite.
func (w *Worker[F]) NonFiniteLayer() string {
	if e, ok := w.Diagnose().(*NonFiniteError); ok {
		return e.Layer
	}
	return ""
}

// setSample sets the network's input, x̃ = x + σz and y, and the target of its
// output.
func (w *Worker[F]) setSample(x, y, z []F, sigma float64) {
	w.readSample(x, y, z, sigma)
	w.tape.Share(len(w.plane), w.storeSample)
}

// readSample does the part of setSample that threads cannot share.
func (w *Worker[F]) readSample(x, y, z []F, sigma float64) {
	if n := len(w.target); len(x) != n || len(z) != n {
		panic(fmt.Sprintf("nn: x of %d and z of %d elements for %d fields of %d×%d pixels", len(x),
			len(z), w.out.C, w.out.H, w.out.W))
	}
	k := w.par.At(sigma)
	w.sample.x, w.sample.z, w.sample.k = x, z, k
	w.setLevel(k, sigma)
	if _, ok := w.par.(Standardized); ok {
		w.checkMeasurement(len(y))
		w.sample.y, w.encoded = y, false
		w.estimate()
	} else {
		readMeasurement(w, y)
	}
	if l := w.linear; l != nil {
		for i := range l.r {
			l.r[i] = float64(x[i]) + sigma*float64(z[i]) - l.x[i]
		}
		l.shrink(l.base, l.r, sigma)
	}
}

// setPixels stores a range of the pixels of a sample that was read.
func (w *Worker[F]) setPixels(from, to int) {
	w.setY(from, to)
	k, sigma, hw := &w.sample.k, w.sigma, len(w.plane)
	for field := range w.out.C {
		x, z, target := w.sample.x[field*hw:][:hw], w.sample.z[field*hw:][:hw], w.target[field:]
		for p := from; p < to; p++ {
			xi, zi := float64(x[p]), float64(z[p])
			w.in.x.set(p, field, k.In*(xi+sigma*zi))
			target[p*w.out.C] = F(k.TargetX*xi + k.TargetZ*zi)
		}
		for p := from; w.linear != nil && p < to; p++ { // x − D₀ = σ²H(x̃ − x̂) − σz
			h := sigma * w.linear.base[field*hw+p]
			target[p*w.out.C] = F((h - float64(z[p])) * sigma / k.Out)
		}
	}
}

// setMeasurement sets the measurement channels of the input, from planes.
func setMeasurement[F, Y kernel.Float](w *Worker[F], y []Y) {
	readMeasurement(w, y)
	w.setY(0, len(w.plane))
}

// readMeasurement standardizes the channels of a measurement.
func readMeasurement[F, Y kernel.Float](w *Worker[F], y []Y) {
	hw := len(w.plane)
	w.checkMeasurement(len(y))
	w.sample.y, w.encoded = nil, false
	for p, v := range y {
		w.y[p] = float64(v)
	}
	for ch := range w.net.arch.YChannels {
		w.par.Standardize(w.y[ch*hw:][:hw], ch, w.out.H, w.out.W)
	}
	w.estimate()
}

// estimate computes the linear estimate from the measurement that was read.
func (w *Worker[F]) estimate() {
	if l := w.linear; l != nil {
		for k, place := range l.Places {
			l.v[k] = w.yAt(place)
		}
		l.estimate(l.x, l.v)
	}
}

// checkMeasurement panics unless a measurement of the network has n values.
func (w *Worker[F]) checkMeasurement(n int) {
	if n != len(w.y) {
		panic(fmt.Sprintf("nn: y of %d elements for %d channels of %d×%d pixels", n,
			w.net.arch.YChannels, w.out.H, w.out.W))
	}
}

// setY stores a range of the pixels of the measurement that was read. In a
// network with a mask, a missing value is stored as 0, and the mask is 0 where
// any channel is missing.
func (w *Worker[F]) setY(from, to int) {
	hw, channels, masked := len(w.plane), w.net.arch.YChannels, w.net.arch.Masked
	for p := from; masked && p < to; p++ {
		w.in.y.set(p, channels, 1)
	}
	for ch := range channels {
		for p := from; p < to; p++ {
			v := w.yAt(ch*hw + p)
			if masked && v != v {
				v = 0
				w.in.y.set(p, channels, 0)
			}
			w.in.y.set(p, ch, v)
		}
	}
	if w.linear != nil {
		w.storeEstimate(from, to)
	}
}

// storeEstimate stores a range of the pixels of the linear estimate, from its
// mean and in units of σ_d, so that the channels have about unit size.
func (w *Worker[F]) storeEstimate(from, to int) {
	l, hw := w.linear, len(w.plane)
	first := w.net.arch.measured() - w.out.C
	for field := range w.out.C {
		for p := from; p < to; p++ {
			w.in.y.set(p, first+field, (l.x[field*hw+p]-l.mean)*l.scale)
		}
	}
}

// yAt returns value k of the standardized measurement.
func (w *Worker[F]) yAt(k int) float64 {
	if w.sample.y != nil {
		return float64(w.sample.y[k])
	}
	return w.y[k]
}

// setLevel sets the noise level, and the extra channel if there is one.
func (w *Worker[F]) setLevel(k Coefficients, sigma float64) {
	w.sigma = sigma
	if w.net.arch.Extra == 0 {
		return
	}
	if w.net.arch.isLight() {
		setLevelFeatures(w.in.level.image.Data, k.LogSigmaQuarter)
		return
	}
	for p := range w.plane {
		w.in.level.set(p, 0, k.LogSigmaQuarter)
	}
}

// loss returns ½‖F - target‖² of the network's output.
func (w *Worker[F]) loss() float64 {
	sum := 0.0
	for p, f := range w.out.Data {
		d := float64(f - w.target[p])
		sum += d * d
	}
	return sum / 2
}

// backward adds the gradient of the loss to grads.
func (w *Worker[F]) backward(grads []F) {
	w.tape.Share(len(w.plane), w.storeGradient)
	w.tape.Backward(grads)
}

// setGradient sets the gradient of the output at a range of pixels.
func (w *Worker[F]) setGradient(from, to int) {
	for p := from * w.out.C; p < to*w.out.C; p++ {
		w.out.Grad[p] = w.out.Data[p] - w.target[p]
	}
}
