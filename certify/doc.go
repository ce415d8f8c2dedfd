// Package certify makes the posterior of one measurement exact, starting from a
// network's draws of it, and says whether that succeeded.
//
// A network is right on average over the prior. A user has one measurement.
// Where the problem's prior has few variables and its forward model is at hand,
// the network's draws are a good proposal and the forward model is the judge:
//
//	draws of the field ── Invert ──▶ variables θ of each draw
//	     ──▶ first proposal of bench.Adaptive (a mixture fitted to them, widened,
//	         and a share of the prior), tempered rounds, forward solves
//	     ──▶ weighted draws, and from them all that a posterior states
//
// The network decides only where to look first. The weights are prior times
// likelihood over the proposal's density, so that a bad network costs forward
// solves and not truth. The Certificate states the evidence: the effective
// sample size, the shape k̂ of the weights' tail (Vehtari et al. 2024), the
// evidence ln p(y) and the number of forward solves. It is granted where the
// effective sample size is at least 400 and k̂ is below 0.7. It is about the
// posterior that prior and noise give: it does not tell whether these explain
// the measurement.
//
// # Files
//
//   - invert.go: the variables that fit a draw of the field
//   - certify.go: the certified posterior and its certificate
package certify
