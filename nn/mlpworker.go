package nn

import (
	"fmt"
	"math"

	"csdm/autodiff"
	"csdm/internal/kernel"
)

// vectorPreconditioning relates the output of an MLP to the score. Its unknowns
// have unit variance.
var vectorPreconditioning = &Preconditioned{SigmaData: 1}

// MLPWorker runs an MLP on blocks of vectors. It belongs to one goroutine; any
// number of workers share a network. Its methods allocate nothing, except
// Diagnose.
type MLPWorker[F kernel.Float] struct {
	// shared, read only
	net *MLP[F]
	// vectors of a block
	vectors int
	levels  Levels // nil: for losses and scores only
	// the network recorded for one block
	tape *autodiff.Tape[F]
	// input images of the tape
	in mlpInputs[F]
	// output F of the tape, vectors·X values
	out *autodiff.Tensor[F]
	// target of F for the last block
	target []F
	// noise level of the last block, for errors
	sigma   float64
	encoded bool // the last pass used the measurement that is set
}

// Levels is the distribution of the noise levels of a training. LevelShare
// returns the probability of smaller levels than sigma, and Level is its
// inverse.
type Levels interface {
	LevelShare(sigma float64) float64
	Level(share float64) float64
}

// NewWorker returns a worker for blocks of n vectors. It computes gradients at
// noise levels of the distribution (see LossGrad).
func (n *MLP[F]) NewWorker(vectors int, levels Levels) *MLPWorker[F] {
	w := n.newWorker(autodiff.Training, vectors)
	w.levels = levels
	return w
}

// NewEvaluator returns a worker for losses and scores of blocks of n vectors,
// with a fraction of the memory of NewWorker.
func (n *MLP[F]) NewEvaluator(vectors int) *MLPWorker[F] {
	return n.newWorker(autodiff.Inference, vectors)
}

// newWorker records the network for blocks of n vectors, and allocates its
// memory.
func (n *MLP[F]) newWorker(mode autodiff.Mode, vectors int) *MLPWorker[F] {
	w := &MLPWorker[F]{net: n, vectors: vectors, target: make([]F, vectors*n.arch.X)}
	w.tape, w.in, w.out = n.record(mode, vectors)
	w.tape.Compile(w.out)
	return w
}

// Loss returns the loss of a block at noise level sigma, the mean over its
// vectors of ½‖F - target‖² (see Coefficients). x and z hold the unknowns and
// the noise, vector by vector, and y the measurements; x and y are
// standardized.
func (w *MLPWorker[F]) Loss(x, y, z []F, sigma float64) float64 {
	w.sigma = sigma
	w.setBlock(x, y, z, func(int) float64 { return sigma })
	w.tape.Forward()
	return w.loss()
}

// LossGrad returns the loss of a block with a noise level for each vector, and
// adds its gradient with respect to the parameters to grads. If the loss is not
// finite it adds nothing.
//
// The levels divide the probability of their distribution evenly, and the first
// one is sigma: if sigma has that distribution, so has each level, and the mean
// over a block scatters less than with independent levels (Kingma et al. 2021,
// appendix I.1).
func (w *MLPWorker[F]) LossGrad(grads, x, y, z []F, sigma float64) float64 {
	if w.levels == nil {
		panic("nn: LossGrad needs a worker of NewWorker, not of NewEvaluator")
	}
	w.sigma = sigma
	first := w.levels.LevelShare(sigma)
	w.setBlock(x, y, z, func(j int) float64 {
		_, share := math.Modf(first + float64(j)/float64(w.vectors))
		return w.levels.Level(share)
	})
	w.tape.Forward()
	loss := w.loss()
	if loss-loss == 0 {
		w.tape.Backward(grads)
	}
	return loss
}

