// Package explain decides whether a model explains a measurement.
//
// A posterior can be computed for any measurement, also for one that no field
// of the prior can have caused. Such a posterior looks as certain as any other.
// This package examines the part of the measurement that the posterior does not
// explain.
//
// # The residual
//
// With f the forward model and s the standard deviation of the noise,
//
//	r = (y − f(x))/s
//
// is the standardized residual of a field x (priors.Standardize; phases are
// subtracted on the circle, and blurs of the measurement act on f). If (x*, y)
// is a pair of the model and x is a draw of the exact posterior of y, then (x,
// y) has the distribution of (x*, y). So r has exactly the distribution of the
// noise, and each statistic of r is compared with the same statistic of
// simulated noise.
//
// The residual is computed for two kinds of fields:
//
//   - the nearest member of the prior: if no member is near, no posterior
//     explains y;
//   - the draws of a network: the median of their residuals at each value.
//
// The nearest member needs a prior of few variables and no network. The
// variables may include model error, so this test also works where the field
// alone does not determine the measurement. If the measurement is smooth in the
// variables, descent.go searches for the nearest member.
//
// The posterior of a network is only an approximation, so the distribution of
// its residuals comes from simulation. Fresh pairs give measurements, the
// network draws the posterior of each, and the forward model maps the draws to
// measurements. This happens once, at the end of the training. The model file
// stores the result (nn.Calibration).
//
// # Without a forward model
//
// Some problems consist of pairs only, or of a program that may be missing when
// a measurement is judged. The test then uses training measurements
// (novelty.go). r is the part of the measurement outside of the span of their
// principal components, divided by the scale of this part in held-out
// measurements. The test misses a mistake inside of the span. The model file
// stores the components and the limits (nn.Novelty).
//
// # Values that are known
//
// Some problems impose values of the measurement, for example on a side that is
// driven by a given displacement (driven.go). There the residual is the noise,
// whatever the field is.
//
// # The statistics
//
// statistics.go lists them: χ² per value, the largest value with its place, the
// largest box, row and column, the mean, the slopes, the low cosines, the
// correlation of neighbors (Moran's I), and the noise at the scale of a pixel.
// A statistic that can be too small as well as too large has two limits.
// repeat.go finds values that occur more often than noise allows, such as zeros
// that stand for missing samples.
//
// # The rate of false alarms
//
// All statistics of a family are calibrated together (calibration.go). The
// limit is an order statistic, over simulations, of the smallest tail
// probability of a right measurement. With probability 0.95 it bounds the share
// of right measurements that one or more of the tests refuse. It assumes no
// normal distribution.
//
// # What cannot be seen
//
// A mistake that turns one right measurement into another right measurement
// leaves no trace in y: a map mirrored left to right where the prior is
// symmetric, or a map shifted by less than the prior allows. Only a picture
// shows such a mistake.
//
// # Files
//
//	judge.go        the tests of one measurement, one after the other
//	member.go       the nearest member of a prior, by a cross-entropy search
//	descent.go      the nearest member where the measurement is smooth
//	modes.go        all members where the likelihood has a maximum
//	laplace.go      the normal approximation of the posterior about it
//	residual.go     the residual of draws
//	novelty.go      the residual from training measurements
//	driven.go       values that a problem imposes
//	statistics.go   the statistics of a residual
//	repeat.go       values that occur too often
//	calibration.go  limits at a rate of false alarms
//	verdict.go      the verdict, as data and as text
//
// # Why the residual has the distribution of the noise
//
// Draw x* from the prior and y = f(x*) + s e. Then draw x from p(x | y). Given
// y, x and x* have one distribution, so that (x, y) and (x*, y) have one
// distribution too. A function of both has it as well, in particular
//
//	(y − f(x))/s  and  (y − f(x*))/s = e
//
// The identity holds for one draw. The median over several draws is somewhat
// smaller, because it averages over the posterior; its limits are simulated
// with the same number of draws.
//
// # Several tests, one rate
//
// Each of eleven statistics has a tail probability p_k under right
// measurements. The verdict uses the smallest, p = min_k p_k, and its limit is
// a quantile of p over simulations. So the number of statistics, and any
// dependence between them, is taken into account without a correction by their
// number.
package explain
