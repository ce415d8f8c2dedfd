// Package priors holds the two random ingredients of an inverse problem: prior
// distributions of fields, and distributions of measurement noise.
//
// A prior here is a map from a few variables θ, independent and uniform on a
// box, to a field x on the nodes of a Grid. Draw draws θ; method Field of the
// prior computes x from θ. This separation lets the same prior serve a training
// set (draw θ, then compute the field) and an exact posterior (run over θ on a
// quadrature grid, or by importance sampling). CircularInclusion is the prior
// of Tables 3 and 8 of the paper, and TwoLayers the prior of Table 9.
// OpticNerveHead (Tables 6 and 7) and SpheroidPrior (Table 11) have too many
// variables for a box, and redraw some of them until a condition holds. They
// draw an anatomy or a spheroid from a stream, which is then rasterized.
//
// A Measurement describes the measurement of a noise-free y. It draws a
// measured y, and if its distribution has a known density it also implements
// Likelihood. Measurements are plain values: Gaussian, TruncatedGaussian,
// PhaseNoise and Wrap (phases of an interferogram, Eqs. 26 and 27), Blur
// (deterministic), Recorded (measurements that already hold their noise), and
// Sequence, which applies one after another. Correlated adds errors that
// neighboring values share, and shifts, ramps and other errors of a whole map.
// A user-defined measurement needs only the two methods of Measurement; the
// example shows one.
//
// Randomness is always an argument, a stream of package rng, so every draw is a
// function of its index. Package priorstest checks the properties that each
// measurement and each prior must have.
package priors
