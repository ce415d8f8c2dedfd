package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"csdm/bench"
	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

// MemorizationSettings are the settings of Memorization.
type MemorizationSettings struct {
	Measurements int // fresh measurements, at least 2
	States       int // noisy fields of each measurement at each noise level
	Levels       int // noise levels, evenly in ln σ over the model's range
	HeldOut      int // last pairs of each set, which training held out, as in its settings
	// seed of measurements and noisy fields
	Seed uint64
}

// NamedModel is a model with the name that the user gave it.
type NamedModel struct {
	// as given
	Name string
	// network
	Model *nn.Model
}

// MemorizationRow compares three denoisers at one noise level: the model's, the
// exact posterior's, and the training set's own optimum, which is the mean over
// the pairs, weighted by how well they fit the noisy field and the measurement.
// Distances are RMS over pixels, in normalized units.
//
// With pairs (x_i, y_i), i = 1 … n, the loss over the training set alone is
// minimized at measurement y by
//
//	D_S(x̃) = Σ_i r_i x_i,   r_i ∝ p(y | x_i) exp(−‖x̃ − x_i‖²/(2σ²))
//
// which tends to the exact denoiser as n grows. A network of unlimited capacity
// would end there, and its draws would be training fields.
type MemorizationRow struct {
	// model as given
	Model string `json:"model"`
	// pairs of the training, with the pairs held out
	Pairs int `json:"pairs"`
	// noise level
	Sigma float64 `json:"sigma"`
	// distance of the network's denoiser from the exact one
	LearnedToExact float64 `json:"learned_to_exact"`
	// distance of the network's denoiser from the training set's optimum
	LearnedToSet float64 `json:"learned_to_set"`
	// distance of the training set's optimum from the exact denoiser
	SetToExact float64 `json:"set_to_exact"`
	// Memorized is ⟨L − E, S − E⟩/‖S − E‖² of the learned, exact and set's
	// denoisers L, E and S: 0 for an exact network, and 1 for one that learned
	// its set by heart. It is not stated where S and E are too close to
	// distinguish.
	Memorized      infer.StatedError `json:"memorized"`
	MemorizedError infer.StatedError `json:"memorized_error"` // standard error over measurements
}

// MemorizationResult is the result of Memorization.
type MemorizationResult struct {
	// one row for each model and noise level
	Rows []MemorizationRow `json:"rows"`
	// EnoughPairs is the smallest number of pairs of a model that memorized no
	// more than the limit at any noise level, as have all models of more pairs;
	// 0: no model.
	EnoughPairs int `json:"enough_pairs"`
	// largest value of memorized that counts as none
	Limit float64 `json:"limit"`
	// call that made the result
	Call env.Call `json:"call"`
}

// memorizedLimit is the share of memorization up to which pairs are enough.
const memorizedLimit = 0.1

// Limits of Memorization.
const (
	leastDistance = 1e-4    // of the set's optimum from the exact denoiser
	mostValues    = 1 << 27 // of all fields of a set, 1 GiB
)

// Memorization compares the denoisers of models with the exact one and with the
// optimum of their training sets, the first pairs of store, on fresh
// measurements. The noisy fields are true fields with noise, so that the
// squared distance from the exact denoiser is the excess of the denoising loss.
// The models may be trained on different numbers of pairs. The error has code
// 64 if the problem has no exact score, and 65 if the pairs are not the
// models'.
//
// The measure uses the noise density of y, which the network knows only through
// noisy copies of the stored measurements.
func Memorization(ctx context.Context, problem problems.Problem, models []NamedModel,
	store *dataset.Store, s MemorizationSettings, env env.Env) (*MemorizationResult, error) {
	if err := infer.CanScore(problem); err != nil {
		return nil, err
	}
	g := &gauge{problem: problem.(problems.Parametric), store: store, s: s, env: env}
	for _, m := range models {
		if err := g.check(m); err != nil {
			return nil, err
		}
	}
	if err := g.references(ctx); err != nil {
		return nil, err
	}
	r := &MemorizationResult{Limit: memorizedLimit, Call: env.Call}
	for _, m := range models {
		rows, err := g.model(ctx, m)
		if err != nil {
			return nil, err
		}
		r.Rows = append(r.Rows, rows...)
	}
	r.EnoughPairs = enoughPairs(r.Rows)
	return r, nil
}

// enoughPairs returns MemorizationResult.EnoughPairs.
//
// The search goes down from the largest training set and stops at the first
// that memorized more than the limit at any level.
func enoughPairs(rows []MemorizationRow) int {
	rows = slices.SortedFunc(slices.Values(rows), func(a, b MemorizationRow) int {
		return cmp.Compare(b.Pairs, a.Pairs)
	})
	enough := 0
	for k := 0; k < len(rows); {
		pairs := rows[k].Pairs
		for ; k < len(rows) && rows[k].Pairs == pairs; k++ {
			if rows[k].Memorized > memorizedLimit {
				return enough
			}
		}
		enough = pairs
	}
	return enough
}

// gauge is the state of a call of Memorization.
//
// References are computed once and used for all models.
type gauge struct {
	// exact posteriors, and fresh measurements
	problem problems.Parametric
	// pairs of the training
	store *dataset.Store
	// settings of the call
	s MemorizationSettings
	// threads and progress of the call
	env env.Env
	// one for each fresh measurement
	cases []exactCase
}

// exactCase is a fresh measurement with its exact posterior, in physical units.
type exactCase struct {
	// true field and noisy measurement
	x, y []float64
	// fields and weights of the exact posterior
	points bench.Weighted
}

