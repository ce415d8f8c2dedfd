// Package bench computes what a learned posterior is judged by: the truth,
// where it can be had, and the distance to it.
//
// For a problem whose prior has few variables θ (problems.Parametric) the
// posterior of the field x given a measurement y,
//
//	p(x | y):  θ uniform on a box with likelihood p(y | θ),  x = Field(θ),
//
// needs no network. Quadrature runs over θ on a grid that is refined where the
// posterior can have weight, and states its own error; Importance weights prior
// draws by their likelihood, as the paper does with 500,000 of them, and states
// its standard errors; Adaptive, for posteriors that fill so little of the box
// that neither finds them, draws from mixtures of t laws that close in on the
// posterior by way of tempered ones (adaptive.go, adaptive_fit.go,
// adaptive_proposal.go). Metropolis runs the Markov chains that a practitioner
// would use instead. All of them share one likelihood (likelihood.go): forward
// models in parallel, one solver a worker, and fields that were solved before
// looked up, because the fields of a prior on a grid of nodes are piecewise
// constant in θ.
//
// PSIS (psis.go) judges importance weights by the shape of their tail, Pareto
// k̂, and smooths them.
//
// Every method ends in a Posterior: mean and standard deviation of each pixel,
// with the error of each. FromDraws makes one from the draws of a sampler,
// Compare measures two against each other and against their own errors.
//
// Where the truth of many measurements is known, because they were simulated, a
// posterior can be judged without a reference: its draws must look like the
// truths. Assess does so by ranks of physical quantities (sbc.go), coverage of
// pixels, distances to reference fields (tarp.go) and the misfit of draws to
// the measurement, and says how far the posterior is from calibration and
// whether that is known well enough (calibration.go); Spoilings make posteriors
// that it must catch.
//
// Posteriors are in the physical units of x, and Posterior.Scaled changes them;
// calibration works on normalized fields. No result depends on the number of
// threads.
package bench
