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
package kernel
