// Package run carries out the whole method: from the prior of a problem to the
// posterior of a measurement, in a run folder that can be left at any point and
// resumed by the same command. It does no numerical work beyond averages over
// cases: it passes arrays between the packages that do, converts units, and
// records the results.
//
// The chain, which follows the paper's Section 3.5:
//
//	chain.go             all steps for one recipe: csdm run
//	folder.go            the run folder, its lock and its manifest run.json
//	training.go          Steps 1 and 2: pairs, score network, model file
//	novelty.go           the novelty test that a trained model carries
//	truth.go             distances from true fields, coverage of quantities
//	forecast.go          the remaining work, and how long it takes
//	forecast_measure.go  the speed of a sample of each kind of work
//	pages.go             report.html of a chain
//	casepage.go          one measurement's part of a report
//	demo.go              the embedded example: csdm demo
//	prior.go             a sheet of draws from a prior: csdm prior
//
// One measurement:
//
//	posterior.go         Step 3: posterior draws, mean, std, quantiles
//	support.go           whether the draws can come from a posterior
//	explained.go         whether the model explains the measurement
//	errorsplit.go        errors of network and sampler, separately
//	levellosses.go       losses of both by noise level; the part of a report
//	exactscore.go        draws by the exact score instead of a network's
//	certified.go         a posterior made exact by forward solves
//	certifiedcase.go     certificates of the cases of a chain
//	reference.go         the reference posterior, by the method that fits
//	importance.go        importance sampling, with its state on disk
//	chains.go            Markov chains, with their state on disk
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
//	keep.go              parts of a study, each kept in a file
//	identity.go          the identity of a result, and whether it is finished
//
// # Resuming
//
// Every step first looks for its result, then for unfinished work (checkpoints,
// *.partial). The same call after any stop therefore ends with the same
// numbers. A result is written whole or not at all. Its SHA-256 goes into
// run.json, and it must not change afterwards. One process at a time has a
// folder or a file of unfinished draws open. The lock ends with the process.
package run
