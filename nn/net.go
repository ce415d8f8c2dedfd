package nn

import (
	"math"
	"strings"

	"csdm/autodiff"
	"csdm/internal/kernel"
	"csdm/internal/rng"
)

// Net is a score network: an architecture and its parameters. Tapes, one a worker, run it (see Worker); between
// changes of its parameters it is read-only and shared.
type Net[F kernel.Float] struct {
	arch   Arch
	params *autodiff.Parameters[F]
}

// NewNet returns a network with all parameters zero. It panics if the architecture is not valid.
func NewNet[F kernel.Float](a Arch) *Net[F] {
	if err := a.Validate(); err != nil {
		panic(err.Error())
	}
	n := &Net[F]{arch: a, params: autodiff.NewParameters[F]()}
	n.record(autodiff.Inference, 8, 8) // a dry run at the least size all variants take: it declares the layers
	n.params.Freeze()
	return n
}

// record writes the network down on a new tape for images of rows×cols.
func (n *Net[F]) record(mode autodiff.Mode, rows, cols int) (t *autodiff.Tape[F], in, out *autodiff.Tensor[F]) {
	t = autodiff.NewTape(n.params, mode)
	in = t.Input(rows, cols, n.arch.inputs())
	out = recorder[F]{Tape: t, params: n.params, pool: n.arch.Pool}.refineNet(n.arch, in)
	return t, in, out
}

// Arch returns the architecture.
func (n *Net[F]) Arch() Arch { return n.arch }

// Flat returns all parameters as one slice, which is the network's own: Repack must be called after writing to it.
func (n *Net[F]) Flat() []F { return n.params.Flat }

// Repack makes the values in Flat the ones the convolutions use. It must not run at the same time as a worker.
func (n *Net[F]) Repack() { n.params.Repack() }

// Convs is the number of convolutions: Repack in pieces is RepackConv for each of them, and the pieces may run at the same
// time.
func (n *Net[F]) Convs() int { return n.params.Convs() }

// RepackConv is Repack for convolution i of Convs.
func (n *Net[F]) RepackConv(i int) { n.params.RepackConv(i) }

// Entries lists the parameters with their names and their places in Flat.
func (n *Net[F]) Entries() []autodiff.Entry { return n.params.Entries() }

// NameAt returns the name of the parameter that holds Flat()[i], such as "res2.0.conv1.weight".
func (n *Net[F]) NameAt(i int) string { return n.params.NameAt(i) }

// Clone returns a network of its own with the same architecture and parameters.
func (n *Net[F]) Clone() *Net[F] {
	c := NewNet[F](n.arch)
	copy(c.Flat(), n.Flat())
	c.Repack()
	return c
}

// Init sets all parameters to random initial values, a function of the seed and the position of the parameter in
// Entries: weights and biases of convolutions uniform within ±1/√fan-in, as PyTorch initializes them; γ and α of the norms
// normal with mean 1 and standard deviation 0.02, β zero, as NCSNv2 does.
func (n *Net[F]) Init(seed uint64) {
	for i, e := range n.params.Entries() {
		stream := rng.New(seed, rng.Init, uint64(i), 0)
		values := n.params.Values(e)
		switch {
		case e.FanIn > 0:
			bound := 1 / math.Sqrt(float64(e.FanIn))
			for k := range values {
				values[k] = F(stream.Uniform(-bound, bound))
			}
		case strings.HasSuffix(e.Name, ".beta"):
			clear(values)
		default:
			for k := range values {
				values[k] = F(1 + 0.02*stream.Normal())
			}
		}
	}
	n.Repack()
}
