package autodiff

import (
	"fmt"

	"csdm/internal/kernel"
)

// Mode is the use of a tape.
type Mode int

const (
	Training  Mode = iota // forward and backward
	Inference             // forward only
)

// Tape is a recorded network with the memory to run it. The package comment
// describes its life. It is not safe for concurrent use, but SetThreads lets it
// use several goroutines.
type Tape[F kernel.Float] struct {
	// shared by all tapes of the network, read only
	params *Parameters[F]
	// Inference plans no gradients, so that activations share more memory
	mode   Mode
	prefix int // number of nodes that ForwardRest skips
	// the plan is made, and no node can be added
	compiled bool
	separate bool // share no memory between tensors; for tests
	// inputs and results, by their ids
	tensors []*Tensor[F]
	// operations in the order of recording, which is an order of computation
	nodes []node[F]
	// output of the network
	out *Tensor[F]

	memory  []F // all activations and gradients
	scratch []F // scratch of the current operation
	grads   []F // gradient of the parameters, while Backward runs

	team *team[F] // nil for one thread
}

// node is one application of an operation.
type node[F kernel.Float] struct {
	// kind of the operation
	op    op
	layer string // for messages
	// inputs; the second is nil for operations of one input
	in [2]*Tensor[F]
	// result
	out *Tensor[F]

	conv *Conv[F] // opConv, opConvAdd
	norm *Norm[F] // opNorm, opNormELU
	side int      // side of the tiles of opTiles and opUntile

	group *GroupNorm[F] // opGroupNormELU, opModulatedNormELU

	saved []F     // statistics of a norm, from forward to backward
	arg   []int32 // places of the maxima of a pool, from forward to backward

	// Set by the plan of the backward pass.
	dead   bool    // the output does not reach the loss
	begins [2]bool // this node is the first to write the gradient of in[k]
	passes [2]bool // the gradient of out becomes the gradient of in[k] unchanged, in the same place
}

// op is the kind of an operation.
type op uint8

const (
	opConv op = iota
	opConvAdd
	opNorm
	opNormELU
	opELU
	opAdd
	opMaxPool5
	opAvgPool5
	opMeanPool2
	opResize
	opGroupNormELU
	opModulatedNormELU
	opTiles
	opUntile
	opMean
)

// traits holds the properties of each operation that the planner needs.
var traits = [...]struct {
	name       string
	overwrites [2]bool // the output may overwrite in[k]
	readsIn    bool    // the backward pass reads in[0].Data
	readsOut   bool    // the backward pass reads out.Data
	passes     [2]bool // ∂loss/∂in[k] contains ∂loss/∂out unchanged, and may take its place
	// The backward pass itself sets the gradient of in[k] where this node is
	// the first to write it.
	sets [2]bool
}{
	opConv: {name: "convolution", readsIn: true, sets: [2]bool{0: true}},
	opConvAdd: {name: "convolution", overwrites: [2]bool{1: true}, readsIn: true,
		passes: [2]bool{1: true}, sets: [2]bool{true, true}},
	opNorm:    {name: "norm", overwrites: [2]bool{0: true}, readsIn: true},
	opNormELU: {name: "norm", overwrites: [2]bool{0: true}, readsIn: true, readsOut: true},
	opELU:     {name: "ELU", overwrites: [2]bool{0: true}, readsOut: true},
	opAdd: {name: "sum", overwrites: [2]bool{true, true}, passes: [2]bool{true, true},
		sets: [2]bool{true, true}},
	opMaxPool5:  {name: "max pool"},
	opAvgPool5:  {name: "average pool"},
	opMeanPool2: {name: "mean pool"},
	opResize:    {name: "resize"},
	opTiles:     {name: "tiles"},
	opUntile:    {name: "tiles"},
	opMean:      {name: "mean"},

	opGroupNormELU:     {name: "norm", overwrites: [2]bool{0: true}, readsIn: true, readsOut: true},
	opModulatedNormELU: {name: "norm", overwrites: [2]bool{0: true}, readsIn: true, readsOut: true},
}

