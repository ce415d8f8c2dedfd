package autodiff

import (
	"fmt"
	"sort"

	"csdm/internal/kernel"
)

// Parameters holds all parameters of a network in one flat slice, with a name
// and a shape for each piece, and the convolution filters packed for the
// kernels.
//
// Conv and Norm declare layers, in a fixed order, until Freeze; after Freeze
// the same calls look the layers up. Values written to Flat take effect with
// the next Repack. Between calls of Repack everything is read-only and may be
// shared by any number of tapes.
type Parameters[F kernel.Float] struct {
	Flat []F // all values, in the order of declaration

	// in the order of declaration, which is the order of Flat
	entries []Parameter
	// the layers that Repack packs
	convs  []*Conv[F]
	layers map[string]any // *Conv[F] or *Norm[F] by layer name
	// no layer can be added: appending to Flat could move it
	frozen bool
}

// Parameter is one named parameter: Flat[Offset : Offset+Size()].
type Parameter struct {
	Name  string // such as "res1.0.conv1.weight"
	Shape []int  // convolution weights are (K, K, Cin, Cout); vectors (C)
	// index of its first value in Flat
	Offset int
	FanIn  int // number of inputs in each sum of the layer; 0 for parameters of norms
}

// Size returns the number of values of the parameter.
func (e Parameter) Size() int {
	n := 1
	for _, d := range e.Shape {
		n *= d
	}
	return n
}

// Conv is a convolution layer: a filter, its weights and its bias.
type Conv[F kernel.Float] struct {
	Name string
	// weights in the layout of the kernels, and the choice of algorithm
	filter *kernel.Filter[F]
	// whether the layer has a bias
	bias bool
	w, b span // places in Parameters.Flat

	// distance of the filter's taps in pixels
	dilation int
}

// Norm is an InstanceNorm++ layer.
type Norm[F kernel.Float] struct {
	Name string
	c    int
	// places of γ, α and β in Parameters.Flat
	gamma, alpha, beta span
}

// span is a range of a flat slice.
type span struct{ from, to int }

// NewParameters returns a set of parameters without layers.
func NewParameters[F kernel.Float]() *Parameters[F] {
	return &Parameters[F]{layers: make(map[string]any)}
}

// Conv returns the convolution layer called name and declares it if it is new:
// k×k (1 or 3) with the given dilation, from cin to cout channels. Its
// parameters are name.weight and, with bias, name.bias. It panics if a layer of
// that name has another shape, or if the layer is new after Freeze.
func (p *Parameters[F]) Conv(name string, cin, cout, k, dilation int, bias bool) *Conv[F] {
	if known, ok := p.layers[name]; ok {
		l, ok := known.(*Conv[F])
		if !ok || l.filter.Cin() != cin || l.filter.Cout() != cout ||
			l.filter.Len() != k*k*cin*cout || l.bias != bias {
			panic("autodiff: layer " + name + " declared twice with different shapes")
		}
		return l
	}
	l := &Conv[F]{Name: name, filter: kernel.NewFilter[F](cin, cout, k, dilation), bias: bias,
		dilation: dilation}
	p.declare(name, l)
	fanIn := k * k * cin
	l.w = p.add(name+".weight", fanIn, k, k, cin, cout)
	if bias {
		l.b = p.add(name+".bias", fanIn, cout)
	}
	p.convs = append(p.convs, l)
	return l
}

// Norm returns the InstanceNorm++ layer called name, for c channels, and
// declares it if it is new. Its parameters are name.alpha, name.gamma and
// name.beta. It panics as Conv does.
func (p *Parameters[F]) Norm(name string, c int) *Norm[F] {
	if known, ok := p.layers[name]; ok {
		l, ok := known.(*Norm[F])
		if !ok || l.c != c {
			panic("autodiff: layer " + name + " declared twice with different shapes")
		}
		return l
	}
	l := &Norm[F]{Name: name, c: c}
	p.declare(name, l)
	l.alpha = p.add(name+".alpha", 0, c)
	l.gamma = p.add(name+".gamma", 0, c)
	l.beta = p.add(name+".beta", 0, c)
	return l
}

// declare enters a new layer, or panics after Freeze.
func (p *Parameters[F]) declare(name string, layer any) {
	if p.frozen {
		panic("autodiff: layer " + name + " declared after Freeze")
	}
	p.layers[name] = layer
}

// add appends a parameter of zeros to Flat and returns its place.
func (p *Parameters[F]) add(name string, fanIn int, shape ...int) span {
	e := Parameter{Name: name, Shape: shape, Offset: len(p.Flat), FanIn: fanIn}
	p.Flat = append(p.Flat, make([]F, e.Size())...)
	p.entries = append(p.entries, e)
	return span{e.Offset, len(p.Flat)}
}

// Freeze ends the declaration of layers. From then on Flat stays at the same
// address.
func (p *Parameters[F]) Freeze() { p.frozen = true }

// Entries returns all parameters in the order of Flat. The caller must not
// change them.
func (p *Parameters[F]) Entries() []Parameter { return p.entries }

// Values returns the values of a parameter as a subslice of Flat.
func (p *Parameters[F]) Values(e Parameter) []F { return p.Flat[e.Offset:][:e.Size()] }

// NameAt returns the name of the parameter that holds Flat[i].
func (p *Parameters[F]) NameAt(i int) string {
	if i < 0 || i >= len(p.Flat) {
		panic(fmt.Sprintf("autodiff: parameter index %d is out of range for %d parameters", i,
			len(p.Flat)))
	}
	k := sort.Search(len(p.entries), func(k int) bool { return p.entries[k].Offset > i })
	return p.entries[k-1].Name
}

// Repack copies the convolution weights of Flat to the layout of the kernels.
// Call it after changing Flat, and not while a tape is running.
func (p *Parameters[F]) Repack() {
	for i := range p.convs {
		p.RepackConv(i)
	}
}

// Convs returns the number of convolution layers.
func (p *Parameters[F]) Convs() int { return len(p.convs) }

// ConvWeights returns the range of Flat that RepackConv(i) reads. The ranges
// ascend with i.
func (p *Parameters[F]) ConvWeights(i int) (from, to int) {
	w := p.convs[i].w
	return w.from, w.to
}

// RepackConv does the part of Repack for convolution layer i of Convs. Calls
// for different layers may run concurrently.
func (p *Parameters[F]) RepackConv(i int) {
	l := p.convs[i]
	l.filter.Pack(p.Flat[l.w.from:l.w.to])
}
