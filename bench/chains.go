package bench

import (
	"context"
	"fmt"
	"math"
	"time"

	"csdm/problems"
)

// ChainsSettings are the limits of Chains. A zero stands for the default in
// brackets.
type ChainsSettings struct {
	Chains    int     // number of chains, at least 4 [16]
	Inner     int     // steps on the emulator per forward solve [60 a variable, at least 300]
	ESS       float64 // bulk effective sample size at which Chains stops [400]
	RHat      float64 // largest R̂ at which Chains stops [1.01]
	MaxSolves int     // number of forward solves from which on no sweep begins [100,000]
	// seed of starts, walks and acceptances
	Seed    uint64
	Threads int // at least 1

	// Start holds variables θ where the posterior is expected, row by row; nil:
	// the chains start from prior draws.
	Start []float64

	// Watch, if not nil, is called after each sweep.
	Watch func(ChainsProgress)

	Resume *ChainsState             // a state that Save received; nil: from the start
	Save   func(*ChainsState) error // if not nil, receives the state after each sweep
}

// Requirements of chains that have mixed (Vehtari et al. 2021).
const (
	MixedRHat = 1.01 // R̂ is below it
	MixedESS  = 400  // the bulk effective sample size is at least as large
)

// resolve returns the settings with their defaults for dim variables.
func (s ChainsSettings) resolve(dim int) (ChainsSettings, error) {
	for _, v := range []struct{ value, otherwise *int }{
		{&s.Chains, ptr(16)}, {&s.Inner, ptr(max(300, 60*dim))}, {&s.MaxSolves, ptr(100_000)}} {
		if *v.value == 0 {
			*v.value = *v.otherwise
		}
	}
	if s.ESS == 0 {
		s.ESS = MixedESS
	}
	if s.RHat == 0 {
		s.RHat = MixedRHat
	}
	if s.Chains < 4 || s.Inner < 1 || !(s.ESS > 0) || !(s.RHat > 1) || s.MaxSolves < s.Chains ||
		s.Threads < 1 {
		return s, fmt.Errorf("bench: settings of chains out of range: %d chains (at least 4), %d "+
			"inner steps (at least 1), effective sample size %g (positive), R̂ %g (above 1), at "+
			"most %d solves (at least one per chain), %d threads (at least 1)", s.Chains, s.Inner,
			s.ESS, s.RHat, s.MaxSolves, s.Threads)
	}
	return s, nil
}

// ptr returns a pointer to a copy of v.
func ptr[T any](v T) *T { return &v }

// ChainsProgress is the state of Chains after a sweep.
type ChainsProgress struct {
	Solves      int     // forward solves so far
	Temperature float64 // power of the likelihood
	Error       float64 // of the emulator's log-likelihood at Temperature in the last round
	Accepted    float64 // share of the round's solves that were accepted
	Sweeps      int     // of this round
	Mixing              // of this round; zero: not known
}

// ChainsResult is a posterior from Markov chains.
type ChainsResult struct {
	// ESS is the smallest bulk size over variables, quantities and the
	// log-likelihood. MeanError and StdError are the standard errors of ESS
	// independent draws.
	Posterior
	Mixing

	Converged   bool      // RHat and ESS meet the settings
	Temperature float64   // power of the likelihood that the chains reached
	Theta       []float64 // kept states, sweep by sweep, chain by chain
	Accepted    float64   // share of the solves of the kept sweeps that were accepted
	Solves      int       // forward solves in total
	Kept        int       // solves of the kept sweeps
	// wall time
	Elapsed time.Duration
}

