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
// evidence ln p(y) and the number of forward solves. It is granted if the
// effective sample size is at least 400 and k̂ is below 0.7. It concerns the
// posterior under the given prior and noise. It does not show that these
// explain the measurement.
//
// # Files
//
//   - invert.go: the variables that fit a draw of the field
//   - certify.go: the certified posterior and its certificate
package certify
