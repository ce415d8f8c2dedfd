// Package run holds the whole chain together: from the prior of a problem to the posterior of a measurement, in a
// folder that can be left and taken up again at any point.
//
// The steps are those of the paper's Section 3.5 and each has a file:
//
//	config.go     what to do: a Config, resolved from a preset and options, kept as config.toml
//	folder.go     where: the run folder, its manifest run.json, and what may not differ when a run goes on
//	training.go   Step 1 and 2: pairs → score network (model.safetensors)
//	posterior.go  Step 3: measurement → draws → mean, standard deviation, quantiles
//	reference.go  beside it the exact or Monte Carlo posterior, and the comparison
//	chain.go      all of it for one Config: what `csdm run` does
//	demo.go       the embedded example: what `csdm demo` does
//	pages.go      report.html of either
//
// Nothing is computed here that a test could compare with mathematics: this package moves arrays between the
// packages that do, in physical or normalized units as each wants them, and writes down what happened.
package run
