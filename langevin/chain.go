package langevin

import (
	"context"
	"errors"
	"fmt"
	"math"

	"csdm/rng"
)

// Scorer evaluates the score of the smoothed distribution, ∇ log p_σ(x), at one
// state x. Score sets dst and leaves x unchanged. Both have the dimension of
// the distribution and do not overlap. A Scorer belongs to one goroutine and
// may keep scratch memory. The result must be a function of x and sigma alone.
type Scorer interface {
	Score(dst, x []float64, sigma float64) error
}

// ErrNonFinite is wrapped by the error of a sampler whose score or state became
// NaN or infinite.
var ErrNonFinite = errors.New("not a finite number")

// LevelError reports the noise level at which a sampler failed.
type LevelError struct {
	Level      int     // counted from 1
	Sigma      float64 // noise level of the failed score evaluation
	Evaluation int     // score evaluations done before it
	// cause: the scorer's error, one that wraps ErrNonFinite, or the context's
	Err error
}

// Error names level, sigma and evaluation at which the chain failed.
func (e *LevelError) Error() string {
	return fmt.Sprintf("noise level %d (sigma %.6g, after %d evaluations): %v", e.Level, e.Sigma,
		e.Evaluation, e.Err)
}

// Unwrap returns the scorer's error, or that a value was not finite.
func (e *LevelError) Unwrap() error { return e.Err }

// Chain holds the state of one draw while it is made, and the memory that a
// sampler needs. A Chain belongs to one goroutine and can be used for one draw
// after another.
type Chain struct {
	// the state: set X, run a sampler, read X; StartNoise sets a state that the
	// first score moves
	X []float64

	// the chain is the only user of its scorer, and resets nothing in it
	scorer Scorer
	// all randomness of the draw, so that the draw does not depend on the
	// thread
	stream *rng.Stream
	// checked before each score: a walk ends within one evaluation
	ctx context.Context
	// score evaluations since begin
	evaluations int
	// X is a draw of N(0, σ₁²I), which the first score moves to the mean
	uncentered bool
	share      *share // of the job's threads; nil if there are none to share
	threads    int    // threads of the scorer

	s       []float64 // score at X
	d, old  []float64 // slopes or denoised states of this step and of the last one
	predict []float64 // trial state
}

// NewChain returns a chain of states with dim components. It panics if dim < 1
// or an argument is nil.
func NewChain(scorer Scorer, dim int, stream *rng.Stream) *Chain {
	if dim < 1 || scorer == nil || stream == nil {
		panic("langevin: a chain needs a scorer, a stream and at least one component")
	}
	memory := make([]float64, 5*dim)
	take := func() []float64 {
		part := memory[:dim:dim]
		memory = memory[dim:]
		return part
	}
	return &Chain{X: take(), s: take(), d: take(), old: take(), predict: take(),
		scorer: scorer, stream: stream, ctx: context.Background(), threads: 1}
}

// StartUniform sets X to x₀ ~ U(0, 1) per component, the initial state of the
// paper's Algorithm 1.
func (c *Chain) StartUniform() {
	c.uncentered = false
	for k := range c.X {
		c.X[k] = c.stream.Float64()
	}
}

// StartNoise sets X to σ₁z ~ N(0, σ₁²I), from which the other samplers start.
// Unless start is StartZero, their first score moves X to x₀ = D(σ₁z, σ₁) +
// σ₁z, because p_σ₁ has the mean of x and not zero: see center. So σ₁ must be
// larger than the deviations of x alone.
func (c *Chain) StartNoise(sigma1 float64, start Start) {
	c.uncentered = start != StartZero
	for k := range c.X {
		c.X[k] = sigma1 * c.stream.Normal()
	}
}

// center moves the start X = σz to D + σz, where D = X + σ²s is the denoised
// state, and sets s, the score at X, to the score there. Along a direction in
// which x has mean m and variance v, the ODE shrinks deviations from m by
// √(v/(v+σ²)). A walk from σz itself would end at m − m√v/σ on average: an
// error of m/σ standard deviations of x. A walk from D + σz has v/σ² of that
// error. D is taken to be the same at both states, which costs another v/σ².
// The variance of the start is v/σ² of itself too large, and was as much too
// small.
func (c *Chain) center(s []float64, sigma float64) {
	c.uncentered = false
	variance := sigma * sigma
	for k, x := range c.X {
		c.X[k] += x + variance*s[k]
		s[k] = -x / variance
	}
}

// begin prepares c for a walk down sigmas. It panics if the schedule is not
// valid, so samplers need not check the levels again.
func (c *Chain) begin(sigmas Schedule) {
	if err := sigmas.Validate(); err != nil {
		panic(err.Error())
	}
	c.evaluations = 0
}

// score sets dst to the score at x and level i of sigmas, and counts the
// evaluation. It returns a *LevelError if the context has ended, if the scorer
// fails, or if the score is not finite.
func (c *Chain) score(dst, x []float64, sigmas Schedule, i int) error {
	err := c.ctx.Err()
	if c.share != nil {
		c.setThreads(c.share.of())
	}
	if err == nil {
		err = c.scorer.Score(dst, x, sigmas[i])
	}
	if err == nil {
		// A state that overflowed gives a score that is not finite, so checking
		// the score is enough. Method finish checks the last state.
		err = finite("score", dst)
	}
	if err != nil {
		return &LevelError{Level: i + 1, Sigma: sigmas[i], Evaluation: c.evaluations, Err: err}
	}
	c.evaluations++
	if c.uncentered {
		c.center(dst, sigmas[i])
	}
	return nil
}

// finish returns the evaluations of a walk that reached its end, or an error if
// the final state is not finite.
func (c *Chain) finish(sigmas Schedule) (int, error) {
	if err := finite("state", c.X); err != nil {
		return c.evaluations, &LevelError{Level: len(sigmas), Sigma: sigmas[len(sigmas)-1],
			Evaluation: c.evaluations, Err: err}
	}
	return c.evaluations, nil
}

// finite returns an error for the first component that is NaN or infinite. It
// wraps ErrNonFinite, and what names the vector.
func finite(what string, v []float64) error {
	for k, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("component %d of the %s is %v: %w", k, what, x, ErrNonFinite)
		}
	}
	return nil
}
