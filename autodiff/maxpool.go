package autodiff

import "csdm/internal/kernel"

// MaxPool5 records the maximum over the 5×5 window around each pixel, cut off
// at the border: y_p = max_{q ∈ window(p)} x_q.
func (t *Tape[F]) MaxPool5(x *Tensor[F]) *Tensor[F] {
	n := node[F]{op: opMaxPool5, in: [2]*Tensor[F]{x}}
	if t.mode == Training {
		n.arg = make([]int32, x.size())
	}
	return t.record(n, x.H, x.W, x.C)
}

// maxPool5 keeps the place of each maximum while training: the backward pass
// needs the place, and neither x nor y.
func (t *Tape[F]) maxPool5(n *node[F]) {
	kernel.MaxPool5(n.out.Data, n.arg, n.in[0].image(), t.scratch)
}

// maxPool5VJP computes dx_{argmax(p)} += dy_p.
func (t *Tape[F]) maxPool5VJP(n *node[F]) {
	if n.in[0].needsGrad {
		kernel.MaxPool5Grad(n.in[0].Grad, n.out.Grad, n.arg)
	}
}