// Chains computes the posterior of the field given the measurement y (physical
// units, channel planes) by Markov chains on the variables of a
// problems.Structured or problems.Parametric.
//
// A chain walks Inner steps on an emulator of the likelihood, which is cheap,
// and then accepts or rejects where it arrived by one forward solve. With the
// emulator's ℓ* and the model's ℓ, the probability of acceptance is min(1,
// exp((ℓ − ℓ*)(θ′) − (ℓ − ℓ*)(θ))). This is delayed acceptance (Christen and
// Fox 2005) with several inner steps (Liu 2001, section 9.4.3), and leaves the
// posterior unchanged whatever the emulator. The emulator is linear in
// coordinates of the variables, in some of their products, and in the field at
// the nodes that an edge may cross. It is fitted to earlier solves.
//
// The chains run in rounds. Emulator and moves are fitted between rounds and
// never within one, so that each round is a Markov chain. The first rounds
// sample the likelihood to a power below 1, which rises as the emulator becomes
// more accurate. The result uses the last round alone.
//
// The result is the same for any number of threads, and for a run that was
// stopped and resumed. Errors: settings out of range, *StateError, ctx's error,
// errors of Save and of the forward model.
func Chains(ctx context.Context, problem problems.Problem, y []float64,
	settings ChainsSettings) (*ChainsResult, error) {
	begin := time.Now()
	c, err := newChains(problem, y, settings)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	for c.Sweep == 0 || !c.mixing().ok(c.s) && c.Solves < c.s.MaxSolves {
		if c.roundEnded() {
			if err := c.nextRound(ctx); err != nil {
				return nil, err
			}
		}
		if err := c.sweep(ctx); err != nil {
			return nil, err
		}
	}
	r := c.result()
	r.Elapsed = time.Since(begin)
	return r, nil
}

// Numbers of the rounds.
const (
	warmSweeps   = 12   // of a round below temperature 1
	steadySweeps = 40   // of the first round at temperature 1; each later one has twice as many
	checkSweeps  = 20   // between two looks at the mixing of a round
	trained      = 1024 // most solves that an emulator is fitted to

	// aimedError is the error of the emulator's log-likelihood, times the
	// temperature, at which chains of any length accept about a third.
	aimedError = 3
	mostRise   = 8.0 // of the temperature between two rounds
)

// mixing returns the mixing of the present round, looked at every checkSweeps;
// zero if the round does not count.
func (c *chains) mixing() Mixing {
	if c.Temperature < 1 || c.Steady == 0 || c.Sweep == 0 || c.Sweep%checkSweeps != 0 {
		return Mixing{}
	}
	if c.lookedAt != c.Sweep {
		c.lookedAt, c.last = c.Sweep, mixingOf(c.Kept, c.s.Chains, c.width())
	}
	return c.last
}

// roundEnded reports whether the emulator and the moves are fitted again.
// Rounds that count double in length, so that at least half of all steady
// solves belong to the last one, whose states are kept.
func (c *chains) roundEnded() bool {
	if c.Steady == 0 {
		return c.Sweep >= warmSweeps
	}
	return c.Sweep >= steadySweeps<<(c.Steady-1)
}

// Mixing describes how well chains agree.
type Mixing struct {
	RHat  float64 // rank-normalized folded split R̂, the largest of all series
	Bulk  float64 // bulk effective sample size, the smallest of all series
	Worst int     // the series with the smallest size: variables, log-likelihood, quantities
}

// ok reports whether the chains meet the settings.
func (m Mixing) ok(s ChainsSettings) bool {
	return m.Bulk >= s.ESS && m.RHat < s.RHat
}

// mixingOf returns the mixing of rows of width numbers, sweep by sweep, chain
// by chain.
func mixingOf(rows []float64, chains, width int) Mixing {
	n := len(rows) / (chains * width)
	m := Mixing{RHat: 1, Bulk: math.Inf(1)}
	series := make([][]float64, chains)
	for k := range width {
		for c := range series {
			series[c] = make([]float64, n)
			for i := range n {
				series[c][i] = rows[(i*chains+c)*width+k]
			}
		}
		m.RHat = max(m.RHat, SplitRHat(series))
		if ess := BulkESS(series); ess < m.Bulk {
			m.Bulk, m.Worst = ess, k
		}
	}
	return m
}
