// Package run runs the whole chain, from the prior of a problem to the
// posterior of a measurement, in a folder from which it can resume at any
// point.
//
// The steps follow the paper's Section 3.5:
//
//	folder.go      the run folder: its lock, its manifest run.json, and the
//	               settings that must agree when a run resumes
//	training.go    Steps 1 and 2: pairs → score network (model.safetensors)
//	posterior.go   Step 3: measurement → draws → mean, std, quantiles
//	reference.go   a reference posterior: quadrature or importance sampling
//	importance.go  importance sampling with its state on disk
//	result.go      the .npz files of posteriors and references
//	quantities.go  physical quantities of the draws
//	truth.go       distance of the posteriors, and of the prior's mean, from the
//	               true fields; coverage of true quantities
//	chain.go       all steps for one recipe: the work of `csdm run`
//	forecast.go    the remaining work and its time, stated before it begins;
//	               forecast_measure.go measures samples of the work
//	demo.go        the embedded example: the work of `csdm demo`
//	prior.go       a sheet of draws from a prior: the work of `csdm prior`
//	pages.go       report.html
//
// # Resuming
//
// Each step looks first for its result and then for unfinished work
// (checkpoints, *.partial). The same call therefore gives the same numbers
// after any stop. A result is written whole or not at all, and its SHA-256 goes
// into run.json; from then on the file must not change. Only one process at a
// time can open a folder or a file of unfinished draws. The lock ends with the
// process.
//
// Package run does no numerical work beyond averages over cases. It passes
// arrays between the packages that do, converts units, and records the results.
package run
