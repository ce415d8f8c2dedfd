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

// resize interpolates: pixel i of n lies at i·(m − 1)/(n − 1) of the m pixels
// of x.
func (t *Tape[F]) resize(n *node[F]) {
	kernel.Resize(n.out.image(), n.in[0].image())
}

// resizeVJP computes dx += Rᵀ dy, where R is the matrix of the interpolation.
func (t *Tape[F]) resizeVJP(n *node[F]) {
	if x := n.in[0]; x.needsGrad {
		kernel.ResizeGrad(x.gradient(), n.out.gradient())
	}
}
