// Package autodiff differentiates networks of image operations in reverse.
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
// The calls compute nothing: they check shapes and write down a list of nodes.
// Compile then looks at the whole list, works out when each activation and each
// gradient is first written and last read, and lays all of them out in one
// block of memory, so that those that are never alive together share their
// place, and operations that can overwrite their input do. From then on the
// tape is replayed, once a sample, and allocates nothing:
//
//	copy(x.Data, sample)
//	t.Forward()           // y.Data is the output
//	y.Grad[i] = …         // the cotangent: ∂loss/∂y
//	t.Backward(grads)     // grads += ∂loss/∂θ, in the layout of params.Flat
//
// A tape belongs to one goroutine and holds one sample; parallelism is many
// tapes over one Parameters, whose values and packed filters they read and
// never write. An Inference tape has no backward pass, and needs a fraction of
// the memory. Where there are fewer samples than cores, SetThreads gives a tape
// goroutines of its own for the forward pass.
//
// Tensors are channels-last images of height H, width W and C channels, float32
// for work and float64 to check gradients. The arithmetic lives in
// internal/kernel; here, each operation has a file with its equation, its
// forward pass and its vector–Jacobian product side by side. All gradients are
// accumulated: a tensor that feeds several operations gets the sum of what they
// send back.
package autodiff
