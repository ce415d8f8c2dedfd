// Package certify computes the exact posterior of one measurement from a
// network's draws, and reports whether it succeeded.
//
// A network is right on average over the prior, but a user has one measurement.
// If the problem's prior has few variables and its forward model is available,
// the network's draws are a good proposal, and the forward model corrects them:
//
//	draws of the field ── Invert ──▶ variables θ of each draw
//	  ──▶ first proposal of bench.Adaptive (a mixture fitted to θ, widened,
//	      and a share of the prior), tempered rounds, forward solves
//	  ──▶ weighted draws ──▶ moments, quantiles and equally weighted draws
//
// The network decides only where the search begins. The weights are prior times
// likelihood over the proposal's density, so that a bad network costs forward
// solves but does not bias the result. The Certificate states the effective
// sample size, the shape k̂ of the weights' tail (Vehtari et al. 2024), the
// evidence ln p(y), χ², and the cost. It is granted if
//
//  1. the effective sample size is at least 400,
//  2. k̂ is below 0.7,
//  3. the model explains the measurement, as package explain judges by the
//     residual that the certified draws leave.
//
// # Files
//
//   - certify.go: the settings, the result, and the search
//   - state.go: the search so far, from which it resumes
//   - gate.go: the requirements of a certificate
//   - noise.go: the standard deviation of the noise, where it is random
//   - draws.go: equally weighted draws from weighted ones
//   - near.go: variables near the posterior, where the solves are slow
//   - invert.go: the variables that fit a draw of the field
//   - fields.go: the number of draws that are fields of the prior
//
// # Why the weights make it exact
//
// Let q be any density of the variables θ that is positive where the posterior
// is, and θ_1 … θ_n draws of it. With the weights
//
//	w_j = p(y | θ_j) p(θ_j)/q(θ_j)
//
// weighted averages Σ w_j f(θ_j)/Σ w_j tend to posterior averages of f, and Σ
// w_j/n tends to p(y). The network enters through q alone. The error of an
// average is about the posterior's standard deviation of f over √ESS with ESS =
// (Σw)²/Σw², if the weights have a finite variance, which k̂ judges.
//
// # What weights cannot see
//
// A mode of the posterior that no draw comes near has no weight, and no
// diagnostic of weights misses it. Near therefore searches smooth problems for
// all modes, and adaptive importance sampling keeps a share of prior draws.
// Weights also cannot see a wrong model: the posterior of a wrong likelihood
// can have perfect weights. The third requirement looks at the residual
// instead.
//
// # What is checked
//
// TestCertify starts the search from good, narrow, misplaced and spread draws
// and finds the posterior of quadrature each time. TestBothModes has a
// posterior of two normal modes with evidence in closed form.
// TestCertifyJudgesTheMisfit adds a wave to a measurement, whose posterior
// keeps good weights and loses its certificate. TestResume stops a search at
// every state.
package certify
