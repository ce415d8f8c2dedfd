package run

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/langevin"
	"csdm/problems"
	"csdm/problems/problemstest"
	"csdm/problems/quasistatic"
)

// TestErrorSplit splits the error of an untrained network, whose draws are
// noise. The exact score's draws are close to the reference, all of them are
// fields of the prior, and its loss is below the network's at every level.
//
// At σ = 200, far above the posterior's width, the denoised field is the
// posterior's mean and the loss must be the posterior's variance over 2·Out²,
// to 30 % with 16 fields. A lost factor of 2 or of Out fails here. Without a
// finite set of fields, the loss at the last level must not be stated.
func TestErrorSplit(t *testing.T) {
	problem, err := quasistatic.New(problems.Options{Grid: 12, NoisePercent: 8})
	if err != nil {
		t.Fatal(err)
	}
	_, y := problemstest.Pair(t, problem, 5, 2)
	q, err := bench.Quadrature(t.Context(), problem, y, bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	spec, c := problem.Spec(), small(t)
	model, err := newModel(c, spec, dataset.Scaling{
		Normalization: problems.Normalization{X: spec.XRange, Y: problems.Range{Min: -1, Max: 1}},
		SigmaData:     0.3, YMean: []float64{0}, YStd: []float64{1},
		YField: make([]float64, spec.YLen()), YSpread: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	model.Net.Init(4)
	s := langevin.Default()
	s.SigmaMax, s.SigmaMin, s.Draws = 20, 0.02, 60
	p, err := infer.Sample(t.Context(), model, y, s, infer.Job{Seed: 3}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	one := &Case{Name: "000", Y: y, Posterior: p}
	one.addReference(CaseReference{Name: "exact", Points: q.Points,
		Posterior: q.Scaled(spec.XRange.Min, spec.XRange.Width())}, 0)
	const high = 200
	call := splitCall{problem, model, s, []float64{0.02, 0.5, 5, high}, 3}
	got, err := call.split(t.Context(), one, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	if got.NetworkFields.Count != 0 || got.ExactFields.Count != 60 {
		t.Errorf("fields of the prior: %+v by the network, %+v by the exact score",
			got.NetworkFields, got.ExactFields)
	}
	if floor := float64(got.Sampler.FloorMean); got.Sampler.Mean > 3*floor ||
		one.Comparisons[0].Mean < 3*floor ||
		math.Abs(got.NetworkMean-one.Comparisons[0].Mean) > got.Sampler.Mean {
		t.Errorf("errors %v in all, %v of the sampler, %v of the network; the floor is %v",
			one.Comparisons[0].Mean, got.Sampler.Mean, got.NetworkMean, floor)
	}
	for k, sigma := range got.Losses.Sigma {
		exact := float64(got.Losses.Exact[k])
		if !(exact < got.Losses.Network[k]) || exact > 0.5 {
			t.Errorf("σ = %g: loss %g of the exact score, %g of the network", sigma, exact,
				got.Losses.Network[k])
		}
	}
	// At a high level the exact denoiser is the posterior mean, so that the
	// loss is the posterior's variance over 2 Out².
	variance := 0.0
	for _, v := range one.References[0].Std {
		variance += v * v / float64(spec.XLen())
	}
	out := model.Parameterization.At(high).Out
	if l := float64(got.Losses.Exact[3]) * 2 * out * out; math.Abs(l-variance) > 0.3*variance {
		t.Errorf("σ = %d: the loss is that of a variance of %v, want %v", high, l, variance)
	}
	// A sample of a continuous distribution does not determine the loss at
	// levels at which one field has all the weight.
	one.References[0].Points.Finite = false
	if got, err = call.split(t.Context(), one, env.Quiet(1)); err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(float64(got.Losses.Exact[0])) {
		t.Errorf("a loss of %v at the last level, want none", got.Losses.Exact[0])
	}
	if o := optimum([]*Case{one, {}, {Split: got}, {Split: got}}); o.Measurements != 2 ||
		o.Network[2] != got.Losses.Network[2] {
		t.Errorf("optimum %+v of %+v", o, got.Losses)
	}
	one.References[0].Points = bench.Weighted{}
	if got, err = call.split(t.Context(), one, env.Quiet(1)); got != nil || err != nil {
		t.Errorf("without weighted fields: %+v, %v", got, err)
	}
}
