// Package calibrate tests whether the posteriors of a model are calibrated. It
// draws fresh pairs of field and measurement, samples the posterior of each
// measurement, and compares the draws with the field that made it. Package
// bench holds the statistics; this package makes the trials, keeps them on
// disk, and writes the report.
//
//	check.go    Check: settings, result, and the loop over measurements
//	trial.go    one measurement: draws, and the record that is kept of them
//	support.go  whether draws can be those of a posterior
//	figures.go  rank histograms, coverage curves, misfits
//	report.go   check.json, measurements.csv and report.html
package calibrate
