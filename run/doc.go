// Package run holds the whole chain together: from the prior of a problem to
// the posterior of a measurement, in a folder that can be left and taken up
// again at any point.
//
// The steps are those of the paper's Section 3.5 and each has a file:
//
//	folder.go      where: the run folder, its lock, its manifest run.json, and what may not differ when a run goes on
//	training.go    Step 1 and 2: pairs → score network (model.safetensors)
//	posterior.go   Step 3: measurement → draws → mean, standard deviation, quantiles
//	reference.go   beside it the exact posterior, by quadrature, or one by (adaptive) importance sampling, and the comparison
//	importance.go  importance sampling with its state on disk
//	result.go      the .npz files that all of these end in
//	quantities.go  physical quantities of its draws
//	truth.go       how near the posteriors come to the true fields, where those are known, and to the mean of the prior; how many true quantities they cover
//	chain.go       all of it for one recipe: what `csdm run` does
//	forecast.go    what of it is left, and how long that takes, told before it begins; forecast_measure.go  the time of samples of it
//	demo.go        the embedded example: what `csdm demo` does
//	prior.go       a sheet of draws from a prior: what `csdm prior` does
//	pages.go       report.html
//
// # Going on
//
// Every step looks for its result first, and for unfinished work (checkpoints,
// *.partial) next; so the same call, after a stop of any kind, ends with the
// same numbers. A result is written whole or not at all, and its SHA-256 goes
// into run.json; from then on it must not change. One process at a time has a
// folder open, or a file of unfinished draws, by a lock that dies with the
// process.
//
// Little is computed here that a test could compare with mathematics, averages
// over cases at most: this package moves arrays between the packages that do,
// in physical or normalized units as each wants them, and writes down what
// happened.
package run
