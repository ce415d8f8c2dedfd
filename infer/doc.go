// Package infer computes the posterior of one measurement and keeps it in a
// file: draws by a network or by the exact score, a verdict on whether the
// model explains the measurement, a certificate by forward solves, and a
// reference posterior by integration or Monte Carlo. Package run has the chain
// from a prior to this.
//
//	posterior.go         Step 3: posterior draws, mean, std, quantiles
//	shard.go             one shard of a posterior's draws, or of a reference's
//	support.go           whether the draws can come from a posterior
//	explained.go         whether the model explains the measurement
//	limits.go            its limits, from simulated measurements
//	exactscore.go        draws by the exact score instead of a network's
//	film.go              the walk of one draw down the noise levels
//	certified.go         a posterior made exact by forward solves
//	search.go            the same, found without a network
//	reference.go         the reference posterior, by the method that fits
//	importance.go        importance sampling, with its state on disk
//	chains.go            Markov chains, with their state on disk
//	searchstate.go       the search so far, kept on disk
//	solves.go            forward solves of a reference, kept on disk
//	saveevery.go         how often that is
//	saveevery_faults.go  the same in a build whose disk fails on purpose
//	points.go            weighted fields of a reference in a result
//	plane.go             density of the first two variables in a result
//	bands.go             intervals with a guaranteed coverage on average
//	bandfile.go          the same in a result file
//	quantities.go        physical quantities of the draws
//	compare.go           the distance between two results
//	result.go            result files (.npz)
//	stored.go            the parts of a posterior in a result file
//	stack.go             the results of many measurements in one file
//	netcdf.go            a result as NetCDF for other programs
//	keep.go              parts of a study, each kept in a file
//	identity.go          the identity of a result, and whether it is finished
//	builtinmodel.go      the embedded networks
//
// # Resuming
//
// Unfinished work is in the file Job.Partial. The same call after any stop
// resumes from it and ends with the same numbers. A result is written whole or
// not at all.
package infer
