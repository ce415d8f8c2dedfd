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
//
// # The question
//
// A network learns p(x | y) from pairs. Is the result the posterior? For a
// single measurement nobody knows, unless a reference can be computed. Over
// many measurements the pairs themselves decide: if (x*, y) is a pair and x₁ …
// x_N are draws of the exact p(x | y), then x* and the x_j have one
// distribution given y. Hence
//
//	rank of q(x*) among q(x₁) … q(x_N) is uniform        for any quantity q
//	P(low_k ≤ x*_k ≤ high_k) = level                     for central intervals
//	E[χ² of the draws] = E[χ² of the true field]         for the misfit
//
// Check estimates each of these with an interval and compares it with a
// tolerance (bench.Tolerance). The number of measurements sets the width of the
// intervals, not the verdict.
//
// # Spoiled posteriors
//
// A test that passes everything is worthless. Each check therefore judges,
// beside the network, posteriors that are wrong on purpose: too narrow, too
// wide, shifted, or draws of the prior. It passes only if the network passes
// and every spoiled posterior fails.
//
// # Variants
//
// Certify judges the draws after weighting by the forward model, over the
// measurements whose certificate is granted. At judges the posterior in the
// neighborhood of one measurement (around.go). Store takes pairs from files for
// problems without a forward model.
//
// # Bands
//
// Conformal does not judge but repairs: it widens or narrows intervals around
// the draws until they hold the true values at the stated rate on held-out
// pairs. The guarantee needs exchangeable pairs and no assumption about the
// network.
//
// # Memorization
//
// A network that learned its training set by heart draws training fields. Its
// denoiser shows this directly: it lies near the optimum of the set and far
// from the exact denoiser (memorization.go).
//
// # What is checked
//
// TestResultJudges and TestSpoiledPosterior judge calibrated and spoiled
// posteriors. TestCheckResumes and TestCheckIsFinished compare stopped calls
// with one call, byte by byte. TestBandLevels computes levels by hand.
// TestSummarize has the closed form of Wilson's interval. TestMemorized mixes
// two known denoisers.
package calibrate
