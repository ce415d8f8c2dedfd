package autodiff

import "csdm/internal/kernel"

// AvgPool5 records the mean over the 5×5 window around each pixel, with zeros
// outside the image: y_p = (1/25) Σ_{q ∈ window(p)} x_q.
func (t *Tape[F]) AvgPool5(x *Tensor[F]) *Tensor[F] {
	return t.record(node[F]{op: opAvgPool5, in: [2]*Tensor[F]{x}}, x.H, x.W, x.C)
}

// avgPool5 computes the mean. The divisor is 25 at the border, too.
func (t *Tape[F]) avgPool5(n *node[F]) {
	kernel.AvgPool5(n.out.Data, n.in[0].image(), t.scratch)
}

// avgPool5VJP computes dx += AvgPool5(dy); the operation is symmetric.
func (t *Tape[F]) avgPool5VJP(n *node[F]) {
	if n.in[0].needsGrad {
		kernel.AvgPool5Grad(n.in[0].Grad, n.out.gradient(), t.scratch)
	}
}
