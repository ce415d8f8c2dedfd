package infer

import (
	"context"
	"slices"

	"csdm/env"
	"csdm/explain"
	"csdm/internal/identity"
	"csdm/internal/parallel"
	"csdm/internal/recordfile"
	"csdm/internal/shard"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

// CalibrationSeed distinguishes the pairs of the calibration at the end of a
// training from the pairs of the training.
const CalibrationSeed = 0x6C696D697473

// The size of a calibration at the end of a training. Fewer than
// leastCalibration measurements cannot keep the rate of false alarms.
//
// The limit is an order statistic of the smallest tail probability of each of n
// right measurements. With a rate of false alarms of explain.DrawsRate = 0.01
// and a confidence of 0.95, even the smallest of the n suffices only if
//
//	(1 − 0.01)^n ≤ 1 − 0.95
//
// that is from n = 299 on.
const (
	MostCalibration  = 400
	leastCalibration = 300
	calibrationShare = 0.1 // share of the training's evaluations
)

// CalibrationSize returns the number of measurements on which a model is
// calibrated after a training of the given number of samples. It returns 0 if
// the training was too short for a calibration. A training sample costs about
// three evaluations, one forward and two back.
//
// With n measurements, D = ExplainDraws draws each and N evaluations per draw,
// the calibration costs n D N evaluations. The result is the largest n up to
// MostCalibration with
//
//	n D N ≤ calibrationShare · 3 · samples
func CalibrationSize(samples int, sampling langevin.Settings) int {
	each := ExplainDraws * (sampling.Levels + sampling.Corrections)
	count := min(MostCalibration, int(calibrationShare*3*float64(samples))/max(1, each))
	if count < leastCalibration {
		return 0
	}
	return count
}

// LimitJob names the measurements from which limits come.
//
// The seed must differ from the training's: the residuals of measurements that
// the network has seen would be too small, and limits from them would refuse
// right measurements.
type LimitJob struct {
	Model   *nn.Model
	Problem problems.Problem // whose measurements follow from fields (explain.HasForward)
	Count   int              // measurements: the first pairs of Seed
	Seed    uint64           // must not be the seed of the training
}

// Calibrate returns limits for the residual that a network's draws leave of
// measurements of the problem. It makes pairs, measures them, draws from the
// posterior of each, and applies the forward model to the draws. The result is
// the same for any number of threads. The file partial keeps the statistics of
// finished measurements, so that a stopped call resumes; with "" nothing is
// kept.
//
// For pair i of the seed, (x_i, y_i), the draws x_ij of the network's posterior
// given y_i leave the residuals (y_i − F(x_ij))/s. The statistics of their
// median form row i of a table, measurements × statistics. explain.Calibrate
// finds the limits of all columns together, so that a right measurement exceeds
// any of them with a probability of at most explain.DrawsRate. If the network
// were exact, the residuals would have the distribution of the noise; the
// limits absorb the part by which it is not.
func Calibrate(ctx context.Context, job LimitJob, partial string, overwrite bool,
	env env.Env) (*nn.Calibration, error) {
	l, err := newLimiter(job, env)
	if err != nil {
		return nil, err
	}
	values := make([]float64, job.Count*l.width())
	store, err := recordfile.Open(partial, values, l.width(), l.identity(), overwrite, env.Note)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if err := l.measure(ctx, values, 0, store); err != nil {
		return nil, err
	}
	rows := slices.Collect(slices.Chunk(values, l.width()))
	c := explain.Calibrate(explain.Names(), rows, explain.DrawsRate)
	c.Draws, c.Sampling, c.Seed = ExplainDraws, l.sampling.String(), job.Seed
	return c, nil
}

// CalibrateShard computes the statistics of those measurements of Calibrate
// that belong to the shard, and writes them as a part. When all parts are
// there, Plan.Merge makes them the unfinished work of Calibrate.
//
// A shard takes a range of measurements, so that the merged table is the same
// as from one process.
func CalibrateShard(ctx context.Context, job LimitJob, call shard.Assignment,
	env env.Env) (*shard.Made, error) {
	l, err := newLimiter(job, env)
	if err != nil {
		return nil, err
	}
	p := call.Plan
	p.Items, p.Count, p.Values, p.Identity = "measurements", job.Count, l.width(), l.identity()
	return call.Do(ctx, env.Note, func(work *shard.OpenPart) error {
		return l.measure(ctx, work.Values, work.From, work)
	})
}

// limiter makes the statistics of measurements.
//
// Each worker has its own generator, since a generator holds the memory of a
// forward solver.
type limiter struct {
	LimitJob
	env env.Env
	// one thread: the measurements run in parallel instead
	sampling langevin.Settings
}

// newLimiter takes the sampling that csdm sample takes by default for this
// model, with ExplainDraws draws.
func newLimiter(job LimitJob, env env.Env) (*limiter, error) {
	if err := measured.Fits(job.Model, job.Problem.Spec()); err != nil {
		return nil, err
	}
	sampling, err := recipe.Sampling(job.Model, ExplainDraws).ForMeasurement(job.Seed, 0, 1)
	return &limiter{job, env, sampling}, err
}

// width returns the number of statistics of a measurement.
func (l *limiter) width() int { return len(explain.Names()) }

// identity returns the identity of the statistics, without their number.
//
// A call for more measurements resumes from the file of fewer, since row i does
// not depend on their number.
func (l *limiter) identity() identity.Identity {
	return problems.Identify("limits", 1, l.Problem).AddIdentity("model", l.Model.Identity()).
		Add("sampling", l.sampling, append(ownSettings, "Draws")...).Add("seed", l.Seed).
		Add("draws", ExplainDraws).Identity()
}

// records is a file to which finished measurements are appended.
//
// A recordfile.Records and a shard.OpenPart are such files.
type records interface {
	Len() int
	Append(record []float64) error
}

// measure fills in the rows of values that kept does not have. Row 0 belongs to
// measurement first.
//
// Rows are computed in any order and appended in order (parallel.InOrder), so
// that the file always holds the first rows and its length alone is the state.
func (l *limiter) measure(ctx context.Context, values []float64, first int, kept records) error {
	width, had := l.width(), kept.Len()
	total := len(values) / width
	generators := make([]problems.Generator, l.env.Threads)
	defer func() { explain.CloseAll(generators) }()
	row := func(i int) []float64 { return values[(had+i)*width:][:width] }
	return parallel.InOrder(ctx, l.env.Threads, total-had, func(worker, i int) (err error) {
		if generators[worker] == nil {
			if generators[worker], err = l.Problem.NewGenerator(); err != nil {
				return err
			}
		}
		return l.statistics(ctx, row(i), generators[worker], first+had+i)
	}, func(i int) error {
		if err := kept.Append(row(i)); err != nil {
			return err
		}
		l.env.ReportSaved()
		l.env.Progress("limits", had+i+1, total, "")
		return nil
	})
}

// statistics sets dst to the statistics of measurement i.
//
// The random numbers are functions of seed and pair: the field and its
// measurement as in a data set, the draws by settings.Measurement. Simulations
// that give several images are used once each, for their first image, because
// images of one simulation are not independent.
func (l *limiter) statistics(ctx context.Context, dst []float64, g problems.Generator,
	i int) error {
	spec, scale := l.Problem.Spec(), l.Model.Meta.Normalization
	pair := uint64(i * spec.ImagesPerSimulation)
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	if err := g.Pair(x, y, l.Seed, pair); err != nil {
		return err
	}
	l.Problem.Measurement().Sample(y, y, rng.New(l.Seed, rng.Noise, pair, 0))
	// The network reads normalized values; the residual needs physical ones.
	normalized := slices.Clone(y)
	scale.NormalizeY(normalized, y)
	newScorer := l.Model.Condition(normalized)
	settings := l.sampling
	settings.Measurement = pair
	draws := make([]float64, 0, ExplainDraws*spec.XLen())
	_, err := langevin.Sample(ctx, func() langevin.Scorer {
		return newScorer()
	}, spec.XLen(), settings, func(_ int, z []float64) error {
		scale.PhysicalX(x, z, len(x))
		draws = append(draws, x...)
		return nil
	})
	if err != nil {
		return err
	}
	r, err := explain.OfDraws(ctx, l.Problem, y, draws, 1)
	if err != nil {
		return err
	}
	values, _ := explain.Statistics(r.Values, explain.ShapeOf(spec))
	copy(dst, values)
	return nil
}
