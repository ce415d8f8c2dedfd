// Package explain says whether a model explains a measurement.
//
// A posterior is computed for any measurement, also for one that no field of
// the prior can have caused. It then looks as certain as any other. This
// package looks at what the posterior leaves of the measurement.
//
// # The residual
//
// With f the forward model and s the standard deviation of the noise,
//
//	r = (y − f(x))/s
//
// is the standardized residual of a field x (priors.Standardize; phases are
// subtracted on the circle, and blurs of the measurement act on f). If (x*, y)
// is a pair of the model and x a draw of the exact posterior of y, then (x, y)
// has the distribution of (x*, y). So r has exactly the distribution of the
// noise, and every statistic of r is compared with the same statistic of
// simulated noise.
//
// Two fields are asked:
//
//	the nearest member of the prior   member.go     if none is near, no posterior explains y
//	the draws of a network            residual.go   the median of their residuals at each value
//
// The first needs a prior of few variables; no network takes part. Those may
// hold model error, so that it also answers where a field does not tell its
// measurement. Where the measurement is smooth in them, descent.go searches. The
// posterior of a network is only an approximation, so the distribution of its
// residuals comes from simulation: measurements of fresh pairs, draws from the
// network's posterior of each, the draws through the forward model. That is
// done once, at the end of the training, and kept in the model file
// (nn.Calibration).
//
// # Without a forward model
//
// Where only pairs are at hand, or a program that need not be there when a
// measurement is, training measurements are asked (novelty.go): r is what the
// measurement has outside of the span of their principal components, over what
// held-out ones have there. A mistake inside of the span is not seen. The
// components and the limits are kept in the model file (nn.Novelty).
//
// # Values that are known
//
// Some problems impose values, on a side that is driven by a given displacement
// (driven.go). There the residual is the noise, whatever the field is.
//
// # The statistics
//
// statistics.go lists them: χ² per value, the largest value with its place, the
// largest box, row and column, the mean, the slopes, the low cosines, the
// correlation of neighbors (Moran's I), and the noise at the scale of a pixel.
// Those that can be too small as well as too large have two limits. repeat.go
// finds values that occur more often than noise allows, such as zeros in place
// of missing samples.
//
// # The rate of false alarms
//
// All statistics of a family are calibrated together (calibration.go). The
// smallest tail probability of a right measurement has a distribution of its
// own, and the limit is an order statistic of it over simulations. It bounds
// the share of right measurements that are refused by any of the tests, with
// probability 0.95, and assumes no normal distribution.
//
// # What cannot be seen
//
// A mistake that turns one right measurement into another right measurement
// leaves no trace in y: a map mirrored left to right where the prior is
// symmetric, or a map shifted by less than the prior allows. Only a picture
// shows those.
package explain
