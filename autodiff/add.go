package autodiff

import (
	"fmt"

	"csdm/internal/kernel"
)

// Add records y = a + b and returns y.
func (t *Tape[F]) Add(a, b *Tensor[F]) *Tensor[F] {
	if a.H != b.H || a.W != b.W || a.C != b.C {
		panic(fmt.Sprintf("autodiff: sum of %dx%dx%d and %dx%dx%d; the shapes must be equal", a.H,
			a.W, a.C, b.H, b.W, b.C))
	}
	return t.record(node[F]{op: opAdd, in: [2]*Tensor[F]{a, b}}, a.H, a.W, a.C)
}

// add computes y = a + b. The planner may place y in the memory of a or of b.
func (t *Tape[F]) add(n *node[F]) { kernel.Add(n.out.Data, n.in[0].Data, n.in[1].Data) }

// addVJP computes da += dy, db += dy.
func (t *Tape[F]) addVJP(n *node[F]) {
	for k, x := range n.in {
		switch {
		case !x.needsGrad || n.passes[k]:
		case n.begins[k]:
			copy(x.Grad, n.out.Grad)
		default:
			kernel.Accumulate(x.Grad, n.out.Grad)
		}
	}
}
