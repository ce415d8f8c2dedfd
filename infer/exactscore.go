package infer

import (
	"context"
	"errors"
	"fmt"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/langevin"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/recipe"
)

// exactVariables is the largest number of the prior's variables for which the
// exact score is computed. Adaptive importance sampling is tested up to six.
const exactVariables = 8

// CanScore returns an error with code 64 if the exact score of a problem's
// posteriors cannot be computed: the prior must be a map from a few variables
// and the noise must have a density.
//
// The exact score is a sum over the weighted fields of the reference
// (bench.ExactScore). Their weights contain the likelihood, so that the noise
// needs a density, and their number stays manageable only for few variables.
// Points hold one field, so that problems with two fields are refused.
func CanScore(problem problems.Problem) error {
	if problem == nil {
		return cli.Usage(errors.New("no exact score: the forward model is not known; name its " +
			"file by --problem FILE.toml"))
	}
	_, parametric := problem.(problems.Parametric)
	_, known := problem.Measurement().(priors.Likelihood)
	name, n := problem.Spec().Name, len(problem.Spec().Variables)
	switch {
	case !parametric:
		return cli.Usage(fmt.Errorf("no exact score: the prior of %s is not a map from few "+
			"variables", name))
	case !known:
		return cli.Usage(fmt.Errorf("no exact score: the noise model of %s has no known density",
			name))
	case len(problem.Spec().XFields) > 0:
		return cli.Usage(fmt.Errorf("no exact score: the x of %s has %d fields; it must have one",
			name, len(problem.Spec().XFields)))
	case n > exactVariables:
		return cli.Usage(fmt.Errorf("no exact score: the prior of %s has %d variables; at most %d "+
			"are possible", name, n, exactVariables))
	}
	return nil
}

// ExactDraws describes draws that were made by the exact score.
//
// Comparison is computed between the draws and the weighted fields themselves,
// so that an error of these fields cancels and only the sampler's remains.
type ExactDraws struct {
	Fields int `json:"fields"` // weighted fields behind the score
	// method of the posterior that the fields represent
	Method string `json:"method"`
	// Comparison is the distance of the draws from that posterior, which is
	// the error of the sampler alone.
	Comparison  Comparison  `json:"comparison"`
	PriorFields PriorFields `json:"prior_fields"` // among the draws
}

// PriorFields counts the draws that are fields of the prior, as
// certify.CountFields defines them.
//
// A draw of a smoothed distribution is a field of the prior only if the last
// noise level is small compared with the distance between fields. Share shows
// whether the sampler has reached this limit.
type PriorFields struct {
	// draws that are fields of the prior
	Count int `json:"count"`
	// number of draws
	Draws int `json:"draws"`
	// count over draws
	Share float64 `json:"share"`
	// tolerance of each pixel, in units of the prior's range
	Tolerance float64 `json:"tolerance"`
}

// CountFields counts the fields of the prior among normalized draws. It tries
// the fields of w first.
func CountFields(ctx context.Context, problem problems.Parametric, draws *Posterior,
	w bench.Weighted, threads int) (PriorFields, error) {
	// certify works in physical units.
	n := draws.Draws
	x := make([]float64, len(draws.Samples))
	draws.Normalization.PhysicalX(x, draws.Samples, draws.size())
	count, err := certify.CountFields(ctx, problem, x, w.Theta,
		explain.Search{Seed: ExplainSeed, Threads: threads})
	return PriorFields{count, n, float64(count) / float64(n), certify.FieldTolerance}, err
}

// ExactModel returns a model without a network for sampling by the exact score:
// the units and sizes of the problem. Fields are normalized as by model, or by
// the prior's range if model is nil.
//
// Sampling needs from a model only its units, sizes and parameterization. The
// range of y is set to [0, 1] because no network reads y.
func ExactModel(problem problems.Problem, model *nn.Model) *nn.Model {
	spec := problem.Spec()
	m := &nn.Model{Meta: nn.Metadata{Problem: spec.Name, Rows: spec.Rows, Cols: spec.Cols,
		NoisePercent: spec.Options.NoisePercent, LengthUnit: spec.LengthUnit, XUnit: spec.XUnit,
		YUnit: spec.YUnit, Width: spec.Width, Height: spec.Height,
		Normalization: PriorNormalization(spec)}}
	m.Meta.Normalization.YMax = 1
	if model != nil {
		m.Parameterization, m.Sampling = model.Parameterization, model.Sampling
		m.Meta.Normalization, m.Meta.XExtremes = model.Meta.Normalization, model.Meta.XExtremes
	}
	return m
}