// setBlock sets the network's inputs and the targets of its output. level
// returns the noise level of a vector.
func (w *MLPWorker[F]) setBlock(x, y, z []F, level func(j int) float64) {
	d := w.net.arch.X
	if len(x) != w.vectors*d || len(z) != len(x) || len(y) != w.vectors*w.net.arch.Y {
		panic(fmt.Sprintf("nn: x of %d, y of %d and z of %d elements for %d vectors", len(x),
			len(y), len(z), w.vectors))
	}
	copy(w.in.y.Data, y)
	for j := range w.vectors {
		sigma := level(j)
		k := vectorPreconditioning.At(sigma)
		for i := j * d; i < (j+1)*d; i++ {
			xi, zi := float64(x[i]), float64(z[i])
			w.in.x.Data[i] = F(k.In * (xi + sigma*zi))
			w.target[i] = F(k.TargetX*xi + k.TargetZ*zi)
		}
		setLevelFeatures(w.in.level.Data[j*levelFeatures:][:levelFeatures], k.LogSigmaQuarter)
	}
	w.encoded = false
}

// loss returns the loss of the network's output and, for training, sets its
// gradient.
func (w *MLPWorker[F]) loss() float64 {
	sum, share := 0.0, 1/F(w.vectors)
	for i, f := range w.out.Data {
		d := f - w.target[i]
		sum += float64(d) * float64(d)
		if w.levels != nil {
			w.out.Grad[i] = d * share
		}
	}
	return sum / 2 / float64(w.vectors)
}

// Diagnose runs the last block again and returns a *NonFiniteError with the
// place of the first NaN or infinity, or nil if all results are finite.
func (w *MLPWorker[F]) Diagnose() error {
	if f, found := w.tape.FaultForward(); found {
		return &NonFiniteError{f.Layer, f.Op, false, w.sigma}
	}
	if loss := w.loss(); loss-loss != 0 {
		return &NonFiniteError{"loss", "loss", false, w.sigma}
	}
	if w.levels == nil {
		return nil
	}
	if f, found := w.tape.FaultBackward(make([]F, len(w.net.Flat()))); found {
		return &NonFiniteError{f.Layer, f.Op, true, w.sigma}
	}
	return nil
}

// MLPScorer computes the scores of a block of vectors for one measurement. Its
// state holds the vectors one after the other. It belongs to one goroutine.
type MLPScorer struct{ w *MLPWorker[float32] }

// NewMLPScorer returns a scorer of blocks of n vectors for the standardized
// measurement y.
func NewMLPScorer(net *MLP[float32], y []float64, vectors int) *MLPScorer {
	w := net.NewEvaluator(vectors)
	if len(y) != net.arch.Y {
		panic(fmt.Sprintf("nn: y of %d components; the network needs %d", len(y), net.arch.Y))
	}
	for i := range w.in.y.Data {
		w.in.y.Data[i] = float32(y[i%len(y)])
	}
	return &MLPScorer{w}
}

// Score sets dst to the scores at the states x with noise of standard deviation
// sigma > 0. It returns a *NonFiniteError if a result is not finite.
func (s *MLPScorer) Score(dst, x []float64, sigma float64) error {
	w := s.w
	k := vectorPreconditioning.At(sigma)
	for i, v := range x {
		w.in.x.Data[i] = float32(k.In * v)
	}
	for j := range w.vectors {
		setLevelFeatures(w.in.level.Data[j*levelFeatures:][:levelFeatures], k.LogSigmaQuarter)
	}
	if w.sigma = sigma; w.encoded {
		w.tape.ForwardRest()
	} else {
		w.tape.Forward()
		w.encoded = true
	}
	bad := 0.0
	for i, f := range w.out.Data {
		dst[i] = k.ScoreX*x[i] + k.ScoreF*float64(f)
		bad += dst[i] - dst[i]
	}
	if bad != 0 {
		if f, found := w.tape.FaultForward(); found {
			return &NonFiniteError{f.Layer, f.Op, false, sigma}
		}
		return &NonFiniteError{"score", "score", false, sigma}
	}
	return nil
}
