// Package calibrate tests whether the posteriors of a model are calibrated, and
// calibrates bands around its draws. It takes fresh pairs of field and
// measurement, samples the posterior of each measurement, and compares the
// draws with the field that made it. Package bench holds the statistics; this
// package makes the trials, keeps them on disk, and writes the report.
//
//	check.go    Check: settings, result, and the loop over measurements
//	shard.go    CheckShard and ConformalShard: the measurements of one shard
//	needs.go    memory and disk of a call
//	trial.go    one measurement: its draws, and the record of them
//	stored.go   pairs of a dataset, for a problem without a forward model
//	around.go    pairs and weights of a check at one measurement
//	weighting.go the weights behind certified draws, and the draws left out
//	support.go  whether the draws can come from a posterior
//	figures.go  rank histograms, coverage curves, misfits
//	report.go   check.json, measurements.csv and report.html
//
//	bands.go       Conformal: settings, folder, and the copy of the model
//	bandtrial.go   one held-out measurement: its draws, and the record of them
//	bandlevels.go  levels from the records, and coverage on fresh measurements
//
//	memorization.go Memorization: a network between its set and the posterior
//	denoisers.go    distances of denoisers
package calibrate
