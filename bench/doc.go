// Package bench computes reference posteriors and judges learned posteriors by
// them.
//
// For a problem whose prior has few variables θ (problems.Parametric) the
// posterior of the field x given a measurement y,
//
//	p(x | y):  θ uniform on a box with likelihood p(y | θ),  x = Field(θ),
//
// needs no network. Five methods compute it:
//
//   - Quadrature sums over a grid of θ. It refines the grid where the
//     posterior can have weight, and states its own error.
//   - Importance weights prior draws by their likelihood and states standard
//     errors. The paper uses 500,000 prior draws.
//   - Adaptive draws from mixtures of t distributions that approach the
//     posterior through tempered posteriors (adaptive.go, adaptive_fit.go,
//     adaptive_proposal.go). It serves posteriors that fill so little of the
//     box that neither a grid nor prior draws find them. Over a model error it
//     integrates in closed form (marginal.go).
//   - Chains runs Markov chains that propose by an emulator of the forward
//     model and accept by the model (chains.go and chains_*.go). It serves
//     priors of many variables (problems.Structured), with masks that depend on
//     them.
//   - Metropolis runs the Markov chains that a practitioner would use instead
//     of a network.
//
// All but Chains share one likelihood (likelihood.go). It runs forward models
// in parallel, one solver per worker. It looks up fields that were solved
// before, because fields on a grid of nodes are piecewise constant in θ.
//
// PSIS (psis.go) judges importance weights by the shape of their tail, Pareto
// k̂, and smooths them.
//
// Every method returns a Posterior: mean and standard deviation of each pixel,
// with the error of each. FromDraws makes a Posterior from the draws of a
// sampler. Compare gives the distance of two posteriors next to their own
// errors.
//
// A posterior can be judged without a reference where the true fields of many
// measurements are known, as they are in a simulation. Draws of an exact
// posterior are distributed like the true field. Assess tests this by ranks of
// physical quantities (sbc.go), coverage of pixels, distances to reference
// fields (tarp.go) and the misfit of draws to the measurement. It states the
// size of each departure from calibration, with an interval (calibration.go).
// Spoilings makes wrong posteriors that a check must catch.
//
// Posteriors are in the physical units of x; Posterior.Scaled changes the
// units. Calibration works on normalized fields. No result depends on the
// number of threads.
package bench
