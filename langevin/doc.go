// Package langevin draws samples of a distribution from its score.
//
// A diffusion model represents a distribution p(x) by the scores of its
// smoothed versions,
//
//	s(x, σ) = ∇ log p_σ(x),   p_σ = p * N(0, σ²I),
//
// for noise levels σ₁ > σ₂ > … > σ_L. At σ₁ the distribution is close to one
// wide Gaussian, at σ_L close to p; a sampler walks down the levels. This
// package holds the schedules of levels (schedule.go), the conditions that the
// paper puts on them (check.go), the samplers, each one short file that reads
// like its source, and Sample, which runs many chains at once:
//
//   - AnnealedLangevin (annealed.go; Song and Ermon 2020, the paper's Algorithm
//     1): L·T + 1 score evaluations;
//   - Heun (heun.go; Karras et al. 2022): the probability-flow ODE to second
//     order, 2L − 1 evaluations;
//   - DPMSolverPP2M (dpmpp2m.go; Lu et al. 2022): the same ODE, second order
//     multistep, L evaluations, plus one per correction (corrections.go);
//   - PredictorCorrector (pc.go; Song et al. 2021): ancestral steps and
//     Langevin corrections, L + T(L − 1) evaluations.
//
// Film (film.go) returns the states of one draw on its way.
//
// "The paper" is Dasgupta et al., Conditional score-based diffusion models for
// solving inverse problems in mechanics; its equation numbers are cited.
//
// The package reads the score through the Scorer interface only. It depends on
// neither networks nor mechanics: a measurement is part of the Scorer. The
// state is float64 whatever precision the scorer uses, because σ falls by three
// orders of magnitude or more while steps add up.
//
// Randomness comes from the stream (seed, rng.Chain, draw, measurement). So a
// draw is a function of seed, index and scorer. The number of threads, the
// other draws and interruptions do not affect it. Chains are the unit of
// parallelism. When fewer chains than threads are left, the idle threads go to
// those scorers that implement Threaded.
//
// Package langevintest holds distributions whose scores have a closed form, and
// the tests that a sampler must pass.
package langevin
