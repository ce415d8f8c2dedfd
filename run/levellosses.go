package run

import (
	"context"
	"fmt"

	"csdm/bench"
	"csdm/certify"
	"csdm/infer"
	"csdm/internal/parallel"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
	"csdm/rng"
)

// losses returns the losses of network and exact score for a measurement. A
// field drawn from the exact posterior and the measurement are a pair like any
// other, so that both means estimate the held-out loss at this measurement.
// Fields and noise are the same for both, and the result is the same for any
// number of threads.
//
// For a field x and a level σ, let x̃ = x + σ·z with z ~ N(0, I). A score s
// gives the denoised field by Tweedie's formula (Efron 2011),
//
//	D = x̃ + σ²·s(x̃, y, σ),
//	D − x = σ·z + σ²·s = σ·(σ·s + z).
//
// The network is trained on ‖D − x‖²/(2·Out²), where Out(σ) scales its output.
// The loss per pixel at level l, with K pixels and m fields, is
//
//	L_l = 1/m · Σ_i Σ_k e_ik²/(2·K),  e = σ/Out · (σ·s + z).
//
// If x is drawn from p(x|y), the pairs (x, x̃) are pairs of training with this
// y. The exact score has D = E[x|x̃, y], which minimizes the expected loss, and
// its value is the mean conditional variance
//
//	E‖D − x‖² = E tr Var[x|x̃, y].
//
// The difference of the two losses is E‖D_network − D_exact‖²/(2·Out²·K), the
// error of the network alone. Both losses use the same x and z, so that the
// difference has far less noise than either.
//
// The exact score is a sum over weighted fields. Its effective number of fields
// at x̃ is 1/Σ p_j², with p_j the weight of field j given x̃. If x̃ was made
// from one of the fields and no other is near, then D = x and the loss is 0 for
// a sample of a continuous posterior: a fault of the sample and not a good
// score. There the loss is not stated.
//
// Each pair of level and field has a random stream of its own index, so that
// the order of the work does not matter.
func (s *splitCall) losses(ctx context.Context, y []float64, w bench.Weighted,
	points *langevin.Points, threads int) (LevelLosses, error) {
	norm, size := s.model.Meta.Normalization, s.problem.Spec().XLen()
	drawn := fieldsOf(s.problem.(problems.Parametric), w, lossFields)
	norm.NormalizeX(drawn, drawn, size)
	normalized := make([]float64, len(y))
	norm.NormalizeY(normalized, y)
	network := s.model.Condition(normalized)
	type worker struct {
		network, exact langevin.Scorer
		points         *langevin.PointScorer
		x, z, score    []float64
	}
	workers := make([]*worker, threads)
	count := len(s.sigma) * lossFields
	byNetwork, byExact, alone := make([]float64, count), make([]float64, count),
		make([]float64, count)
	err := parallel.For(ctx, threads, count, func(k, i int) error {
		if workers[k] == nil {
			p := points.NewScorer()
			workers[k] = &worker{network(), p, p, make([]float64, size), make([]float64, size),
				make([]float64, size)}
		}
		me, sigma := workers[k], s.sigma[i/lossFields]
		stream := rng.New(infer.ExplainSeed, rng.HeldOut, uint64(i), 0)
		// D − x = σ(σs + z), and the held-out loss is ‖D − x‖²/(2 Out²).
		scale := sigma / s.model.Parameterization.At(sigma).Out
		for j, v := range drawn[i%lossFields*size : (i%lossFields+1)*size] {
			me.z[j] = stream.Normal()
			me.x[j] = v + sigma*me.z[j]
		}
		for of, loss := range map[langevin.Scorer]*float64{me.network: &byNetwork[i],
			me.exact: &byExact[i]} {
			if err := of.Score(me.score, me.x, sigma); err != nil {
				return err
			}
			for j, v := range me.score {
				e := scale * (sigma*v + me.z[j])
				*loss += e * e / (2 * float64(size))
			}
		}
		alone[i] = 1 / me.points.Effective()
		return nil
	})
	out := LevelLosses{Fields: lossFields, Sigma: s.sigma}
	for l := range s.sigma {
		mean := func(v []float64) (sum float64) {
			for _, a := range v[l*lossFields : (l+1)*lossFields] {
				sum += a / lossFields
			}
			return sum
		}
		out.Network = append(out.Network, mean(byNetwork))
		exact := infer.StatedError(mean(byExact))
		if !w.Finite && mean(alone)*leastTogether > 1 {
			exact = infer.NotStated
		}
		out.Exact = append(out.Exact, exact)
	}
	return out, err
}

