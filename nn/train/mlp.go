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

type vectorNetwork struct {
	net     *nn.MLP[float32]
	arch    nn.MLPArch
	vectors int
	levels  nn.Levels
}

func (n *vectorNetwork) Weights() []float32           { return n.net.Flat() }
func (n *vectorNetwork) Update(i int)                 { n.net.RepackConv(i) }
func (n *vectorNetwork) Updates() int                 { return n.net.Convs() }
func (n *vectorNetwork) Updated(i int) (from, to int) { return n.net.ConvWeights(i) }
func (n *vectorNetwork) Parameter(i int) string       { return n.net.NameAt(i) }
func (n *vectorNetwork) NewEvaluator() Worker         { return n.net.NewEvaluator(n.vectors) }
func (n *vectorNetwork) NewWorker() Worker {
	return n.net.NewWorker(n.vectors, n.levels)
}
func (n *vectorNetwork) Hidden() []Matrix { return hidden(n.net.Entries(), vectorOuter) }
func (n *vectorNetwork) Sizes() (x, y int) {
	return n.vectors * n.arch.X, n.vectors * n.arch.Y
}
