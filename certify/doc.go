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
package certify