// ExactIdentity returns the identity of the draws of SampleExact. It does not
// include their number.
//
// The range of the field is part of it: a draw is in units of the range, and
// noise levels are too.
func ExactIdentity(problem problems.Problem, n nn.Normalization, y []float64,
	sampling langevin.Settings, seed uint64) identity.Identity {
	return problems.Identify("draws of the exact score", 1, problem).
		AddFloats("measurement", y).AddFloats("range", []float64{n.XMin, n.XMax}).
		Add("sampling", sampling, ownSettings...).Add("seed", seed).Identity()
}

// solvesOf returns the file of the forward solves behind the exact score.
//
// The draws themselves are in partial. Two files are needed because the solves
// are complete, and a reference of their own, before the first draw is made.
func solvesOf(partial string) string {
	if partial == "" {
		return ""
	}
	return partial + "-solves"
}

// RemoveExactPartial removes the files of unfinished work of SampleExact once
// its result is safe.
func RemoveExactPartial(partial string) error {
	return errors.Join(RemovePartial(partial), RemoveReferencePartial(solvesOf(partial)))
}

// SampleExact draws from the posterior of a measurement y (physical units) by
// the exact score instead of a network's. It first computes the posterior as
// ReferencePosterior does, with method auto. Its weighted fields then give the
// score of bench.ExactScore. model comes from ExactModel. Both stages resume
// from files next to job.Partial. It returns the errors of
// CanScore, ReferencePosterior and Sample.
//
// With weights w_i and fields x_i of the reference, i = 1 … K, the score at the
// noise level σ is
//
//	s(x̃, y, σ) = (Σ_i r_i x_i − x̃)/σ²,
//	r_i ∝ w_i exp(−‖x̃ − x_i‖²/(2σ²)),  Σ_i r_i = 1
//
// It is the gradient of the logarithm of Σ_i w_i N(x̃; x_i, σ²), the paper's
// Eq. 9 for a posterior that consists of K points. This is the function that a
// network of unlimited capacity and training would learn (Eq. 8).
func SampleExact(ctx context.Context, problem problems.Problem, model *nn.Model, y []float64,
	sampling langevin.Settings, job Job, env env.Env) (*Posterior, error) {
	if err := CanScore(problem); err != nil {
		return nil, err
	}
	parametric, m := problem.(problems.Parametric), &model.Meta
	settings, err := sampling.ForMeasurement(job.Seed, MeasurementKey(y),
		env.Threads)
	if err != nil {
		return nil, err
	}
	t, err := ReferencePosterior(ctx, problem, y, recipe.NewReference(recipe.MethodAuto),
		Job{Seed: job.Seed, Partial: solvesOf(job.Partial), Overwrite: job.Overwrite,
			KeepSolves: true}, env)
	if err != nil {
		return nil, err
	}
	// The fields are put into the units of the noise levels.
	unit := problems.Range{Min: m.Normalization.XMin, Max: m.Normalization.XMax}
	points, err := bench.ExactScore(ctx, parametric, t.Points, unit, env.Threads)
	if err != nil {
		return nil, err
	}
	id := ExactIdentity(problem, m.Normalization, y, sampling, job.Seed)
	d := DrawRequest{m, points.Scorer, id}
	p, err := d.Make(ctx, settings, job, env)
	if err != nil {
		return nil, err
	}
	if job.Film {
		if p.Film, err = d.film(ctx, settings); err != nil {
			return nil, err
		}
	}
	p.Origin.Measurement = MeasurementHash(y)
	p.Origin.Method = sampling.String() + ", by the exact score"
	p.Origin.Solves = t.Origin.Solves
	counted, err := CountFields(ctx, parametric, p, t.Points, env.Threads)
	if err != nil {
		return nil, err
	}
	// The reference has its own error 0 here: it is the very set of points that
	// the score came from.
	p.Origin.Exact = &ExactDraws{Fields: t.Points.Len(), Method: t.Note, PriorFields: counted,
		Comparison: NewDrawsComparison(ExactMethod, &p.Posterior, ReferenceName(t.Method),
			t.Scaled(unit.Min, unit.Width()), 0)}
	return p, nil
}

// ExactMethod is the method of draws by the exact score.
const ExactMethod = "exact score"