// check returns an error unless the store can hold the model's training set.
func (g *gauge) check(m NamedModel) error {
	t, spec, manifest := &m.Model.Meta.Training, g.problem.Spec(), g.store.Manifest()
	if err := measured.Fits(m.Model, spec); err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	switch {
	case t.Pairs == 0:
		return cli.Data(fmt.Errorf("%s does not store the number of its training pairs", m.Name))
	case t.Pairs > g.store.Len():
		return cli.Data(fmt.Errorf("%s was trained on %d pairs, and %s has %d", m.Name, t.Pairs,
			g.store.Dir(), g.store.Len()))
	case t.Pairs <= g.s.HeldOut:
		return cli.Usage(fmt.Errorf("%s was trained on %d pairs, of which %d were held out: none "+
			"is left", m.Name, t.Pairs, g.s.HeldOut))
	case g.s.Seed == manifest.Seed:
		return cli.Usage(fmt.Errorf("seed %d gives measurements of the training set; choose "+
			"another", g.s.Seed))
	case len(spec.XFields) > 0:
		return cli.Usage(fmt.Errorf("%s has %d fields; the measure of memorization is for one",
			spec.Name, len(spec.XFields)))
	case t.Pairs*spec.XLen() > mostValues:
		return cli.Usage(fmt.Errorf("%d fields of %d values do not fit; take a model of at most "+
			"%d pairs", t.Pairs, spec.XLen(), mostValues/spec.XLen()))
	}
	return g.store.Check(spec)
}

// references makes the measurements and their exact posteriors.
//
// Their points are the weighted fields of the exact posterior.
func (g *gauge) references(ctx context.Context) error {
	quiet := g.env
	quiet.Progress, quiet.Note = func(string, int, int, string) {}, func(string) {}
	for k := range g.s.Measurements {
		g.env.Progress("exact posteriors", k, g.s.Measurements, "")
		x, y, err := problems.MeasuredPair(g.problem, g.s.Seed,
			uint64(k*g.problem.Spec().ImagesPerSimulation))
		if err != nil {
			return err
		}
		t, err := infer.ReferencePosterior(ctx, g.problem, y,
			recipe.NewReference(recipe.MethodAuto), infer.Job{Seed: g.s.Seed}, quiet)
		if err != nil {
			return fmt.Errorf("measurement %d: %w", k, err)
		}
		g.cases = append(g.cases, exactCase{x, y, t.Points})
	}
	g.env.Progress("exact posteriors", g.s.Measurements, g.s.Measurements, "")
	return nil
}

// set returns the normalized fields of a model's training set, row by row, and
// for each measurement the log-likelihood of each pair.
//
// logL has one slice per measurement, as long as the set.
func (g *gauge) set(n nn.Normalization, pairs int) (fields []float64, logL [][]float64,
	err error) {
	spec, noise := g.problem.Spec(), g.problem.Measurement().(priors.Likelihood)
	x, y := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	prediction := make([]float64, spec.YLen())
	logL = make([][]float64, len(g.cases))
	for i := range pairs {
		if !g.store.Has(i) {
			continue
		}
		if err := g.store.Pair(i, x, y); err != nil {
			return nil, nil, err
		}
		for k, v := range y {
			prediction[k] = float64(v)
		}
		for _, v := range x {
			fields = append(fields, (float64(v)-n.XMin)/(n.XMax-n.XMin))
		}
		for k := range logL {
			logL[k] = append(logL[k], noise.LogLikelihood(g.cases[k].y, prediction))
		}
	}
	return fields, logL, nil
}

// model returns the rows of a model, from the smallest noise level up.
//
// The noise is a function of measurement and level, so that all models are
// compared at the same noisy fields.
func (g *gauge) model(ctx context.Context, m NamedModel) ([]MemorizationRow, error) {
	meta := &m.Model.Meta
	g.env.Note(fmt.Sprintf("%s: comparing with the optimum of %d pairs", m.Name,
		meta.Training.Pairs))
	fields, logL, err := g.set(meta.Normalization, dataset.Split(meta.Training.Pairs,
		g.s.HeldOut, g.problem.Spec().ImagesPerSimulation))
	if err != nil {
		return nil, err
	}
	sums := make([][]products, g.s.Levels) // of each measurement
	for k, c := range g.cases {
		unit := problems.Range{Min: meta.Normalization.XMin, Max: meta.Normalization.XMax}
		exact, err := bench.ExactScore(ctx, g.problem, c.points, unit, g.env.Threads)
		if err != nil {
			return nil, err
		}
		y, x := make([]float64, len(c.y)), make([]float64, len(c.x))
		meta.Normalization.NormalizeY(y, c.y)
		meta.Normalization.NormalizeX(x, c.x, len(x))
		d := denoisers{m.Model.Condition(y)(), exact.Scorer(),
			langevin.NewPoints(fields, logL[k], len(x)).Scorer()}
		for l := range sums {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			noise := rng.New(g.s.Seed, rng.Noise, uint64(k), uint64(l))
			p, err := d.compare(x, g.sigma(m.Model, l), g.s.States, noise)
			if err != nil {
				return nil, err
			}
			sums[l] = append(sums[l], p)
		}
	}
	var rows []MemorizationRow
	for l, p := range sums {
		row := MemorizationRow{Model: m.Name, Pairs: meta.Training.Pairs,
			Sigma: g.sigma(m.Model, l)}
		row.set(p)
		rows = append(rows, row)
	}
	return rows, nil
}

// sigma returns noise level l of a model.
//
// Levels are σ_min (σ_max/σ_min)^(l/(L − 1)).
func (g *gauge) sigma(m *nn.Model, l int) float64 {
	s := m.Sampling
	return s.SigmaMin * math.Pow(s.SigmaMax/s.SigmaMin, float64(l)/float64(max(1, g.s.Levels-1)))
}