// ExactPosterior is the exact posterior of a measurement.
type ExactPosterior struct {
	Problem problems.Parametric

	Y      []float64 // physical units
	Fields bench.Weighted
	Points *langevin.Points // the exact score
}

// LossesAt returns the losses per pixel of a model and of the exact score for a
// measurement, at noise levels sigma. The result is the same for any number of
// threads.
//
// The levels of the result are in the order of sigma.
func LossesAt(ctx context.Context, model *nn.Model, sigma []float64, p ExactPosterior,
	threads int) (LevelLosses, error) {
	s := splitCall{problem: p.Problem, model: model, sigma: sigma}
	return s.losses(ctx, p.Y, p.Fields, p.Points, threads)
}

// fieldsOf draws n of the weighted fields by systematic resampling, in physical
// units, row by row.
//
// Systematic resampling draws one number u in [0, 1) and takes, for i = 0 … n −
// 1, the field in whose part of the cumulative weights (u + i)/n lies. A field
// of weight w is then drawn ⌊n·w⌋ or ⌈n·w⌉ times: its variance is lower than
// with n independent draws.
func fieldsOf(problem problems.Parametric, w bench.Weighted, n int) []float64 {
	d, size := len(w.Theta)/w.Len(), problem.Spec().XLen()
	out := make([]float64, n*size)
	stream := rng.New(infer.ExplainSeed, rng.HeldOut, 0, 1)
	for i, at := range certify.Resample(w.LogWeights, n, stream) {
		problem.Field(out[i*size:(i+1)*size], w.Theta[at*d:(at+1)*d])
	}
	return out
}

// optimum averages the losses of cases for the figure of a training, or returns
// nil if there are none.
//
// The running mean m ← m + (v − m)/n gives the plain mean over the cases. A
// loss that one case does not state (NaN) leaves the mean of that level without
// a value. A case with other levels is left out.
func optimum(cases []*Case) *report.Optimum {
	var o *report.Optimum
	for _, c := range cases {
		if c.Split == nil {
			continue
		}
		l := c.Split.Losses
		if o == nil {
			o = &report.Optimum{Sigma: l.Sigma, Fields: l.Fields,
				Network: make([]float64, len(l.Sigma)), Exact: make([]float64, len(l.Sigma))}
		}
		if len(l.Exact) != len(o.Exact) || len(l.Network) != len(o.Exact) {
			continue
		}
		o.Measurements++
		for k := range l.Exact {
			n := float64(o.Measurements)
			o.Network[k] += (l.Network[k] - o.Network[k]) / n
			o.Exact[k] += (float64(l.Exact[k]) - o.Exact[k]) / n
		}
	}
	return o
}

// splitSection returns the table of the errors of network and sampler, or nil
// if no case has them.
//
// With the network's draws A, the exact score's draws B and the reference R,
// the columns are RMSE(A, R), RMSE(B, R) and RMSE(A, B). They obey the triangle
// inequality
//
//	RMSE(A, R) ≤ RMSE(A, B) + RMSE(B, R).
//
// If the second is small, nearly all of the first is the network's.
func splitSection(cases []*Case) *report.Section {
	t := &report.Table{Name: "error-split",
		Columns: []string{"Measurement", "Draws by the network", "Draws by the exact score",
			"Between the two", "Fields of the prior"},
		Units: []string{"", "RMSE, mean / std", "RMSE, mean / std", "RMSE, mean / std",
			"network / exact score"},
		Caption: "The exact score is the score of the reference posterior, smoothed. Its draws " +
			"have the same sampler settings and random numbers, so that their distance from the " +
			"reference is the error of the sampler and of the finite number of draws alone. The " +
			"distance between the two sets of draws is the error of the network alone. A draw " +
			"counts as a field of the prior if some field of the prior differs from it by at " +
			"most a tenth of the prior’s range in every pixel."}
	both := func(a, b float64) string { return report.Number(a) + " / " + report.Number(b) }
	count := func(f *infer.PriorFields) string {
		if f == nil {
			return "–"
		}
		return fmt.Sprintf("%d of %d", f.Count, f.Draws)
	}
	for _, c := range cases {
		s := c.Split
		if s == nil || len(c.Comparisons) == 0 {
			continue
		}
		exact, between := "–", "–"
		if s.Sampler != nil {
			exact, between = both(s.Sampler.Mean, s.Sampler.Std), both(s.NetworkMean, s.NetworkStd)
		}
		t.Rows = append(t.Rows, []string{c.Name, both(c.Comparisons[0].Mean, c.Comparisons[0].Std),
			exact, between, count(&s.NetworkFields) + " / " + count(s.ExactFields)})
	}
	if t.Rows == nil {
		return nil
	}
	return &report.Section{Title: "Errors of network and sampler", Blocks: []report.Block{t}}
}
