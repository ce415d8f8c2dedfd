// Package langevintest holds distributions whose smoothed scores are known in
// closed form, and the tests that a sampler of package langevin must pass on
// them.
//
// A Gaussian with any covariance and a mixture of Gaussians stay what they are
// when convolved with N(0, σ²I): covariance Σ becomes Σ + σ²I. So their scores
// at every noise level, their draws and, for one Gaussian, the probability flow
// are exact, and a sampler that is run on them is tested without a network.
//
// Run is the conformance suite: a new sampler, or a new setting of an old one,
// is done when
//
//	langevintest.Run(t, settings, langevintest.Bias{…})
//
// passes with a bias that is small enough for its use.
package langevintest
