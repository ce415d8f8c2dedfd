// Package problems defines an inverse problem, for all packages that handle
// one: the store of pairs, the trainer's source, the exact posteriors, the
// command line.
//
// A Problem is one value with its grid and units (Spec), a generator of pairs
// (Generator) and the distribution of a measurement (priors.Measurement). Each
// problem is a folder below this one, whose doc.go describes its physics.
// Package builtin lists the problems by name.
//
// # Pairs
//
// The method needs only pairs (x, y), so a Generator that makes pair i is all
// that a problem must have. x is the field on the grid, and y is the
// measurement without randomness. Mask, blur and model error belong to y.
// Random noise and the wrapping of phases belong to the Measurement, which is
// drawn again each time a pair is used. Pair i depends on (seed, i) alone.
// Where a simulation gives several images, pair i is image i mod n of
// simulation i/n, n = Spec.ImagesPerSimulation. The division into training and
// held-out pairs never cuts a simulation.
//
// Further methods state further abilities of a problem. The generator of a
// problem with a Forwarder computes y from any x. A Parametric problem has a
// prior that is uniform on a box of few variables, and its Simulators make a
// pair from given variables, so that quadrature or importance sampling can
// compute its posterior. A Redrawable makes another exact pair from a pair
// without a forward solve, for training.
//
// # Units and numbers
//
// Fields and measurements are float64 and in the units of the Spec up to the
// store. A Normalization maps both to [0, 1] by the extremes of a training set,
// as in the paper (Section 4, "Details of implementation").
//
// Package problemstest holds the checks that every problem must pass.
package problems
