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
//
// # Figures
//
// With mean and std the moments of a method's posterior at the n_X pixels,
// mean* and std* the moments of the reference, x* the true field and w the
// width of the prior's range, a row holds
//
//	rmse_mean  = √(Σ_k (mean_k − mean*_k)²/n_X)/w
//	rmse_std   = √(Σ_k (std_k − std*_k)²/n_X)/w
//	std_ratio  = Σ_k std_k/Σ_k std*_k
//	rmse_true  = √(Σ_k (mean_k − x*_k)²/n_X)/w
//	true_ratio = rmse_true over the same of the prior's mean
//
// The first two are the figures of the paper's Tables 4 and 5. The distance
// from the true field needs no reference, but even the exact posterior has one:
// the measurement does not determine the field. true_ratio is 1 for a method
// that learned nothing from the measurement.
//
// Each distance from a reference stands beside two floors, the error by the
// number of draws and the error of the reference. A distance below their sum is
// no evidence against the method.
//
// # Equal cost
//
// A network pays once for its training; the other methods pay per measurement.
// CostRow compares the errors at equal CPU time per measurement, with the
// training divided by the number of measurements. BreakEven is the number from
// which on the network is cheaper,
//
//	training/(seconds of the method to the same error − seconds of a network)
//
// # Independence
//
// The measurements come from the seed of the study, the references from that
// seed with referenceSeed, and the prior's mean from it with priorSeed, so that
// no error is shared by a method and its judge. A study refuses a model that
// was trained with its seed.
//
// # What is checked
//
// TestRunWithoutNetwork and TestRunWithNetwork compare rows with direct calls.
// TestCosts uses errors c/√s, for which everything is known. TestSlicedDistance
// compares with the closed form of two normal distributions. TestModes uses a
// posterior of two modes with known weights. TestResume and TestShards compare
// stopped and divided studies with one call.
package accuracy
