package bench_test

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// TestCheckOnFields draws from the exact posteriors of an inclusion by
// importance resampling of prior draws; enough of them are effective at this
// noise. The fields have atoms, the ranks have ties, and the quantities are
// multiples of a node over a count. Calibrated draws pass and spoiled draws
// fail.
func TestCheckOnFields(t *testing.T) {
	const measurements, draws, pool = 500, 99, 6000
	problem, err := quasistatic.New(problems.Options{Grid: 14, NoisePercent: 15})
	if err != nil {
		t.Fatal(err)
	}
	generator, err := problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	spec, law, quantified := problem.Spec(), problem.Measurement().(priors.Likelihood),
		problem.(problems.Quantified)
	n := spec.XLen()
	pair := func(seed, i uint64) (x, y, q []float64) {
		x, y, q = make([]float64, n), make([]float64, n),
			make([]float64, len(quantified.Quantities()))
		if err := generator.Pair(x, y, seed, i); err != nil {
			t.Fatal(err)
		}
		quantified.Quantify(q, x)
		spec.XRange.Apply(x, x)
		return x, y, q
	}
	fields, responses, quantities := make([][]float64, pool), make([][]float64, pool),
		make([][]float64, pool)
	for j := range pool {
		fields[j], responses[j], quantities[j] = pair(1, uint64(j))
	}
	spoilings := append([]bench.Spoiling{{Name: "exact", Scale: 1}}, bench.Spoilings()...)
	scores := make([][]*bench.Record, len(spoilings))
	cumulative, lattice := make([]float64, pool), bench.NewLattice(0.02)
	var spoiled bench.Trial
	least := math.Inf(1)
	for i := range uint64(measurements) {
		var trial, prior bench.Trial
		var y []float64
		trial.Truth, y, trial.Quantities = pair(2, i)
		problems.Measure(law, y, y, 2, i)
		top, near := math.Inf(-1), 0
		for j := range cumulative {
			if cumulative[j] = law.LogLikelihood(y, responses[j]); cumulative[j] > top {
				top, near = cumulative[j], j
			}
		}
		least = min(least, bench.ESSWeights(cumulative))
		sum := 0.0
		for j := range cumulative {
			sum += math.Exp(cumulative[j] - top)
			cumulative[j] = sum
		}
		s := rng.New(3, rng.Test, i, 0)
		add := func(to *bench.Trial, j int) {
			to.Draws, to.DrawQuantities = append(to.Draws, fields[j]...),
				append(to.DrawQuantities, quantities[j]...)
		}
		for range draws {
			at, j := s.Float64()*sum, 0
			for cumulative[j] <= at {
				j++
			}
			add(&trial, j)
			add(&prior, int(s.Uint64n(pool)))
		}
		// The most likely field is the nearest.
		references := [][]float64{fields[s.Uint64n(pool)], fields[near]}
		for k, p := range spoilings {
			p.Apply(&spoiled, &trial, &prior)
			scores[k] = append(scores[k], bench.NewRecord(&spoiled, references, lattice,
				rng.New(3, rng.Test, i, 1)))
		}
	}
	if least < 30 {
		t.Fatalf("effective prior draws: %v", least)
	}
	for k, p := range spoilings {
		a := assess(scores[k])
		for _, r := range a.Ranks {
			t.Logf("%s: %s: bias %.2f ± %.2f, spread %.2f ± %.2f, p %.2g", p.Name, r.Of,
				r.Bias.Value, r.Bias.Error, r.Spread.Value, r.Spread.Error, r.P)
		}
		for _, c := range a.Coverage {
			t.Logf("%s: coverage of %v: %.3f ± %.3f", p.Name, c.Level, c.Value, c.Error)
		}
		want := bench.Fail
		if k == 0 {
			want = bench.Pass
		}
		if a.Verdict != want || k == 0 && a.LeastP < 0.01 {
			t.Errorf("%s: %s, p = %v", p.Name, a.Verdict, a.LeastP)
		}
	}
}
