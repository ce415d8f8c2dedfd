package autodiff

import "csdm/internal/kernel"

// Tensor is an image of the network: Data[(r*W+c)*C+ch] is channel ch of the
// pixel in row r, column c.
//
// Data and Grad are places in the memory of the tape, set by Compile. Other
// tensors use the same places at other times, so only these may be read or
// written from outside: Data of an input at any time, Data of the output
// between Forward and Backward, Grad of the output there too, and Grad of a
// Variable after Backward.
type Tensor[F kernel.Float] struct {
	H, W, C int
	Data    []F
	Grad    []F // nil where no gradient is needed

	id        int  // position in Tape.tensors
	producer  int  // node that writes Data; -1 for an input
	needsGrad bool // some parameter or Variable lies upstream
}

// size is the number of elements of a tensor.
func (x *Tensor[F]) size() int { return x.H * x.W * x.C }
