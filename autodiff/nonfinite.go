package autodiff

import "csdm/internal/kernel"

// Fault is the place where a pass first computed a number that is not finite.
type Fault struct {
	Layer    string // the layer, or for operations without parameters the last layer before them
	Op       string // name of the operation
	Backward bool   // true in the backward pass
}

// FaultForward runs the tape forward and checks every result. It returns the
// first place that computes a NaN or an infinity, if there is one. Use it after
// such a number was seen: the ordinary passes check nothing.
func (t *Tape[F]) FaultForward() (Fault, bool) {
	t.ready()
	for _, x := range t.tensors {
		if x.producer < 0 && !finite(x.Data) {
			return Fault{Layer: "input", Op: "input"}, true
		}
	}
	for i := range t.nodes {
		n := &t.nodes[i]
		t.forward(n)
		if !finite(n.out.Data) {
			return Fault{Layer: n.layer, Op: traits[n.op].name}, true
		}
	}
	return Fault{}, false
}

// FaultBackward runs the tape backward and checks every result. Call it after a
// Forward, with the gradient of the output set. grads is scratch of the length
// of Parameters.Flat.
func (t *Tape[F]) FaultBackward(grads []F) (Fault, bool) {
	t.ready()
	clear(grads)
	t.grads = grads
	defer func() { t.grads = nil }()
	if !finite(t.out.Grad) {
		return Fault{Layer: "loss", Op: "loss", Backward: true}, true
	}
	for i := len(t.nodes) - 1; i >= 0; i-- {
		n := &t.nodes[i]
		t.backward(n)
		if !n.dead && !t.finiteGradients(n) {
			return Fault{Layer: n.layer, Op: traits[n.op].name, Backward: true}, true
		}
	}
	return Fault{}, false
}

// finiteGradients reports whether all gradients that the backward pass of n
// wrote are finite.
func (t *Tape[F]) finiteGradients(n *node[F]) bool {
	for _, x := range n.in {
		if x != nil && x.needsGrad && !finite(x.Grad) {
			return false
		}
	}
	var own []span
	if l := n.conv; l != nil {
		own = []span{l.w, l.b}
	}
	if l := n.norm; l != nil {
		own = []span{l.gamma, l.alpha, l.beta}
	}
	if l := n.group; l != nil {
		own = []span{l.gamma, l.beta}
	}
	for _, s := range own {
		if !finite(t.gradOf(s)) {
			return false
		}
	}
	return true
}

// finite reports whether all values are finite.
func finite[F kernel.Float](x []F) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
