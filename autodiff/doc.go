// Package autodiff differentiates networks of image operations in reverse mode.
//
// A network is written once, as a function that calls the operations of a Tape
// on tensors:
//
//	t := autodiff.NewTape(params, autodiff.Training)
//	x := t.Input(28, 28, 2)
//	h := t.NormELU(norm, t.Conv(first, x))
//	y := t.Conv(last, h)
//	t.Compile(y)
//
// The calls compute nothing: they check shapes and record a list of nodes.
// Compile then reads the whole list and finds when each activation and each
// gradient is first written and last read. It lays all of them out in one block
// of memory: tensors that are never needed at the same time share their place,
// and operations that can overwrite their input do so. From then on the tape is
// replayed once per sample, and allocates nothing:
//
//	copy(x.Data, sample)
//	t.Forward()           // y.Data is the output
//	y.Grad[i] = …         // the cotangent: ∂loss/∂y
//	t.Backward(grads)     // grads += ∂loss/∂θ, in the layout of params.Flat
//
// A tape belongs to one goroutine and holds one sample. To run in parallel, use
// many tapes over one Parameters, whose values and packed filters they read and
// never write. An Inference tape has no backward pass, and needs a fraction of
// the memory. Where there are fewer samples than cores, SetThreads gives a tape
// several goroutines.
//
// Tensors are channels-last images of height H, width W and C channels: float32
// in use, and float64 for checks of the gradients. The arithmetic is in
// internal/kernel. Here each operation has a file with its equation, its
// forward pass and its vector–Jacobian product (VJP) side by side. All
// gradients are accumulated: a tensor that feeds several operations gets the
// sum of their contributions.
package autodiff
