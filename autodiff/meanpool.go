package autodiff

import (
	"fmt"

	"csdm/internal/kernel"
)

// MeanPool2 records the half-size image of the means over disjoint 2×2 blocks
// of x. An odd last row or column is left out.
func (t *Tape[F]) MeanPool2(x *Tensor[F]) *Tensor[F] {
	if x.H < 2 || x.W < 2 {
		panic(fmt.Sprintf("autodiff: an image of %dx%d cannot be halved; it needs 2 rows and "+
			"2 columns", x.H, x.W))
	}
	return t.record(node[F]{op: opMeanPool2, in: [2]*Tensor[F]{x}}, x.H/2, x.W/2, x.C)
}

// meanPool2 computes y = (x₀₀ + x₀₁ + x₁₀ + x₁₁)/4 for each block.
func (t *Tape[F]) meanPool2(n *node[F]) {
	kernel.MeanPool2(n.out.Data, n.in[0].image())
}

// meanPool2VJP adds a quarter of dy to each pixel of a block.
func (t *Tape[F]) meanPool2VJP(n *node[F]) {
	if x := n.in[0]; x.needsGrad {
		kernel.MeanPool2Grad(x.gradient(), n.out.Grad)
	}
}
