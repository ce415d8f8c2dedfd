package autodiff

import (
	"fmt"

	"csdm/internal/kernel"
)

// Conv records the convolution y = w ⋆ x + b (cross-correlation, stride 1, zero
// padding that keeps the size).
func (t *Tape[F]) Conv(l *Conv[F], x *Tensor[F]) *Tensor[F] {
	l.check(x)
	return t.record(node[F]{op: opConv, conv: l, in: [2]*Tensor[F]{x}}, x.H, x.W, l.filter.Cout())
}

// ConvAdd records y = w ⋆ x + b + r: a convolution and the sum with a residual
// or another branch r, in one pass.
func (t *Tape[F]) ConvAdd(l *Conv[F], x, r *Tensor[F]) *Tensor[F] {
	l.check(x)
	if r.H != x.H || r.W != x.W || r.C != l.filter.Cout() {
		panic(fmt.Sprintf("autodiff: layer %s: sum of %dx%dx%d and %dx%dx%d; the shapes must "+
			"be equal", l.Name, x.H, x.W, l.filter.Cout(), r.H, r.W, r.C))
	}
	return t.record(node[F]{op: opConvAdd, conv: l, in: [2]*Tensor[F]{x, r}}, x.H, x.W, r.C)
}

// check panics for an image of another number of channels: a network has its
// shapes from its architecture, so that a mismatch is a defect of the program.
func (l *Conv[F]) check(x *Tensor[F]) {
	if x.C != l.filter.Cin() {
		panic(fmt.Sprintf("autodiff: layer %s needs %d channels, not %d", l.Name, l.filter.Cin(),
			x.C))
	}
}

// conv computes y = w ⋆ x + b by the algorithm that the filter chooses for the
// size.
func (t *Tape[F]) conv(n *node[F]) {
	n.conv.filter.Forward(n.out.Data, n.in[0].Data, t.biasOf(n.conv), n.out.H, n.out.W, t.scratch)
}

// convAdd begins with y = r, unless the planner gave them one place, and adds
// the convolution: one pass over y less than a convolution and a sum.
func (t *Tape[F]) convAdd(n *node[F]) {
	if y, r := n.out.Data, n.in[1].Data; &y[0] != &r[0] {
		copy(y, r)
	}
	n.conv.filter.ForwardAdd(n.out.Data, n.in[0].Data, t.biasOf(n.conv), n.out.H, n.out.W,
		t.scratch)
}

// convVJP computes dw += x ⋆ dy, db += Σ dy over pixels, dx += wᵀ ⋆ dy; dr +=
// dy.
func (t *Tape[F]) convVJP(n *node[F]) {
	l, dy := n.conv, n.out.Grad
	var db []F
	if l.bias {
		db = t.gradOf(l.b)
	}
	l.filter.GradWeights(t.gradOf(l.w), db, n.in[0].Data, dy, n.out.H, n.out.W, t.scratch)
	switch x := n.in[0]; {
	case !x.needsGrad:
	case n.begins[0]:
		l.filter.SetGradInput(x.Grad, dy, n.out.H, n.out.W, t.scratch)
	default:
		l.filter.GradInput(x.Grad, dy, n.out.H, n.out.W, t.scratch)
	}
	switch r := n.in[1]; {
	case r == nil || !r.needsGrad || n.passes[1]:
	case n.begins[1]:
		copy(r.Grad, dy)
	default:
		kernel.Accumulate(r.Grad, dy)
	}
}

func (t *Tape[F]) biasOf(l *Conv[F]) []F {
	if !l.bias {
		return nil
	}
	return t.valueOf(l.b)
}