// NewTape returns an empty tape over the given parameters.
func NewTape[F kernel.Float](params *Parameters[F], mode Mode) *Tape[F] {
	return &Tape[F]{params: params, mode: mode}
}

// Input adds an input image. Its Data is not changed by the passes. It gets no
// gradient.
func (t *Tape[F]) Input(h, w, c int) *Tensor[F] {
	t.recording()
	return t.tensor(h, w, c, -1)
}

// Variable adds an input image with a gradient. After Backward, Grad is
// ∂loss/∂Data; it is set in each pass, not accumulated.
func (t *Tape[F]) Variable(h, w, c int) *Tensor[F] {
	x := t.Input(h, w, c)
	x.needsGrad = t.mode == Training
	return x
}

// tensor adds a tensor without memory, which Compile gives it. producer is the
// node that writes it, −1 for an input.
func (t *Tape[F]) tensor(h, w, c, producer int) *Tensor[F] {
	if h < 1 || w < 1 || c < 1 {
		panic(fmt.Sprintf("autodiff: image of %d x %d with %d channels; all must be at least 1", h,
			w, c))
	}
	x := &Tensor[F]{H: h, W: w, C: c, id: len(t.tensors), producer: producer}
	t.tensors = append(t.tensors, x)
	return x
}

// record appends a node and returns its output.
func (t *Tape[F]) record(n node[F], h, w, c int) *Tensor[F] {
	t.recording()
	n.out = t.tensor(h, w, c, len(t.nodes))
	parameters := n.conv != nil || n.norm != nil || n.op == opGroupNormELU
	n.out.needsGrad = t.mode == Training && parameters
	for _, x := range n.in {
		if x == nil {
			continue
		}
		if x.id >= len(t.tensors) || t.tensors[x.id] != x {
			panic("autodiff: the tensor belongs to another tape")
		}
		n.out.needsGrad = n.out.needsGrad || x.needsGrad
	}
	switch {
	case n.conv != nil:
		n.layer = n.conv.Name
	case n.norm != nil:
		n.layer = n.norm.Name
	case n.op == opGroupNormELU:
		n.layer = n.group.Name
	case len(t.nodes) > 0:
		n.layer = t.nodes[len(t.nodes)-1].layer
	}
	t.nodes = append(t.nodes, n)
	return n.out
}

// recording panics if the tape is compiled.
func (t *Tape[F]) recording() {
	if t.compiled {
		panic("autodiff: an operation was recorded after Compile")
	}
}

// Forward computes all tensors from the inputs.
func (t *Tape[F]) Forward() {
	t.ready()
	if t.team != nil {
		t.team.pass(t.scratch, 0, t.team.passed)
		return
	}
	t.forwardFrom(0)
}

// ForwardRest computes the operations after EndPrefix. It uses the results of
// the earlier operations from the last Forward. Backward destroys these
// results.
func (t *Tape[F]) ForwardRest() {
	t.ready()
	if t.team != nil {
		t.team.pass(t.scratch, t.team.prefix, t.team.passed)
		return
	}
	t.forwardFrom(t.prefix)
}

// forwardFrom runs the nodes from the given one on.
func (t *Tape[F]) forwardFrom(node int) {
	for i := node; i < len(t.nodes); i++ {
		t.forward(&t.nodes[i])
	}
}

// EndPrefix ends the part of the network whose results stay the same while some
// of the inputs do not change; see ForwardRest.
func (t *Tape[F]) EndPrefix() {
	t.recording()
	t.prefix = len(t.nodes)
}

// Backward adds the gradient of the loss with respect to the parameters to
// grads, which is laid out like Parameters.Flat. The caller first sets Grad of
// the output to the gradient with respect to the output. Call Backward once
// after each Forward; it overwrites the activations.
func (t *Tape[F]) Backward(grads []F) {
	t.readyBackward(grads)
	t.grads = grads
	if t.team != nil {
		t.team.pass(t.scratch, t.team.passed, t.team.back)
	} else {
		for i := len(t.nodes) - 1; i >= 0; i-- {
			t.backward(&t.nodes[i])
		}
	}
	t.grads = nil
}

