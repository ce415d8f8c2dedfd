// Package table5 repeats the study of the paper's Tables 4 and 5: phantoms of
// the quasi-static problem at several noise levels, their exact posteriors, and
// the errors of the score network, of FEniCS and of Monte Carlo beside them.
//
//	study.go   Run: settings, result, phantoms, and the posteriors of each
//	curves.go  error over training, network evaluations and cost
//	report.go  table5.json, CSV files and report.html
package table5
