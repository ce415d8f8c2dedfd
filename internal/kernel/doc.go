// Package kernel holds the inner loops of csdm: the operations of the score
// network on one sample, their gradients, the optimizer's pass over the
// weights, and the dense float64 kernels of the sparse solver.
//
// Arrays are plain slices, and the caller owns all of them. Images are
// channels-last, x[(r·W+c)·C+ch]. An operation either sets its destination
// (dst) or adds to it (dx, dw and every other gradient). Nothing allocates
// except NewFilter. An operation that needs room takes scratch, and a function
// returns its length. Lengths are checked: a slice that is too short panics.
//
// Every operation is defined by a loop in plain Go, generic over float32 and
// float64. For float32 a faster implementation may replace it; Implementation
// returns the name of the one in use. Results depend on the inputs and on the
// implementation only: never on timing, alignment or the contents of scratch.
// Implementations differ from the definition by rounding.
//
// # Layout
//
// File image.go has an image with its shape, and strided.go has rows in memory.
// The files filter.go, norm.go, groupnorm.go, pool.go, resize.go, tiles.go,
// elementwise.go and optim.go have the operations with their definitions. The
// files conv.go, gradweights.go, biasgrad.go, winograd.go and the files with 32
// in the name drive the vector kernels. They are ordinary Go on tiles and
// chunks, without instructions.
//
// The kernels themselves are assembly, which package gen writes. A kernel is
// named by its operation and its instruction set: addAVX2, addAVX512, addNEON.
// A function that ends in Vector calls the kernel in use. Files that end in
// _amd64.go declare the kernels, each with its meaning as a loop. Files that
// end in _arm64.go declare the same kernels there. Other architectures run the
// definitions.
//
// A 3×3 convolution is an implicit matrix product over a padded copy of the
// image. From 16 channels on it is Winograd's minimal filtering where the shape
// makes that faster. CALIBRATION.md has the measurements behind the choice.
//
// # AVX-512
//
// AVX-512 has its own matrix products (conv_avx512_amd64.go), and elsewhere the
// loops of AVX2 on vectors of sixteen. The sizes of its tiles rest on counting
// instructions, and the choice between methods is AVX2's. On a Zen 5 with units
// of full width, a training step takes three quarters of AVX2's time
// (BenchmarkStep), where the peak is twice as high: transforms and norms wait
// for memory. Folder emulate runs the tests where no processor has AVX-512.
//
// # NEON
//
// Every arm64 processor has NEON. It has the loops of AVX2 on vectors of four.
// The results have the bits of AVX2's, except Dot's. All kernels were verified
// on an emulated processor, and none was ever timed on a real one. The sizes of
// tiles rest on counting registers and instructions. The choice between methods
// and the sizes of blocks are AVX2's.
//
// To add an implementation, list it in dispatch. Every test then runs with it.
// Package gen describes how to add a kernel.
package kernel
