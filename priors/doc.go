// Package priors holds the two random ingredients of an inverse problem: priors
// of fields, and laws of measurements.
//
// A prior here is a map from a few variables θ, independent and uniform on a
// box, to a field x on the nodes of a Grid. Draw draws θ; a method Field of the
// prior makes x from it. Keeping the two apart is what lets the same prior feed
// a training set (draw, then make the field) and an exact posterior (run over θ
// on a quadrature grid, or by importance sampling). CircularInclusion is the
// prior of Tables 3 and 8 of the paper, TwoLayers that of Table 9.
// OpticNerveHead (Tables 6 and 7) and SpheroidPrior (Table 11) have too many
// variables for that, some of them redrawn until they fit: they draw an anatomy
// or a spheroid from a stream, and that is rasterized.
//
// A Measurement is what chance does to a noise-free y: it draws a measured y,
// and where the law has a density it also satisfies Likelihood. Laws are
// values: Gaussian, TruncatedGaussian, PhaseNoise and Wrap (phases of an
// interferogram, Eqs. 26 and 27), Blur (deterministic), Recorded (measurements
// that hold their noise already), and Sequence, which applies one after the
// other. A law of one's own needs nothing but the two methods of Measurement;
// the example shows one.
//
// Randomness is always an argument, a stream of package rng, so that every draw
// is a function of its index. priorstest checks what each law and each prior
// must satisfy.
package priors
