package autodiff

import "csdm/internal/kernel"

// ELU records y = x where x > 0, and y = exp(x) - 1 elsewhere.
func (t *Tape[F]) ELU(x *Tensor[F]) *Tensor[F] {
	return t.record(node[F]{op: opELU, in: [2]*Tensor[F]{x}}, x.H, x.W, x.C)
}

// elu computes y from x, in one place if x is not read again.
func (t *Tape[F]) elu(n *node[F]) { kernel.ELU(n.out.Data, n.in[0].Data) }

// eluVJP computes dx += dy where y > 0, and dx += dy·(y+1) elsewhere, since
// exp(x) = y + 1.
func (t *Tape[F]) eluVJP(n *node[F]) {
	if n.in[0].needsGrad {
		kernel.ELUGrad(n.in[0].Grad, n.out.Grad, n.out.Data)
	}
}
