package autodiff

import "csdm/internal/kernel"

// Tensor is an image of the network: Data[(r*W+c)*C+ch] is channel ch of the
// pixel in row r, column c.
//
// Data and Grad are parts of the tape's memory, set by Compile. Other tensors
// use the same memory at other times. So callers may use only Data of an input
// at any time, Data and Grad of the output between Forward and Backward, and
// Grad of a Variable after Backward.
type Tensor[F kernel.Float] struct {
	// rows, columns and channels
	H, W, C int
	// values, H·W·C of them
	Data []F
	Grad []F // nil if no gradient is needed

	id        int  // position in Tape.tensors
	producer  int  // node that writes Data; -1 for an input
	needsGrad bool // a parameter or Variable lies upstream
}

// size returns the number of elements of a tensor.
func (x *Tensor[F]) size() int { return x.H * x.W * x.C }

// image returns the values as package kernel reads them.
func (x *Tensor[F]) image() kernel.Image[F] {
	return kernel.Image[F]{Data: x.Data, H: x.H, W: x.W, C: x.C}
}

// gradient returns the gradient as package kernel reads it.
func (x *Tensor[F]) gradient() kernel.Image[F] {
	return kernel.Image[F]{Data: x.Grad, H: x.H, W: x.W, C: x.C}
}
