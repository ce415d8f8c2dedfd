package nn

import (
	"fmt"
	"math"
	"strings"

	"csdm/autodiff"
	"csdm/internal/kernel"
	"csdm/rng"
)

// MLPArch is the architecture of a residual multilayer perceptron: a score
// network for an unknown and a measurement that are vectors, not fields.
type MLPArch struct {
	X      int `json:"x"`      // components of the unknown
	Y      int `json:"y"`      // components of the measurement
	Width  int `json:"width"`  // of the hidden layers
	Blocks int `json:"blocks"` // residual blocks
}

// Validate returns an error if a field of the architecture is out of range.
func (a MLPArch) Validate() error {
	for _, c := range []struct {
		name   string
		value  int
		lo, hi int
	}{{"components of x", a.X, 1, 4096}, {"components of y", a.Y, 1, 4096},
		{"width", a.Width, 2, 4096}, {"blocks", a.Blocks, 1, 64}} {
		if c.value < c.lo || c.value > c.hi {
			return fmt.Errorf("nn: %s: %d; the number must be %d to %d", c.name, c.value, c.lo,
				c.hi)
		}
	}
	return nil
}

// MLP is a residual multilayer perceptron. The noise level and y are embedded,
// and their sum e steers every block:
//
//	e = ELU(W cosines(¼ ln σ) + W ELU(W y))
//	h ← h + W ELU(W ELU(h) + W e)
//
// Each W has weights and a bias of its own. A Net and an MLP share the rules
// about concurrent use.
//
// The layers are 1×1 convolutions of an image of one row, whose pixels are
// vectors: one pass of a worker takes a block of vectors.
type MLP[F kernel.Float] struct {
	// widths and depth
	arch MLPArch
	// weights, by layer
	params *autodiff.Parameters[F]
}

// NewMLP returns a network with all parameters zero. It panics if the
// architecture is not valid.
func NewMLP[F kernel.Float](a MLPArch) *MLP[F] {
	if err := a.Validate(); err != nil {
		panic(err.Error())
	}
	n := &MLP[F]{arch: a, params: autodiff.NewParameters[F]()}
	n.record(autodiff.Inference, 1)
	n.params.Freeze()
	return n
}

// mlpInputs are the input images of one row: unknowns, measurements, and the
// features of the noise levels.
type mlpInputs[F kernel.Float] struct{ x, y, level *autodiff.Tensor[F] }

// record records the network on a new tape for blocks of n vectors.
func (n *MLP[F]) record(
	mode autodiff.Mode, vectors int,
) (t *autodiff.Tape[F], in mlpInputs[F], out *autodiff.Tensor[F]) {
	a := n.arch
	t = autodiff.NewTape(n.params, mode)
	r := recorder[F]{Tape: t, params: n.params}
	in = mlpInputs[F]{t.Input(1, vectors, a.X), t.Input(1, vectors, a.Y),
		t.Input(1, vectors, levelFeatures)}
	y := r.conv1("embed.y2", r.ELU(r.conv1("embed.y", in.y, a.Width)), a.Width)
	r.EndPrefix()
	level := r.params.Conv("embed.level", levelFeatures, a.Width, 1, 1, true)
	e := r.ELU(r.ConvAdd(level, in.level, y))
	h := r.conv1("begin", in.x, a.Width)
	for i := range a.Blocks {
		name := fmt.Sprintf("block.%d", i)
		inner := func(part string) *autodiff.Conv[F] {
			return r.params.Conv(name+part, a.Width, a.Width, 1, 1, true)
		}
		g := r.ConvAdd(inner(".conv1"), r.ELU(h), r.Conv(inner(".embed"), e))
		h = r.ConvAdd(inner(".conv2"), r.ELU(g), h)
	}
	return t, in, r.conv1("end", r.ELU(h), a.X)
}

// Flat returns all parameters as one slice, which belongs to the network. Call
// RepackConv for each convolution after writing to it.
func (n *MLP[F]) Flat() []F { return n.params.Flat }

// Convs returns the number of layers.
func (n *MLP[F]) Convs() int { return n.params.Convs() }

// RepackConv copies the values in Flat of layer i of Convs to the layout of the
// kernels. It must not run at the same time as a worker.
func (n *MLP[F]) RepackConv(i int) { n.params.RepackConv(i) }

// ConvWeights returns the range of Flat that RepackConv(i) reads. The ranges
// ascend with i.
func (n *MLP[F]) ConvWeights(i int) (from, to int) { return n.params.ConvWeights(i) }

// Entries returns the parameters with their names and their places in Flat.
func (n *MLP[F]) Entries() []autodiff.Parameter { return n.params.Entries() }

// NameAt returns the name of the parameter that holds Flat()[i].
func (n *MLP[F]) NameAt(i int) string { return n.params.NameAt(i) }

// Init sets all parameters to random initial values, which are a function of
// the seed: uniform within ±1/√fan-in, and zero in the last layer of each
// block.
func (n *MLP[F]) Init(seed uint64) {
	for i, e := range n.params.Entries() {
		stream, bound := rng.New(seed, rng.Init, uint64(i), 0), 1/math.Sqrt(float64(e.FanIn))
		if strings.Contains(e.Name, ".conv2.") {
			bound = 0
		}
		for k := range n.params.Values(e) {
			n.params.Values(e)[k] = F(stream.Uniform(-bound, bound))
		}
	}
	n.params.Repack()
}

// Load copies values to the parameters.
func (n *MLP[F]) Load(values []F) {
	if len(values) != len(n.Flat()) {
		panic(fmt.Sprintf("nn: %d values for %d parameters", len(values), len(n.Flat())))
	}
	copy(n.Flat(), values)
	n.params.Repack()
}
