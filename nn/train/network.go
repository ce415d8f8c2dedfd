package train

import (
	"sync"

	"csdm/autodiff"
	"csdm/nn"
)

// Network is the interface to the network being trained.
type Network interface {
	// Weights returns all parameters in one slice, the same in every call. The
	// trainer writes to it.
	Weights() []float32
	// Update is called for each i in [0, Updates()) after Weights changed,
	// while no worker is running. Calls for different i may run concurrently.
	Update(i int)
	Updates() int
	// Updated returns the range of Weights that Update(i) reads. The ranges
	// ascend with i.
	Updated(i int) (from, to int)
	// Sizes returns the lengths of x and y of a sample.
	Sizes() (x, y int)
	// NewWorker returns a Worker for one goroutine. If the network is a
	// Preparer, its workers take a y that is prepared.
	NewWorker() Worker
	// NewEvaluator returns a Worker for losses only, which needs less memory.
	NewEvaluator() Worker
	// Hidden returns the weight matrices of all layers except the first and the
	// last, in ascending order of Offset.
	Hidden() []Matrix
	// Parameter returns the name of the parameter that Weights()[i] belongs to,
	// for messages.
	Parameter(i int) string
}

// Worker evaluates single samples: the network sees x + sigma·z and y. x, y and
// z are planes (C, H, W); z is standard normal. A Worker belongs to one
// goroutine. After its first call it allocates nothing, except in Diagnose.
type Worker interface {
	// LossGrad returns the loss of a sample and adds the gradient to grads,
	// which is laid out like Weights.
	LossGrad(grads, x, y, z []float32, sigma float64) float64
	// Loss returns the loss of a sample.
	Loss(x, y, z []float32, sigma float64) float64
	// Diagnose returns an error that names the place where the last sample's
	// loss or gradient was first not finite (a *nn.NonFiniteError names the
	// layer), or nil.
	Diagnose() error
}

// Sharer is implemented by workers that can use several goroutines for each
// sample, with the same results. SetThreads sets their number, at least 1 and
// at most MostThreads, beyond which a sample has too little work. It may
// allocate.
type Sharer interface {
	SetThreads(n int)
	MostThreads() int
}

// Preparer is implemented by networks that do a part of the work on a
// measurement before a worker has it. Prepare replaces a normalized y by what
// workers take. It may be called concurrently.
type Preparer interface {
	Prepare(y []float32)
}

// ScoreNetwork returns the Network that trains net for images of rows×cols
// under the given parameterization.
func ScoreNetwork(net *nn.Net[float32], par nn.Parameterization, rows, cols int) Network {
	n := &scoreNetwork{net: net, par: par, rows: rows, cols: cols}
	n.planes.New = func() any {
		plane := make([]float64, rows*cols)
		return &plane
	}
	return n
}

// outer lists the weights of first and last layers, in any variant.
var outer = map[string]bool{
	"begin_conv.weight": true, "encoder.begin_conv.weight": true, "embed.level.weight": true,
	"end_conv.weight": true,
}

// scoreNetwork presents a Net as a Network.
type scoreNetwork struct {
	net *nn.Net[float32]
	// loss and scales
	par nn.Parameterization
	// size of the images
	rows, cols int
	planes     sync.Pool // *[]float64
}

// Prepare standardizes y. To unwrap phases can take as long as a tenth of a
// gradient, and threads cannot share it.
func (n *scoreNetwork) Prepare(y []float32) {
	plane := n.planes.Get().(*[]float64)
	defer n.planes.Put(plane)
	for c := range n.net.Arch().YChannels {
		values := y[c*len(*plane):][:len(*plane)]
		for p, v := range values {
			(*plane)[p] = float64(v)
		}
		n.par.Standardize(*plane, c, n.rows, n.cols)
		for p, v := range *plane {
			values[p] = float32(v)
		}
	}
}

// Weights returns the network's own memory, which the optimizer changes.
func (n *scoreNetwork) Weights() []float32 { return n.net.Flat() }

// Update packs convolution i again after the optimizer changed the weights.
func (n *scoreNetwork) Update(i int) { n.net.RepackConv(i) }

// Updates returns the number of convolutions, which threads pack apart.
func (n *scoreNetwork) Updates() int { return n.net.Convs() }

// Updated returns the range of weights that matrix i packs.
func (n *scoreNetwork) Updated(i int) (from, to int) { return n.net.ConvWeights(i) }

// Parameter names the tensor that weight i belongs to, for errors.
func (n *scoreNetwork) Parameter(i int) string { return n.net.NameAt(i) }

// NewWorker returns a worker with memory for activations and their gradients.
func (n *scoreNetwork) NewWorker() Worker {
	return n.net.NewWorker(nn.Standardized{Parameterization: n.par}, n.rows, n.cols)
}

// NewEvaluator returns a worker without memory for gradients, which needs about
// half as much.
func (n *scoreNetwork) NewEvaluator() Worker {
	return n.net.NewEvaluator(nn.Standardized{Parameterization: n.par}, n.rows, n.cols)
}

// Hidden returns the filters that Muon updates as matrices: all but the
// outermost layers'.
func (n *scoreNetwork) Hidden() []Matrix { return hidden(n.net.Entries(), outer) }

// Sizes returns the lengths of x, planes of all fields, and of y, planes of all
// channels.
func (n *scoreNetwork) Sizes() (x, y int) {
	plane := n.rows * n.cols
	return n.net.Arch().Fields() * plane, n.net.Arch().YChannels * plane
}

// hidden returns the weight matrices among the parameters, except the outer
// ones.
func hidden(entries []autodiff.Parameter, outer map[string]bool) (hidden []Matrix) {
	for _, e := range entries {
		if len(e.Shape) == 4 && !outer[e.Name] {
			cols := e.Shape[3]
			hidden = append(hidden, Matrix{Offset: e.Offset, Rows: e.Size() / cols, Cols: cols})
		}
	}
	return hidden
}

// Source provides the pairs. Its methods are called concurrently. They must
// return the same numbers for the same indices.
type Source interface {
	// Training sets x and y to the normalized pair of a slot of the batch of a
	// step (from 0).
	Training(x, y []float32, step, slot uint64) error
	// HeldOut sets x and y to pair i of HeldOutLen pairs that Training never
	// returns.
	HeldOut(x, y []float32, i uint64) error
	HeldOutLen() int
}

// Pairer is implemented by sources that can report which pair of the data set a
// slot holds, for messages.
type Pairer interface {
	Pair(step, slot uint64) uint64
}

// Stabilizer is implemented by sources that can reduce the scatter of a
// sample's training target.
type Stabilizer interface {
	// Stabilize is called after Training for the same slot, with the diffusion
	// noise z of level sigma. It may change x and z if it preserves x + sigma·z
	// and the expectation of x given x + sigma·z and y. It is not called for
	// held-out pairs, whose loss keeps the scatter.
	Stabilize(x, y, z []float32, sigma float64, step, slot uint64) error
}
