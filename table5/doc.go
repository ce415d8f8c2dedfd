// Package table5 repeats the study of the paper's Tables 4 and 5. It infers
// phantoms at several noise levels, computes their exact posteriors, and
// tabulates the errors of the score network and of Monte Carlo. Measurements
// made with FEniCS are judged separately.
//
//	study.go   Run: settings, result, phantoms, and the posteriors of each
//	shard.go   the measurements of one shard
//	curves.go  error over training, network evaluations and cost
//	report.go  table5.json, CSV files and report.html
package table5
