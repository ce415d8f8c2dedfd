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
//	imported.go          pairs of another program, imported into the folder
//	claim.go             the pairs and errors that a model belongs to
//	novelty.go           the novelty test that a trained model carries
//	pairlimits.go        the same for a model that has none, from other pairs
//	truth.go             distances from true fields, coverage of quantities
//	forecast.go          the remaining work, and how long it takes
//	forecast_measure.go  the speed of a sample of each kind of work
//	needs.go             memory and disk that a call needs: --dry-run
//	memory.go            the memory that a run needs
//	disk.go              its room on disk
//	pages.go             report.html of a chain
//	casepage.go          one measurement's part of a report
//	answer.go            the report of a user's measurement: csdm infer
//	lesson.go            one draw over the training
//	demo.go              the embedded example: csdm demo
//	prior.go             a sheet of draws from a prior: csdm prior
//	errorsplit.go        errors of network and sampler, separately
//	levellosses.go       losses of both by noise level; the part of a report
//	certifiedcase.go     certificates of the cases of a chain
//
// The posterior of one measurement is computed and stored by package infer.
//
// # Resuming
//
// Every step first looks for its result, then for unfinished work (checkpoints,
// *.partial). The same call after any stop therefore ends with the same
// numbers. A result is written whole or not at all. Its SHA-256 goes into
// run.json, and it must not change afterwards. One process at a time has a
// folder or a file of unfinished draws open. The lock ends with the process.
package run
