package run

import (
	"context"
	"io"
	"math"
	"runtime"
	"time"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/internal/parallel"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

// sample is the amount of a kind of work that is timed.
type sample struct {
	// A first piece that takes longer than first is the whole sample. Otherwise
	// the first piece does not count, because it allocates memory and starts
	// programs.
	first time.Duration
	time  time.Duration // after which no piece is begun
}

// shortSample takes half a second, or one piece of work if that is longer.
// outside is for external programs, which are called twice because the first
// call also starts them.
var (
	shortSample = sample{500 * time.Millisecond, 500 * time.Millisecond}
	outside     = sample{30 * time.Second, 0}
)

// maxSampleShare limits a sample to one in maxSampleShare pieces of the work,
// but at least two pieces per thread.
const maxSampleShare = 20

// pace returns the number of pieces of work per second of all threads together.
// pieces is the number of remaining pieces, and do does piece number i of a
// thread.
//
// All threads work at once, since they share memory bandwidth and, on many
// CPUs, the clock frequency: one thread alone would be too fast. The pace is
// the sum over the threads of pieces per second,
//
//	pace = Σ_t done_t/time_t.
//
// A sum of paces needs no thread to wait for another. Each thread stops by
// itself, after time, or after its share of a twentieth of the work.
func (s sample) pace(ctx context.Context, threads, pieces int,
	do func(thread, i int) error) (float64, error) {
	paces, most := make([]float64, threads), max(2, pieces/(maxSampleShare*threads))
	err := parallel.For(ctx, threads, threads, func(_, t int) error {
		begin, done := time.Now(), 1
		if err := do(t, 0); err != nil {
			return err
		}
		if time.Since(begin) < s.first {
			begin = time.Now()
			for done = 0; done < most && (done == 0 || time.Since(begin) < s.time); done++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := do(t, done+1); err != nil {
					return err
				}
			}
		}
		paces[t] = float64(done) / max(time.Since(begin), time.Nanosecond).Seconds()
		return nil
	})
	all := 0.0
	for _, p := range paces {
		all += p
	}
	return all, err
}

// measure sets the seconds of e from samples of the remaining work. It uses
// separate objects, which it discards. It takes one or two seconds, or the time
// of one pair or gradient if that is longer. It skips work that does not
// remain.
//
// With paces p (pairs or solves per second), g (scores) and one step in τ
// seconds,
//
//	T = (pairs + solves)/p + steps·τ + (evaluations + draws·each)/g.
//
// A solve for a reference costs as much as a pair: the noise is negligible.
func (e *Forecast) measure(ctx context.Context, c *recipe.Recipe, problem problems.Problem,
	threads int) error {
	e.Threads = threads
	if e.nothing() {
		return nil
	}
	// Threads beyond the CPUs add no speed, and each would hold its own memory.
	threads = min(threads, runtime.NumCPU())
	if e.Pairs.Left > 0 || e.solves > 0 {
		pace, err := pairPace(ctx, c, problem, e.Pairs.Left+e.solves, threads)
		if err != nil {
			return err
		}
		e.Pairs.Seconds, e.References.Seconds = float64(e.Pairs.Left)/pace, float64(e.solves)/pace
	}
	if e.Steps.Left > 0 || e.Draws.Left > 0 {
		if err := e.measureNetwork(ctx, c, problem.Spec(), threads); err != nil {
			return err
		}
	}
	e.Seconds = e.Pairs.Seconds + e.Steps.Seconds + e.Draws.Seconds + e.References.Seconds
	return nil
}

// pairPace returns the number of pairs per second of all threads together, in
// whole simulations. A pair depends only on seed and index, so that making some
// pairs in advance changes nothing.
func pairPace(ctx context.Context, c *recipe.Recipe, problem problems.Problem,
	pairs, threads int) (float64, error) {
	spec, look, at := problem.Spec(), shortSample, threads
	if builtin.IsFile(c.Problem) { // time one process only
		look, at = outside, 1
	}
	type maker struct {
		problems.Generator
		x, y []float64
	}
	makers := make([]maker, at)
	for t := range makers {
		g, err := problem.NewGenerator()
		if err != nil {
			return 0, err
		}
		if closer, ok := g.(io.Closer); ok {
			defer closer.Close() // the pairs are discarded
		}
		makers[t] = maker{g, make([]float64, spec.XLen()), make([]float64, spec.YLen())}
	}
	images := spec.ImagesPerSimulation
	simulations := max(1, c.Data.Pairs/images)
	pace, err := look.pace(ctx, at, pairs/images, func(t, i int) error {
		from := (i*at + t) % simulations * images
		for k := range images {
			// A failed pair also takes time. Generate handles the failure.
			if err := makers[t].Pair(makers[t].x, makers[t].y, c.Seed,
				uint64(from+k)); err != nil && ctx.Err() != nil {
				return err
			}
		}
		return nil
	})
	return pace * float64(images) * scaled(threads, at, cli.CPUQuota()), err
}

