// Package infer computes the posterior of one measurement and keeps it in a
// file: draws by a network or by the exact score, a verdict on whether the
// model explains the measurement, a certificate by forward solves, and a
// reference posterior by integration or Monte Carlo. Package run has the chain
// from a prior to this.
//
//	posterior.go         Step 3: posterior draws, mean, std, quantiles
//	shard.go             one shard of a posterior's draws, or of a reference's
//	support.go           whether the draws can come from a posterior
//	explained.go         whether the model explains the measurement
//	limits.go            its limits, from simulated measurements
//	exactscore.go        draws by the exact score instead of a network's
//	film.go              the walk of one draw down the noise levels
//	certified.go         a posterior made exact by forward solves
//	search.go            the same, found without a network
//	reference.go         the reference posterior, by the method that fits
//	importance.go        importance sampling, with its state on disk
//	chains.go            Markov chains, with their state on disk
//	searchstate.go       the search so far, kept on disk
//	solves.go            forward solves of a reference, kept on disk
//	saveevery.go         how often that is
//	saveevery_faults.go  the same in a build whose disk fails on purpose
//	points.go            weighted fields of a reference in a result
//	plane.go             density of the first two variables in a result
//	bands.go             intervals with a guaranteed coverage on average
//	bandfile.go          the same in a result file
//	quantities.go        physical quantities of the draws
//	compare.go           the distance between two results
//	result.go            result files (.npz)
//	stored.go            the parts of a posterior in a result file
//	stack.go             the results of many measurements in one file
//	netcdf.go            a result as NetCDF for other programs
//	keep.go              parts of a study, each kept in a file
//	identity.go          the identity of a result, and whether it is finished
//	builtinmodel.go      the embedded networks
//
// # Resuming
//
// Unfinished work is in the file Job.Partial. The same call after any stop
// resumes from it and ends with the same numbers. A result is written whole or
// not at all.
//
// # The question
//
// With x the field (n_X pixels), y the measurement (n_Y values, NaN where a
// value is missing) and F the forward model with noise η, the paper's Eq. 1 and
// Eq. 2 are
//
//	y = F(x; η),   p(x | y) ∝ p(y | x) p(x)
//
// Given one y, this room returns draws of p(x | y), or its mean and standard
// deviation at each pixel. Three ways lead there. They differ in the knowledge
// that they need:
//
//	Sample              a trained network, no forward model
//	Search, Certify     forward model, density of the noise, few variables
//	ReferencePosterior  the same; a closed form, a grid, weights or chains
//
// Sample runs Algorithm 1 of the paper, or a faster solver, from the largest
// noise level σ₁ down to σ_L with the score s(x̃, y, σ) of the network. Its
// error is the network's plus the sampler's. SampleExact runs the same sampler
// with the exact score of bench.ExactScore, so that its distance from the
// reference is the error of the sampler alone. The difference between the two
// distances is due to the network.
//
// # Units
//
// A draw x in normalized units and the field x′ in physical units satisfy
//
//	x′ = x_min + (x_max − x_min) x
//
// with the range of the training fields (nn.Normalization), or of the prior
// where no network exists. Each field of a problem with several fields has a
// range of its own. Means and quantiles transform like x; standard deviations
// and errors only scale, by x_max − x_min. y is in physical units in every
// exported function. Result files hold both units: an entry with the suffix
// _physical, and one without.
//
// # What is checked
//
// TestSampleResumes compares interrupted work with one call, number by number.
// TestReferenceMethodsAgree compares ln p(y) by three methods. TestClosedForm
// and TestDefaultsOnALinearGaussianProblem use Gaussian posteriors that are
// known exactly. TestSpoiledNetworks certifies the posteriors of networks with
// damaged weights, which must be repaired or refused.
// TestRightMeasurementsAreExplained counts the false alarms of the verdict.
//
// # Memory
//
// Posterior owns its slices. WriteFile and ReadPosterior copy. The largest
// array is Samples with draws × pixels float64; DrawRequest.Make refuses a
// number of draws that exceeds recipe.MostDraws before it allocates anything.
package infer
