// Package kernel holds the inner loops of csdm: the operations of the score network on one sample, their gradients, the
// optimizer's pass over the weights, and the dense float64 pieces of the sparse solver.
//
// Arrays are plain slices, and the caller owns all of them. Images are channels-last, x[(r·W+c)·C+ch]. An operation either
// sets its destination (dst) or adds to it (dx, dw and every other gradient). Nothing allocates except NewFilter; where an
// operation needs room it takes scratch and says how much. Lengths are checked: a slice that is too short panics.
//
// Every operation is defined by a loop in plain Go, generic over float32 and float64. For float32 a faster implementation
// may stand in; Implementation names the one in use. Results depend on the inputs and on the implementation only: never on
// timing, alignment or what scratch held. Implementations differ from the definition by rounding.
//
// # How it is laid out
//
// filter.go, norm.go, pool.go, resize.go, elementwise.go and optim.go have the operations with their definitions. Files
// beside them with 32 in the name, conv.go and winograd.go drive the vector kernels: ordinary Go that knows tiles and chunks
// but no instructions. The kernels themselves are assembly; files ending in _amd64.go declare them, each with its meaning as
// a loop, and files ending in _arm64.go those that mean the same there; package gen writes the assembly. Other architectures
// run the definitions.
//
// A 3×3 convolution is an implicit matrix product over a padded copy of the image, or, from 16 channels on, Winograd's
// minimal filtering, where the shape makes that faster. CALIBRATION.md has the measurements that decide.
//
// AVX-512 has matrix products of its own (conv_avx512_amd64.go) and elsewhere the loops of AVX2 on vectors of sixteen. Its
// tiles are chosen by counting instructions, and the choice between methods is AVX2's. On a Zen 5 with units of full width, training steps
// take three quarters of AVX2's time there (BenchmarkStep) where the peak is twice as high: transforms and norms wait for memory.
// Folder emulate runs the tests where no processor has it.
//
// NEON, which every arm64 processor has, has the loops of AVX2 on vectors of four, instruction by instruction, and matrix
// products and float64 kernels of its own (gen/neon.go). Their results have the bits of AVX2's, Dot's apart. All were verified
// on an emulated processor, and nothing of them was ever timed on a real one: tiles are chosen by counting registers and
// instructions, and the choice between methods and the sizes of blocks are AVX2's.
//
// To add an implementation: list it in dispatch, and every test runs with it.
package kernel
