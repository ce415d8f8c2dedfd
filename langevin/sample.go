package langevin

import (
	"context"
	"fmt"
	"time"

	"csdm/internal/parallel"
	"csdm/internal/setting"
	"csdm/rng"
)

// Sampler is the name of a sampling algorithm.
type Sampler string

const (
	SamplerAnnealed           Sampler = "annealed" // AnnealedLangevin
	SamplerHeun               Sampler = "heun"     // Heun
	SamplerDPMSolverPP2M      Sampler = "dpmpp2m"  // DPMSolverPP2M
	SamplerPredictorCorrector Sampler = "pc"       // PredictorCorrector
)

// Samplers returns the names of the samplers, in the order of the package
// documentation.
func Samplers() (names []Sampler) {
	known, err := setting.Find(&Settings{}, "sampler")
	if err != nil {
		panic(err)
	}
	for _, name := range known.Choices() {
		names = append(names, Sampler(name))
	}
	return names
}

// Evaluations returns the number of score evaluations of one draw.
// stepsPerLevel is T of annealed Langevin or the corrections per level of
// predictor–corrector; other samplers ignore it. Evaluations panics for an
// unknown sampler.
func Evaluations(sampler Sampler, levels, stepsPerLevel int) int {
	switch sampler {
	case SamplerAnnealed:
		return levels*stepsPerLevel + 1
	case SamplerHeun:
		return 2*levels - 1
	case SamplerDPMSolverPP2M:
		return levels
	case SamplerPredictorCorrector:
		return levels + stepsPerLevel*(levels-1)
	}
	panic(fmt.Sprintf("langevin: unknown sampler %q; it must be one of %v", sampler, Samplers()))
}

// Evaluations returns the number of score evaluations of one draw, or 0 if s is
// not valid.
func (s *Settings) Evaluations() int {
	resolved, err := s.resolve()
	if err != nil {
		return 0
	}
	return Evaluations(resolved.Sampler, len(resolved.Sigmas), resolved.StepsPerLevel) +
		resolved.Corrections
}

// walk sets the initial state of c and takes it down the levels of the
// schedule.
func (s *Settings) walk(c *Chain) (evaluations int, err error) {
	switch s.Sampler {
	case SamplerAnnealed:
		c.StartUniform()
		return AnnealedLangevin(c, s.Sigmas, s.StepsPerLevel, s.Epsilon, s.Form)
	case SamplerHeun:
		c.StartNoise(s.Sigmas[0], s.Start)
		return Heun(c, s.Sigmas)
	case SamplerDPMSolverPP2M:
		c.StartNoise(s.Sigmas[0], s.Start)
		return DPMSolverPP2M(c, s.Sigmas, s.corrections())
	case SamplerPredictorCorrector:
		c.StartNoise(s.Sigmas[0], s.Start)
		return PredictorCorrector(c, s.Sigmas, s.StepsPerLevel, s.SNR)
	}
	panic("langevin: settings were not validated")
}

// Cost holds the work that one call of Sample did.
type Cost struct {
	Draws       int           // draws that were made and handed to sink
	Evaluations int           // score evaluations of those draws
	Wall        time.Duration // time from call to return
	Busy        time.Duration // time in chains, summed over them
}

// DrawError reports which draw failed. It wraps a *LevelError or the error of
// sink.
type DrawError struct {
	// index of the draw, from 0
	Draw int
	// the chain's error
	Err error
}

// Error names the draw.
func (e *DrawError) Error() string { return fmt.Sprintf("langevin: draw %d: %v", e.Draw, e.Err) }

// Unwrap returns the chain's error.
func (e *DrawError) Unwrap() error { return e.Err }

// Sample makes draws of dim components and hands each one to sink, in ascending
// order of their index and from one goroutine at a time. The slice x is valid
// only during the call of sink. Sample calls newScorer from the calling
// goroutine, once for each of the at most Threads chains that run at once. It
// leaves each Threaded scorer with one thread.
//
// Draw i is a function of Seed, Measurement, i and the scorer alone. To resume
// an interrupted job, raise First or set Skip: the draws are the same as
// without the interruption. An error, including the context's, stops the job
// after the draws below it that were in progress have been handed out. So sink
// always receives First, First+1, … without a gap, except for the skipped
// draws.
func Sample(ctx context.Context, newScorer func() Scorer, dim int, settings Settings,
	sink func(draw int, x []float64) error) (Cost, error) {
	begin := time.Now()
	s, err := settings.resolve()
	if err != nil {
		return Cost{}, err
	}
	if dim < 1 {
		return Cost{}, fmt.Errorf("langevin: states of %d components; at least 1 is needed",
			dim)
	}
	draws := make([]int, 0, max(0, s.Draws-s.First))
	for draw := s.First; draw < s.Draws; draw++ {
		if s.Skip == nil || !s.Skip(draw) {
			draws = append(draws, draw)
		}
	}
	type worker struct {
		chain  *Chain
		stream rng.Stream
	}
	workers := make([]worker, min(s.Threads, len(draws)))
	threads := share{threads: s.Threads}
	threads.left.Store(int64(len(draws)))
	for w := range workers {
		chain := NewChain(newScorer(), dim, &workers[w].stream)
		chain.ctx, chain.share = ctx, &threads
		workers[w].chain = chain
		defer chain.setThreads(1)
	}
	var cost Cost
	queue := newInOrder(ctx, 4*s.Threads, dim, func(i int, r *result) error {
		if r.err == nil {
			r.err = sink(draws[i], r.x)
		}
		if r.err != nil {
			return &DrawError{Draw: draws[i], Err: r.err}
		}
		cost.Draws++
		cost.Evaluations += r.evaluations
		cost.Busy += r.busy
		return nil
	})
	defer queue.close()
	err = parallel.For(ctx, s.Threads, len(draws), func(w, i int) error {
		me := &workers[w]
		started := time.Now()
		me.stream.Reset(s.Seed, rng.Chain, uint64(draws[i]), s.Measurement)
		evaluations, err := s.walk(me.chain)
		threads.left.Add(-1)
		return queue.put(i, result{x: me.chain.X, evaluations: evaluations,
			busy: time.Since(started), err: err})
	})
	cost.Wall = time.Since(begin)
	return cost, err
}
