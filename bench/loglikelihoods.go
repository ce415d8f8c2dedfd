package bench

import (
	"context"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// keptDraws is the number of prior draws whose likelihoods LogLikelihoods hands
// out together.
const keptDraws = 256

// LogLikelihoods computes ln p(y | θ) for the prior draws of Importance with
// numbers from, …, to − 1. It hands the numbers of consecutive draws to keep,
// some draws at a time, each with one number per target. Importance takes them
// as ImportanceSettings.LogL, so that several processes can share its forward
// solves.
func LogLikelihoods(ctx context.Context, problem problems.Parametric, targets []NoisyMeasurement,
	s ImportanceSettings, from, to int, keep func(logL []float64) error) error {
	l, err := newLikelihood(problem, targets, s.Threads)
	if err != nil {
		return err
	}
	defer l.close()
	theta, logL := make([]float64, keptDraws*l.dim()), make([]float64, keptDraws*len(targets))
	for from < to {
		n := min(keptDraws, to-from)
		l.draw(theta[:n*l.dim()], s.Seed, from)
		known := logL[:n*len(targets)]
		if err := l.evaluate(ctx, known, nil, theta[:n*l.dim()]); err != nil {
			return err
		}
		if err := keep(known); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// draw sets theta to the variables of prior draws from number first on.
func (l *likelihood) draw(theta []float64, seed uint64, first int) {
	d := l.dim()
	for i := range len(theta) / d {
		var stream rng.Stream
		stream.Reset(seed, rng.Reference, uint64(first+i), 0)
		priors.Draw(theta[i*d:(i+1)*d], l.lo, l.hi, &stream)
	}
}
