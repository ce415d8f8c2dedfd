package infer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/measured"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
)

// ExplainSeed is the seed of the random parts of a verdict, so that a
// measurement always has the same verdict.
const ExplainSeed = 0x5E7

// ExplainDraws is the number of posterior draws for a verdict if the model's
// calibration does not set it.
const ExplainDraws = 8

// Explainer judges whether a problem explains measurements and, if there is a
// network, whether the network does.
//
// A Judge simulates noise once and uses it for all measurements of one problem,
// so that a caller with many measurements makes one Explainer.
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
		// An external program may take minutes per solve, and a search takes
		// thousands of solves.
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
//
// The rate of false alarms of the search is divided between the tests that
// follow: with a network the draws are tested too, so that the search gets the
// smaller rate explain.PriorRate, without one explain.ReferenceRate.
func (e *Explainer) Measurement(ctx context.Context, y []float64,
	env env.Env) (*explain.Verdict, error) {
	// A network's file may hold principal components of its training
	// measurements, which judge y without a forward model.
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
	_, err := e.judge.Prior(ctx, v, y, rate,
		explain.Search{Seed: ExplainSeed, Threads: env.Threads})
	if errors.Is(err, explain.ErrNoForward) {
		err = nil
	}
	return v, err
}

// Posterior adds to a verdict of Measurement the misfit of the draws of a
// posterior.
//
// The statistic is the residual r = (y − F(x))/s of the first draws, where s is
// the standard deviation of the noise. Its limits hold for the number of draws
// and for the sampler of the calibration, since the median over more draws is
// smoother. Draws of other settings, or a measurement with gaps, are computed
// all the same, but without limits: the verdict then states why.
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
	n := p.size()
	count = min(count, p.Draws)
	x := make([]float64, count*n)
	p.Normalization.PhysicalX(x, p.Samples[:count*n], n)
	return e.judge.Draws(ctx, v, c, why, y, x, env.Threads)
}

// NotExplained returns the error for a measurement that is not explained.
//
// A posterior of such a measurement looks as certain as any other, so that the
// default is an error and not a remark.
func NotExplained(v *explain.Verdict) error {
	return cli.Data(fmt.Errorf("%s (--allow-extrapolation accepts it and marks the result)",
		v.Text))
}

// The entries of a result file with the verdict on the measurement.
const (
	explainedEntry = "explained_json"
	// (C, H, W), in standard deviations of the noise; NaN: not measured
	residualEntry = "residual"
)

// explainedArrays returns the entries of a result file for a verdict, or none
// if it is nil.
//
// The residual has the shape (C, H, W) of y, so that a plot shows where the
// model fails.
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
