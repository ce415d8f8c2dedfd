package certify

import (
	"context"
	"math"
	"slices"

	"csdm/bench"
	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// fielder maps variables to fields.
//
// It is the part of problems.Parametric that sample needs.
type fielder interface{ Field(x, theta []float64) }

// sample draws the equally weighted variables and fields, and sets the
// quantiles from them.
//
// For a problem with model error the measured variables are resampled, and the
// others are drawn from their prior for each draw: the likelihood has
// integrated over them. Each draw has a stream of its own, so that a shorter
// result has the same first draws of the error.
func (r *Result) sample(ctx context.Context, problem fielder, s Settings) error {
	size, d := len(r.Mean), len(r.Theta)/len(r.LogWeights)
	r.SampleTheta = resample(r.Theta, r.LogWeights, s.Draws, s.Seed)
	if m, ok := problem.(problems.Marginal); ok { // a model error for each draw
		lo, hi := m.Box()
		first := m.Measured()
		for i := range s.Draws {
			priors.Draw(r.SampleTheta[i*d+first:(i+1)*d], lo[first:], hi[first:],
				rng.New(s.Seed, rng.Reference, uint64(i), errorKey))
		}
	}
	r.Samples = make([]float64, s.Draws*size)
	if err := parallel.For(ctx, s.Threads, s.Draws, func(_, i int) error {
		problem.Field(r.Samples[i*size:(i+1)*size], r.SampleTheta[i*d:(i+1)*d])
		return nil
	}); err != nil {
		return err
	}
	q := bench.FromDraws(r.Samples, s.Draws, size, s.Threads)
	r.Q05, r.Q50, r.Q95 = q.Q05, q.Q50, q.Q95
	return nil
}

// resample returns n rows of θ that Resample draws.
//
// A row of large weight occurs several times.
func resample(theta, logW []float64, n int, seed uint64) []float64 {
	d := len(theta) / len(logW)
	out := make([]float64, 0, n*d)
	for _, k := range Resample(logW, n, rng.New(seed, rng.Reference, resampleKey, libraryKey)) {
		out = append(out, theta[k*d:(k+1)*d]...)
	}
	return out
}

// Resample returns n indices of log-weights, with probabilities in proportion
// to the weights, by systematic resampling (Kitagawa 1996): index i is the one
// whose part of the cumulative weight contains (i + U)/n, U uniform. The
// indices are in random order, so that any part of them is a sample. At least
// one weight must be positive.
//
// Row i with the normalized weight w_i gets ⌊n w_i⌋ or ⌈n w_i⌉ copies. The
// shuffle is by Fisher and Yates.
func Resample(logW []float64, n int, s *rng.Stream) []int {
	top := slices.Max(logW)
	total := 0.0
	for _, l := range logW {
		total += math.Exp(l - top)
	}
	rows, at, sum, u := make([]int, n), 0, math.Exp(logW[0]-top), s.Float64()
	for i := range rows {
		for level := (float64(i) + u) / float64(n) * total; sum < level && at < len(logW)-1; {
			at++
			sum += math.Exp(logW[at] - top)
		}
		rows[i] = at
	}
	for i := n - 1; i > 0; i-- {
		j := s.Uint64n(uint64(i + 1))
		rows[i], rows[j] = rows[j], rows[i]
	}
	return rows
}

// resampleKey and errorKey distinguish the streams of resample and of the model
// errors from other streams of the same seed.
const (
	resampleKey = 1 << 62
	errorKey    = libraryKey + 1
)
