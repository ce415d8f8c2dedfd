package infer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/parallel"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

// ExplainSeed is the seed of the random parts of a verdict, so that a
// measurement always has the same verdict.
const ExplainSeed = 0x5E7

// ExplainDraws is the number of posterior draws for a verdict if the model's
// calibration does not set it.
const ExplainDraws = 8

// Explainer judges whether a problem explains measurements and, if there is a
// network, whether the network does.
type Explainer struct {
	judge   *explain.Judge
	Problem problems.Problem // nil: not known
	model   *nn.Model        // nil: there is none
	Search  bool             // a search of the prior takes seconds
	forward bool             // a measurement is a function of its field
}

// NewExplainer returns an Explainer. problem may be nil if the model's problem
// is not known, and model if there is no network.
func NewExplainer(problem problems.Problem, model *nn.Model) *Explainer {
	e := &Explainer{Problem: problem, model: model}
	if problem != nil {
		e.judge = explain.NewJudge(problem)
		e.forward = explain.HasForward(problem)
		_, parametric := problem.(problems.Parametric)
		e.Search = parametric && measured.IsBuiltin(problem)
	}
	return e
}

// Start judges the values of a measurement alone (see explain.Judge.Start).
func (e *Explainer) Start(y []float64) *explain.Verdict { return e.judge.Start(y) }

// Measurement judges a measurement without posterior draws. It checks the
// measurement itself, compares it with training measurements if the model has a
// test of novelty, and searches for a member of the prior that explains it if
// the prior has few variables. The result is nil if none of these is possible.
func (e *Explainer) Measurement(ctx context.Context, y []float64,
	env env.Env) (*explain.Verdict, error) {
	novelty := e.model != nil && e.model.Novelty != nil
	if e.judge == nil && !novelty {
		return nil, nil
	}
	v := &explain.Verdict{Explained: true}
	if e.judge != nil {
		v = e.judge.Start(y)
	}
	if novelty {
		v.Training(e.model, y)
	}
	if e.judge == nil {
		return v, nil
	}
	rate := explain.ReferenceRate
	if e.model != nil {
		if rate = explain.PriorRate; !e.Search {
			return v, nil
		}
	}
	_, err := e.judge.Prior(ctx, v, y, rate, ExplainSeed, env.Threads)
	if errors.Is(err, explain.ErrNoForward) {
		err = nil
	}
	return v, err
}

// Posterior adds to a verdict of Measurement the misfit of the draws of a
// posterior.
func (e *Explainer) Posterior(ctx context.Context, v *explain.Verdict, p *Posterior, y []float64,
	env env.Env) error {
	p.Explained = v
	if !e.forward {
		return nil
	}
	c, count := e.model.Meta.Calibration, ExplainDraws
	why := "the model file has no limits for it (csdm bench limits computes them)"
	if c != nil && priors.Present(y) < priors.Values(e.Problem.Measurement(), len(y)) {
		c, why = nil, "the model's limits are for measurements without gaps"
	}
	if c != nil {
		count = c.Draws
		if p.Draws < c.Draws || p.Origin.Method != c.Sampling {
			why = fmt.Sprintf("the model's limits are for %d draws by %s",
				c.Draws, c.Sampling)
			c = nil
		}
	}
	n := p.Rows * p.Cols
	count = min(count, p.Draws)
	x := make([]float64, count*n)
	p.Normalization.PhysicalX(x, p.Samples[:count*n])
	return e.judge.Draws(ctx, v, c, why, y, x, env.Threads)
}

// NotExplained returns the error for a measurement that is not explained.
func NotExplained(v *explain.Verdict) error {
	return cli.Data(fmt.Errorf("%s (--allow-extrapolation accepts it and marks the result)",
		v.Text))
}

// CalibrationSeed distinguishes the pairs of the calibration at the end of a
// training from the pairs of the training.
const CalibrationSeed = 0x6C696D697473

// The size of a calibration at the end of a training. Fewer than
// leastCalibration measurements cannot keep the rate of false alarms.
const (
	MostCalibration  = 400
	leastCalibration = 300
	calibrationShare = 0.1 // share of the training's evaluations
)

// CalibrationSize returns the number of measurements on which a model is
// calibrated after a training of the given number of samples. It returns 0 if
// the training was too short for a calibration. A training sample costs about
// three evaluations, one forward and two back.
func CalibrationSize(samples int, sampling langevin.Settings) int {
	each := ExplainDraws * (sampling.Levels + sampling.Corrections)
	count := min(MostCalibration, int(calibrationShare*3*float64(samples))/max(1, each))
	if count < leastCalibration {
		return 0
	}
	return count
}

