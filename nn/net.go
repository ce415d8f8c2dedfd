package nn

import (
	"math"
	"strings"

	"csdm/autodiff"
	"csdm/internal/kernel"
	"csdm/rng"
)

// Net is a score network: an architecture and its parameters. Each worker runs
// it on a tape of its own (see Worker). Between changes of its parameters a Net
// is read-only and may be shared.
type Net[F kernel.Float] struct {
	// shape of the network
	arch Arch
	// weights, by layer
	params *autodiff.Parameters[F]
}

// NewNet returns a network with all parameters zero. It panics if the
// architecture is not valid.
func NewNet[F kernel.Float](a Arch) *Net[F] {
	if err := a.Validate(); err != nil {
		panic(err.Error())
	}
	n := &Net[F]{arch: a, params: autodiff.NewParameters[F]()}
	least := max(2, a.leastSize())
	n.record(autodiff.Inference, least, least) // a dry run that declares the layers
	n.params.Freeze()
	return n
}

// record records the network on a new tape for images of rows×cols.
func (n *Net[F]) record(
	mode autodiff.Mode, rows, cols int,
) (t *autodiff.Tape[F], in inputs[F], out *autodiff.Tensor[F]) {
	t = autodiff.NewTape(n.params, mode)
	r := recorder[F]{Tape: t, params: n.params, pool: n.arch.Pool}
	if n.arch.isLight() {
		x, y := t.Input(rows, cols, n.arch.Fields()), t.Input(rows, cols, n.arch.measured())
		level := t.Input(1, 1, levelFeatures)
		return t, inputs[F]{x: channels[F]{x, 0}, y: channels[F]{y, 0},
			level: channels[F]{level, 0}}, r.light(n.arch, x, y, level)
	}
	all := t.Input(rows, cols, n.arch.inputs())
	in = inputs[F]{x: channels[F]{all, 0}, y: channels[F]{all, n.arch.Fields()},
		level: channels[F]{all, n.arch.Fields() + n.arch.measured()}}
	return t, in, r.refineNet(n.arch, all)
}

// inputs holds the places where a network takes a noisy field, a measurement
// and a noise level: channels of one image, or separate images.
type inputs[F kernel.Float] struct{ x, y, level channels[F] }

// channels are the channels of an image from number from on.
type channels[F kernel.Float] struct {
	// input image
	image *autodiff.Tensor[F]
	// first channel
	from int
}

// set sets a channel, counted from c.from, of pixel p.
func (c channels[F]) set(p, channel int, v float64) {
	c.image.Data[p*c.image.C+c.from+channel] = F(v)
}

// Arch returns the architecture of the network.
func (n *Net[F]) Arch() Arch { return n.arch }

// Flat returns all parameters as one slice, which belongs to the network. Call
// Repack after writing to it.
func (n *Net[F]) Flat() []F { return n.params.Flat }

// Repack copies the values in Flat to the layout of the convolutions. It must
// not run at the same time as a worker.
func (n *Net[F]) Repack() { n.params.Repack() }

// Convs returns the number of convolutions. Calling RepackConv for each of them
// is the same as Repack, and the calls may run concurrently.
func (n *Net[F]) Convs() int { return n.params.Convs() }

// RepackConv does the part of Repack that belongs to convolution i of Convs.
func (n *Net[F]) RepackConv(i int) { n.params.RepackConv(i) }

// ConvWeights returns the range of Flat that RepackConv(i) reads. The ranges
// ascend with i.
func (n *Net[F]) ConvWeights(i int) (from, to int) { return n.params.ConvWeights(i) }

// Entries returns the parameters with their names and their places in Flat.
func (n *Net[F]) Entries() []autodiff.Parameter { return n.params.Entries() }

// NameAt returns the name of the parameter that holds Flat()[i], such as
// "res2.0.conv1.weight".
func (n *Net[F]) NameAt(i int) string { return n.params.NameAt(i) }

// Clone returns an independent network with the same architecture and
// parameters.
func (n *Net[F]) Clone() *Net[F] {
	c := NewNet[F](n.arch)
	copy(c.Flat(), n.Flat())
	c.Repack()
	return c
}

// Init sets all parameters to random initial values, which are a function of
// the seed and of the position of the parameter in Entries. As in PyTorch,
// weights and biases of convolutions are uniform within ±1/√fan-in. As in
// NCSNv2, γ and α of the norms are normal with mean 1 and standard deviation
// 0.02, and β is zero. The last convolution of each block of a light network is
// zero.
func (n *Net[F]) Init(seed uint64) {
	for i, e := range n.params.Entries() {
		stream := rng.New(seed, rng.Init, uint64(i), 0)
		values := n.params.Values(e)
		switch {
		case n.arch.isLight() && strings.Contains(e.Name, ".conv2."):
			clear(values)
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
