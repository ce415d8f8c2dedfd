package run

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
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

// explainSeed is the seed of what is random about a verdict, so that a
// measurement has one verdict.
const explainSeed = 0x5E7

// explainDraws is how many draws of a posterior a verdict is taken from, where
// the model's calibration names no number.
const explainDraws = 8

// Explainer says whether measurements are explained by a problem and, if there
// is one, by a network trained for it.
type Explainer struct {
	judge   *explain.Judge
	problem problems.Problem // nil: not known
	model   *nn.Model        // nil: there is none
	cheap   bool             // forward solves take no time to speak of
	forward bool             // a measurement is a function of its field
}

// NewExplainer returns an Explainer. problem may be nil where the model's is
// not known, and model where there is no network.
func NewExplainer(problem problems.Problem, model *nn.Model) *Explainer {
	e := &Explainer{problem: problem, model: model}
	if problem != nil {
		e.judge = explain.NewJudge(problem)
		e.forward = explain.HasForward(problem)
		e.cheap = e.forward && measured.IsBuiltin(problem)
	}
	return e
}

// Measurement judges what needs no posterior draws: the measurement itself,
// whether training measurements explain it, where the model can tell, and,
// where the problem has a prior of few variables, whether any member of it
// does. The result is nil if nothing can be said.
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
		if rate = explain.PriorRate; !e.cheap {
			return v, nil
		}
	}
	_, err := e.judge.Prior(ctx, v, y, rate, explainSeed, env.Threads)
	if errors.Is(err, explain.ErrNoForward) {
		err = nil
	}
	return v, err
}

// Posterior adds to a verdict of Measurement what the draws of a posterior say.
func (e *Explainer) Posterior(ctx context.Context, v *explain.Verdict, p *Posterior, y []float64,
	env env.Env) error {
	p.Explained = v
	if !e.forward {
		return nil
	}
	c, count := e.model.Meta.Calibration, explainDraws
	why := "the model file does not say what it is for right measurements (csdm bench limits " +
		"finds out)"
	if c != nil {
		count = c.Draws
		if p.Draws < c.Draws || p.Origin.Method != c.Sampling {
			why = fmt.Sprintf("what it is for right measurements is known for %d draws by %s",
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

// NotExplained is the error of a measurement that is not explained.
func NotExplained(v *explain.Verdict) error {
	return cli.Data(fmt.Errorf("%s (--allow-extrapolation accepts it and marks the result)",
		v.Text))
}

// calibrationSeed keeps the pairs of the calibration at the end of a training
// apart from those of the training.
const calibrationSeed = 0x6C696D697473

// What a calibration at the end of a training may take. Below leastCalibration
// measurements the limits would not hold the rate of false alarms.
const (
	mostCalibration  = 400
	leastCalibration = 300
	calibrationShare = 0.1 // of the evaluations of the training
)

// CalibrationSize returns on how many measurements a model is calibrated after
// a training of that many samples; 0 if the training was too short to pay for
// it. A training sample costs about three evaluations, one forward and two
// back.
func CalibrationSize(samples int, sampling langevin.Settings) int {
	each := explainDraws * (sampling.Levels + sampling.Corrections)
	count := min(mostCalibration, int(calibrationShare*3*float64(samples))/max(1, each))
	if count < leastCalibration {
		return 0
	}
	return count
}

// Calibrate returns the limits of what a network's draws leave of right
// measurements: it makes the first count pairs of a seed, which must not be the
// seed of the training, measures them, draws from the posterior of each and
// takes the draws through the forward model. The result is the same for any
// number of threads. It is nil if the problem's measurements cannot be
// predicted from fields.
func Calibrate(ctx context.Context, model *nn.Model, problem problems.Problem, count int,
	seed uint64, env env.Env) (*nn.Calibration, error) {
	if !explain.HasForward(problem) {
		return nil, nil
	}
	m, spec := &model.Meta, problem.Spec()
	sampling := recipe.Sampling(model, explainDraws)
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
		draws := make([]float64, 0, explainDraws*spec.XLen())
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
	c.Draws, c.Sampling, c.Seed = explainDraws, sampling.String(), seed
	return c, nil
}

// The entries of a result file that say whether the model explains the
// measurement.
const (
	explainedEntry = "explained_json"
	residualEntry  = "residual" // (C, H, W), in standard deviations of the noise
)

// explainedArrays returns the entries of a verdict; none for nil.
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

// ReadExplained reads the verdict of a result file; nil if there is none.
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
			What: "this is no JSON of csdm"}
	}
	if z.Has(residualEntry) {
		r, err := z.Read(residualEntry)
		if err != nil {
			return nil, err
		}
		if len(r.Shape) == 3 && r.CheckFinite() == nil {
			v.SetResidual(&explain.Residual{Shape: explain.Shape{Channels: r.Shape[0],
				Rows: r.Shape[1], Cols: r.Shape[2]}, Values: r.Float64()})
		}
	}
	return v, nil
}
