// Package problems says what an inverse problem is, for everything that handles
// one: the store of pairs, the trainer's source, the exact posteriors, the
// command line.
//
// A Problem is one value that knows its grid and units (Spec), how to make
// pairs (Generator) and what chance does to a measurement (priors.Measurement).
// Each problem is a folder below this one, whose doc.go states its physics;
// package builtin lists them by name.
//
// # Pairs
//
// The method needs nothing but pairs (x, y), so a Generator that makes pair i
// is all a problem must have: x the field on the grid, y what a measurement
// would be but for chance. Mask, blur and model error belong to y; random noise
// and the wrapping of phases belong to the Measurement, which is applied anew
// each time a pair is used. Pair i depends on (seed, i) alone. Where a
// simulation gives several images, pair i is image i mod n of simulation i/n, n
// = Spec.ImagesPerSimulation; training and held-out pairs are split between
// simulations.
//
// What a problem can do beyond that it says by further methods: a Forwarder's
// generator computes y from any x; a Parametric problem has a prior uniform on
// a box of few variables, and its Simulators make a pair from given variables,
// so that its posterior can be had by quadrature or by importance sampling.
//
// # Units and numbers
//
// Fields and measurements are float64 and in the units of the Spec up to the
// store. A Normalization takes both to [0, 1] by the extremes of a training
// set, as the paper does (Section 4, "Details of implementation").
//
// problemstest holds the checks that every problem must pass.
package problems
