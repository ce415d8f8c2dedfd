package bench_test

import (
	"context"
	"math"
	"testing"

	"csdm/bench"
	"csdm/rng"
)

// startAt returns n rows of variables around a center, with standard deviations
// given as fractions of the box.
func (a *apart) startAt(center, shares []float64, n int) []float64 {
	s := rng.New(31, rng.Test, 0, 0)
	var rows []float64
	for range n {
		for c, v := range center {
			v += shares[c] * (a.hi[c] - a.lo[c]) * s.Normal()
			rows = append(rows, min(max(v, a.lo[c]), a.hi[c]))
		}
	}
	return rows
}

// TestAdaptiveStart checks that Start decides only where the search begins. A
// good start saves solves, a wrong or narrow start costs solves, and the result
// agrees with the closed form within the stated errors in each case.
func TestAdaptiveStart(t *testing.T) {
	problem := newApart()
	truth := []float64{-1.2, 14, 17, 1.05, 0.9, 0.1}
	y := problem.measure(truth...)
	variables, field, logEvidence := problem.exact(y)
	// Twice as wide as the posterior, as the draws of a network may be.
	wide := []float64{0.003, 0.003, 0.003, 0.29, 0.29, 0.29}
	solves := map[string]int{}
	for name, start := range map[string][]float64{
		"none":    nil,
		"good":    problem.startAt(truth, wide, 128),
		"too few": problem.startAt(truth, wide, 10),
		"wrong":   problem.startAt([]float64{0.2, 5, 25, 1, 1, 0}, wide, 128),
		"narrow": problem.startAt(truth,
			[]float64{0.0005, 0.0005, 0.0005, 0.01, 0.01, 0.01}, 128),
	} {
		r, err := bench.Adaptive(context.Background(), problem, y,
			bench.AdaptiveSettings{Seed: 3, Threads: 2, ESS: 400, Start: start})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		solves[name] = r.Solves
		if !r.Converged {
			t.Errorf("%s: not converged after %d solves", name, r.Solves)
		}
		for c := range variables.Mean {
			d := math.Abs(r.Variables.Mean[c] - variables.Mean[c])
			if d > 5*variables.Std[c]/math.Sqrt(r.ESS) {
				t.Errorf("%s: variable %d has mean %v, exact %v, error %v", name, c,
					r.Variables.Mean[c], variables.Mean[c], d)
			}
		}
		if c := bench.Compare(&r.Posterior, &field); !(c.Mean < 4*c.MeanErrorA) ||
			!(c.Std < 4*c.StdErrorA) {
			t.Errorf("%s: errors of the field %v and %v, stated %v and %v", name, c.Mean, c.Std,
				c.MeanErrorA, c.StdErrorA)
		}
		if d := math.Abs(r.LogEvidence - logEvidence); d > 5*r.LogEvidenceError {
			t.Errorf("%s: error of log-evidence %v, stated %v", name, d, r.LogEvidenceError)
		}
		if len(r.Theta) != 6*len(r.LogWeights) ||
			math.Abs(bench.ESSWeights(r.LogWeights)-r.ESS) > 1e-6*r.ESS {
			t.Errorf("%s: %d variables and %d weights of effective size %v do not match an ESS of "+
				"%v", name, len(r.Theta), len(r.LogWeights), bench.ESSWeights(r.LogWeights), r.ESS)
		}
	}
	t.Log(solves)
	if 3*solves["good"] > 2*solves["none"] {
		t.Errorf("a good start takes %d solves, no start %d", solves["good"], solves["none"])
	}
	if solves["too few"] != solves["none"] {
		t.Errorf("a start of too few rows takes %d solves, no start %d", solves["too few"],
			solves["none"])
	}
	if _, err := bench.Adaptive(context.Background(), problem, y,
		bench.AdaptiveSettings{Threads: 1, Start: make([]float64, 7)}); err == nil {
		t.Error("a start of seven numbers is accepted for six variables")
	}
}
