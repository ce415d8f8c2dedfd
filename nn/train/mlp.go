package train

import "csdm/nn"

// VectorNetwork returns the Network that trains an MLP. One of its samples is a
// block of vectors with a noise level each.
func VectorNetwork(net *nn.MLP[float32], a nn.MLPArch, vectors int, levels nn.Levels) Network {
	return &vectorNetwork{net, a, vectors, levels}
}

// vectorOuter lists the weights of the first and the last layers.
var vectorOuter = map[string]bool{"begin.weight": true, "embed.y.weight": true,
	"embed.level.weight": true, "end.weight": true}

// vectorNetwork presents an MLP as a Network.
type vectorNetwork struct {
	net  *nn.MLP[float32]
	arch nn.MLPArch
	// vectors of a sample
	vectors int
	// distribution of the noise levels
	levels nn.Levels
}

// Weights returns the network's own memory, which the optimizer changes.
func (n *vectorNetwork) Weights() []float32 { return n.net.Flat() }

// Update packs matrix i again after the optimizer changed the weights.
func (n *vectorNetwork) Update(i int) { n.net.RepackConv(i) }

// Updates returns the number of matrices, which threads pack apart.
func (n *vectorNetwork) Updates() int { return n.net.Convs() }

// Updated returns the range of weights that matrix i packs.
func (n *vectorNetwork) Updated(i int) (from, to int) { return n.net.ConvWeights(i) }

// Parameter names the array that weight i belongs to, for errors.
func (n *vectorNetwork) Parameter(i int) string { return n.net.NameAt(i) }

// NewEvaluator returns a worker without memory for gradients.
func (n *vectorNetwork) NewEvaluator() Worker { return n.net.NewEvaluator(n.vectors) }

// NewWorker returns a worker whose sample is a block of vectors: a product with
// a block is one of matrices, which reads each weight once for all vectors.
func (n *vectorNetwork) NewWorker() Worker {
	return n.net.NewWorker(n.vectors, n.levels)
}

// Hidden returns the matrices that Muon updates: all but the first and the last
// layer's.
func (n *vectorNetwork) Hidden() []Matrix { return hidden(n.net.Entries(), vectorOuter) }

// Sizes returns the lengths of x and y of one sample, over its vectors.
func (n *vectorNetwork) Sizes() (x, y int) {
	return n.vectors * n.arch.X, n.vectors * n.arch.Y
}