// ready panics if the tape is not compiled.
func (t *Tape[F]) ready() {
	if !t.compiled {
		panic("autodiff: the tape is not compiled; call Compile first")
	}
}

// readyBackward panics unless the tape trains and grads has the length of Flat.
func (t *Tape[F]) readyBackward(grads []F) {
	t.ready()
	if t.mode != Training {
		panic("autodiff: Backward needs a tape of mode Training")
	}
	if len(grads) != len(t.params.Flat) {
		panic(fmt.Sprintf("autodiff: Backward: gradient of length %d for %d parameters; they must "+
			"be equal", len(grads), len(t.params.Flat)))
	}
}

// forward runs one node.
func (t *Tape[F]) forward(n *node[F]) {
	switch n.op {
	case opConv:
		t.conv(n)
	case opConvAdd:
		t.convAdd(n)
	case opNorm, opNormELU:
		t.normalize(n)
	case opELU:
		t.elu(n)
	case opAdd:
		t.add(n)
	case opMaxPool5:
		t.maxPool5(n)
	case opAvgPool5:
		t.avgPool5(n)
	case opMeanPool2:
		t.meanPool2(n)
	case opResize:
		t.resize(n)
	case opGroupNormELU, opModulatedNormELU:
		t.groupNorm(n)
	case opTiles:
		t.tiles(n)
	case opUntile:
		t.untile(n)
	case opMean:
		t.mean(n)
	}
}

// backward runs the vector–Jacobian product of one node, in[k].Grad +=
// Jₖᵀ·out.Grad, and the same for the node's parameters.
func (t *Tape[F]) backward(n *node[F]) {
	if n.dead {
		return
	}
	for k, begins := range n.begins {
		if begins && !traits[n.op].sets[k] {
			clear(n.in[k].Grad)
		}
	}
	switch n.op {
	case opConv, opConvAdd:
		t.convVJP(n)
	case opNorm, opNormELU:
		t.normalizeVJP(n)
	case opELU:
		t.eluVJP(n)
	case opAdd:
		t.addVJP(n)
	case opMaxPool5:
		t.maxPool5VJP(n)
	case opAvgPool5:
		t.avgPool5VJP(n)
	case opMeanPool2:
		t.meanPool2VJP(n)
	case opResize:
		t.resizeVJP(n)
	case opGroupNormELU, opModulatedNormELU:
		t.groupNormVJP(n)
	case opTiles:
		t.tilesVJP(n)
	case opUntile:
		t.untileVJP(n)
	case opMean:
		t.meanVJP(n)
	}
}

// gradOf returns the part of the parameter gradient that belongs to a
// parameter.
func (t *Tape[F]) gradOf(s span) []F { return t.grads[s.from:s.to:s.to] }

// valueOf returns the values of a parameter.
func (t *Tape[F]) valueOf(s span) []F { return t.params.Flat[s.from:s.to:s.to] }

// Bytes returns the size of the tape's memory: activations, gradients, scratch,
// and values kept for the backward pass.
func (t *Tape[F]) Bytes() int {
	floats, indices := len(t.memory)+len(t.scratch), 0
	if t.team != nil {
		floats += t.team.floats
	}
	for i := range t.nodes {
		floats += len(t.nodes[i].saved)
		indices += len(t.nodes[i].arg)
	}
	width := 4
	if _, double := any(F(0)).(float64); double {
		width = 8
	}
	return width*floats + 4*indices
}

// MultiplyAdds returns the number of multiply-adds of the convolutions in a
// forward pass, border included.
func (t *Tape[F]) MultiplyAdds() int {
	n := 0
	for i := range t.nodes {
		if l := t.nodes[i].conv; l != nil {
			n += t.nodes[i].out.H * t.nodes[i].out.W * l.filter.Len()
		}
	}
	return n
}
