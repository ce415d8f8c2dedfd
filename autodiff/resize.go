package autodiff

import "csdm/internal/kernel"

// Resize records the bilinear interpolation of an image to h×w with the corner
// pixels aligned. If x already has that size, Resize returns x.
func (t *Tape[F]) Resize(x *Tensor[F], h, w int) *Tensor[F] {
	if x.H == h && x.W == w {
		return x
	}
	return t.record(node[F]{op: opResize, in: [2]*Tensor[F]{x}}, h, w, x.C)
}

func (t *Tape[F]) resize(n *node[F]) {
	x, y := n.in[0], n.out
	kernel.Resize(y.Data, y.H, y.W, x.Data, x.H, x.W, x.C)
}

// resizeVJP computes dx += Rᵀ dy, where R is the matrix of the interpolation.
func (t *Tape[F]) resizeVJP(n *node[F]) {
	if x, y := n.in[0], n.out; x.needsGrad {
		kernel.ResizeGrad(x.Grad, x.H, x.W, y.Grad, y.H, y.W, y.C)
	}
}