// scaled returns the speed of threads threads relative to at threads, under a
// quota of CPUs: threads beyond the quota wait for each other.
//
// With T threads, n of them measured and a quota q of CPUs, the ratio is min(T,
// q)/min(n, q). A container with half a core runs one thread as fast as four.
func scaled(threads, at int, quota float64) float64 {
	return min(float64(threads), quota) / min(float64(at), quota)
}

// measureNetwork times gradients and scores of one sample per thread, with a
// new network of the configured architecture.
//
// The speed depends on the shapes and hardly on the values, so that random
// weights and a sine wave as input do.
func (e *Forecast) measureNetwork(ctx context.Context, c *recipe.Recipe, spec *problems.Spec,
	threads int) error {
	model, err := newModel(c, spec, plainScaling(spec))
	if err != nil {
		return err
	}
	model.Net.Init(c.Seed)
	defer runtime.GC() // frees this memory for the run's own workers
	wave := make([]float64, max(spec.XLen(), spec.YLen()))
	for k := range wave {
		wave[k] = 0.5 + 0.5*math.Sin(float64(k))
	}

	newScorer := model.Condition(wave[:spec.YLen()])
	scorers, states := make([]*nn.Scorer, threads), make([][]float64, threads)
	for t := range scorers {
		scorers[t], states[t] = newScorer(), make([]float64, spec.XLen())
	}
	s, err := c.Sampling.ForMeasurement(0, 0, threads)
	if err != nil {
		return err
	}
	evaluations := e.Draws.Left * s.Evaluations()
	scores, err := shortSample.pace(ctx, threads, evaluations+e.evaluations, func(t, _ int) error {
		return scorers[t].Score(states[t], wave[:spec.XLen()], 1)
	})
	if err != nil {
		return err
	}
	e.Draws.Seconds = float64(evaluations) / scores
	if e.Steps.Left == 0 {
		return nil
	}

	scorers = nil
	x, y := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	for k := range x {
		x[k] = float32(wave[k])
	}
	for k := range y {
		y[k] = float32(wave[k])
	}
	seconds, err := e.stepSeconds(ctx, c, threads, func() gradientOf {
		w := model.Net.NewWorker(model.Parameterization, spec.Rows, spec.Cols)
		grads := make([]float32, len(model.Net.Flat()))
		return gradientOf{w, func() { w.LossGrad(grads, x, y, x, 1) }}
	})
	e.Steps.Seconds = float64(e.Steps.Left)*seconds + float64(e.evaluations)/scores
	return err
}

// gradientOf is a worker that computes the gradient of one sample.
type gradientOf struct {
	worker  *nn.Worker[float32]
	compute func()
}

// stepSeconds returns the time of a training step. It sets MostThreads.
//
// A batch of B samples is divided among M teams. The slowest has ⌈B/M⌉ samples,
// and one team makes pace/M samples per second, so that a step takes
//
//	⌈B/M⌉·M/pace.
//
// The optimizer's update is left out.
func (e *Forecast) stepSeconds(ctx context.Context, c *recipe.Recipe, threads int,
	newGradient func() gradientOf) (float64, error) {
	batch, gradients := c.Training.Batch, []gradientOf{newGradient()}
	most := gradients[0].worker.MostThreads()
	e.MostThreads = batch * most
	d := train.Divide(min(threads, runtime.GOMAXPROCS(0)), batch, most)
	for len(gradients) < d.Teams {
		gradients = append(gradients, newGradient())
	}
	for _, g := range gradients {
		g.worker.SetThreads(d.Share)
	}
	pace, err := shortSample.pace(ctx, d.Teams, e.Steps.Left*batch, func(t, _ int) error {
		gradients[t].compute()
		return nil
	})
	// A step takes as long as the team with the most samples.
	turns := (batch + d.Teams - 1) / d.Teams
	return float64(turns*d.Teams) / pace, err
}

// plainScaling returns a scaling for use before there are pairs to compute one
// from.
//
// Its values do not change the speed of a network, and its shapes are the ones
// of the problem.
func plainScaling(spec *problems.Spec) dataset.Scaling {
	one := problems.Range{Min: 0, Max: 1}
	s := dataset.Scaling{Normalization: problems.Normalization{X: one, Y: one}, SigmaData: 0.5,
		YField: make([]float64, spec.YLen())}
	for range spec.XFields {
		s.Normalization.Fields = append(s.Normalization.Fields, one)
	}
	for range spec.YChannels {
		s.YMean, s.YStd, s.YSpread = append(s.YMean, 0), append(s.YStd, 1), append(s.YSpread, 1)
	}
	return s
}
