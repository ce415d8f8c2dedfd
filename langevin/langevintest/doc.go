// Package langevintest holds distributions whose smoothed scores are known in
// closed form, and the tests that a sampler of package langevin must pass on
// them.
//
// A Gaussian stays a Gaussian when convolved with N(0, σ²I): its covariance Σ
// becomes Σ + σ²I. The same holds for each part of a mixture of Gaussians. So
// the scores at every noise level, the draws and, for one Gaussian, the
// probability flow are exact, and a sampler can be tested without a network.
//
// Run is the conformance suite. A new sampler, or a new setting of an existing
// one, is complete when
//
//	langevintest.Run(t, settings, langevintest.Bias{…})
//
// passes with a bias that is small enough for its use.
package langevintest
