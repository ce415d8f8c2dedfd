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
//
// # Estimators
//
// With L(θ) = p(y | θ), a box of volume V and x(θ) the field, every method
// estimates
//
//	Z = ∫ L dθ/V,   E[x] = ∫ x L dθ/(V Z),   Var x = ∫ (x − E[x])² L dθ/(V Z)
//
// by a weighted sum Σ w_i f(θ_i)/Σ w_i over points θ_i:
//
//	quadrature   midpoints of cells,    w_i = volume_i L(θ_i)
//	importance   prior draws,           w_i = L(θ_i)
//	adaptive     draws of a mixture q,  w_i = L(θ_i) p(θ_i)/q(θ_i)
//	chains       states of the chains,  w_i = 1
//
// So the sums are shared (moments.go). They are kept relative to the largest
// weight and to one of the fields, since likelihoods of thousands of pixels
// span hundreds of powers of ten and fields often differ in few pixels only.
//
// # Errors
//
// For self-normalized weights the delta method gives the variance Σ w_i² (f_i −
// f̄)²/(Σ w_i)² of a mean. It comes from the same weights, and fails with them:
// it is not stated if the effective sample size is below MinESS or Pareto k̂
// above MaxKHat (doubt.go). Quadrature states the change by its last
// refinement. Chains state the error of their effective sample size.
//
// # What is checked
//
// Each method is compared with Gaussian or other closed forms, and the methods
// with each other on one problem. Quadrature's error must bound its distance
// from a finer grid. ESS is compared with autoregressive chains whose
// autocorrelation is known. Calibration is tested on exact posteriors, which
// must pass, and on spoiled ones, which must fail.
package bench