// Calibrate returns limits for the residual that a network's draws leave of
// measurements of the problem. It makes the first count pairs of a seed, which
// must not be the seed of the training, measures them, draws from the posterior
// of each, and applies the forward model to the draws. The result is the same
// for any number of threads. It is nil if fields cannot predict the problem's
// measurements.
func Calibrate(ctx context.Context, model *nn.Model, problem problems.Problem, count int,
	seed uint64, env env.Env) (*nn.Calibration, error) {
	if !explain.HasForward(problem) {
		return nil, nil
	}
	m, spec := &model.Meta, problem.Spec()
	sampling := recipe.Sampling(model, ExplainDraws)
	shape := explain.ShapeOf(spec)
	rows := make([][]float64, count)
	settings, err := sampling.ForMeasurement(seed, 0, 1)
	if err != nil {
		return nil, err
	}
	generators := make([]problems.Generator, env.Threads)
	defer func() { explain.CloseAll(generators) }()
	done := make(chan struct{}, count)
	err = parallel.For(ctx, env.Threads, count, func(worker, i int) (err error) {
		if generators[worker] == nil {
			if generators[worker], err = problem.NewGenerator(); err != nil {
				return err
			}
		}
		pair := uint64(i * spec.ImagesPerSimulation)
		x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
		if err := generators[worker].Pair(x, y, seed, pair); err != nil {
			return err
		}
		problem.Measurement().Sample(y, y, rng.New(seed, rng.Noise, pair, 0))
		normalized := slices.Clone(y)
		m.Normalization.NormalizeY(normalized, y)
		newScorer := model.Condition(normalized)
		mine := settings
		mine.Measurement = pair
		draws := make([]float64, 0, ExplainDraws*spec.XLen())
		_, err = langevin.Sample(ctx, func() langevin.Scorer {
			return newScorer()
		}, spec.XLen(), mine, func(_ int, z []float64) error {
			m.Normalization.PhysicalX(x, z)
			draws = append(draws, x...)
			return nil
		})
		if err != nil {
			return err
		}
		r, err := explain.OfDraws(ctx, problem, y, draws, 1)
		if err != nil {
			return err
		}
		rows[i], _ = explain.Statistics(r.Values, shape)
		done <- struct{}{}
		env.Progress("limits", len(done), count, "")
		return nil
	})
	if err != nil {
		return nil, err
	}
	c := explain.Calibrate(explain.Names(), rows, explain.DrawsRate)
	c.Draws, c.Sampling, c.Seed = ExplainDraws, sampling.String(), seed
	return c, nil
}

// The entries of a result file with the verdict on the measurement.
const (
	explainedEntry = "explained_json"
	// (C, H, W), in standard deviations of the noise; NaN: not measured
	residualEntry = "residual"
)

// explainedArrays returns the entries of a result file for a verdict, or none
// if it is nil.
func explainedArrays(v *explain.Verdict) ([]format.Named, error) {
	if v == nil {
		return nil, nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	arrays := []format.Named{{Name: explainedEntry,
		Array: &format.Array{Shape: []int{len(text)}, DType: format.Uint8, U8: text}}}
	if r := v.Residual(); r != nil {
		arrays = append(arrays, format.Named{Name: residualEntry,
			Array: format.Array64(r.Values, r.Shape.Channels, r.Shape.Rows, r.Shape.Cols)})
	}
	return arrays, nil
}

// ReadExplained reads the verdict of a result file. It returns nil if the file
// has none.
func ReadExplained(path string) (*explain.Verdict, error) {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if !z.Has(explainedEntry) {
		return nil, nil
	}
	a, err := z.Read(explainedEntry)
	if err != nil {
		return nil, err
	}
	v := new(explain.Verdict)
	if a.DType != format.Uint8 || json.Unmarshal(a.U8, v) != nil {
		return nil, &format.Error{Path: path, Entry: explainedEntry, Offset: -1,
			What: "it is not JSON written by csdm"}
	}
	if z.Has(residualEntry) {
		r, err := z.Read(residualEntry)
		if err != nil {
			return nil, err
		}
		if len(r.Shape) == 3 && r.CheckGaps() == nil {
			v.SetResidual(&explain.Residual{Shape: explain.Shape{Channels: r.Shape[0],
				Rows: r.Shape[1], Cols: r.Shape[2]}, Values: r.Float64()})
		}
	}
	return v, nil
}
