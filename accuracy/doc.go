// Package accuracy compares methods that compute posteriors: a score network,
// with and without a certificate, and methods that need no network. For fresh
// measurements of each problem it measures the errors of every method against a
// reference posterior and against the true field, and the cost of every method
// in CPU time of the process, forward solves and evaluations of the network.
//
//	study.go        Run: settings, result, and the loop over measurements
//	measurement.go  a fresh measurement, its reference, the prior's mean
//	method.go       the methods
//	foreign.go      posteriors that another program computed
//	truth.go        measurements with their references, for other programs
//	row.go          a row of the table: errors and cost of one posterior
//	draws.go        distances of draws from draws of the reference
//	quantity.go     errors and intervals of physical quantities
//	summary.go      figures over the measurements
//	cost.go         methods at equal cost, with the cost of training
//	write.go        the CSV and JSON files
//
// The tables are tidy: a row is one posterior, and a column is one number. The
// fields of Row, QuantityRow, SummaryRow and CostRow are the columns.
package accuracy
