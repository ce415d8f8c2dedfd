package run

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/infer"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
)

// TestTruth compares made-up posteriors with made-up true fields: one whose
// mean is the true field, and one at a known distance. All numbers below were
// computed by hand.
//
// The distance over all cases is the root of the mean square: a mean of the two
// distances, √0.085/2 = 0.146, would differ from √(0.085/2) = 0.206.
func TestTruth(t *testing.T) {
	made := func(name string, mean, std, truth []float64, quantities ...infer.Quantity) *Case {
		return &Case{Name: name, Truth: truth, Quantities: quantities,
			Posterior: &infer.Posterior{Posterior: bench.Posterior{Mean: mean, Std: std}}}
	}
	value := func(lo, hi, truth float64) infer.Quantity {
		return infer.Quantity{Name: "modulus", Q05: lo, Q95: hi, Truth: &truth}
	}
	prior := []float64{0.5, 0.5, 0.5, 0.5}
	unknown := made("c", prior, prior, nil, infer.Quantity{Name: "modulus"})
	o := newOutcome([]*Case{
		made("a", []float64{0, 0.1, 0, 0}, []float64{0.2, 0.2, 0.2, 0.2}, []float64{0, 0.1, 0, 0},
			value(1, 3, 2)),
		made("b", []float64{0.3, 0.1, 0.3, 0.1}, []float64{0.3, 0.4, 0, 0},
			[]float64{0, 0.1, 0, 0.5}, value(1, 3, 3.5)),
		unknown,
	}, prior)
	// Squared distances of the prior: a (3·0.25 + 0.16)/4, b (2·0.25 + 0.16 +
	// 0)/4. Of the mean of b: (0.09 + 0.09 + 0.16)/4.
	priorA, priorB, meanB := math.Sqrt(0.2275), math.Sqrt(0.165), math.Sqrt(0.085)
	want := []TruthDistance{
		{Case: "a", Mean: 0, Prior: priorA, Ratio: 0, Std: 0.2},
		{Case: "b", Mean: meanB, Prior: priorB, Ratio: meanB / priorB, Std: 0.25},
	}
	all := TruthDistance{Case: "all", Mean: math.Sqrt(0.085 / 2),
		Prior: math.Sqrt((0.2275 + 0.165) / 2),
		Std:   math.Sqrt((0.04 + 0.0625) / 2)}
	all.Ratio = all.Mean / all.Prior
	if len(o.TruthDistances) != 2 || o.TruthDistance == nil {
		t.Fatalf("outcome %+v", o)
	}
	for k, got := range append(o.TruthDistances, *o.TruthDistance) {
		if w := append(want, all)[k]; got.Case != w.Case || !nearly(got.Mean, w.Mean) ||
			!nearly(got.Prior, w.Prior) || !nearly(got.Ratio, w.Ratio) || !nearly(got.Std, w.Std) {
			t.Errorf("case %s: %+v, want %+v", w.Case, got, w)
		}
	}
	if o.TruthDistances[0].Mean != 0 {
		t.Errorf("a mean equal to the true field has the distance %v", o.TruthDistances[0].Mean)
	}
	if len(o.Coverage) != 1 {
		t.Fatalf("coverage %+v", o.Coverage)
	}
	if c := o.Coverage[0]; c.Name != "modulus" || c.Within != 1 || c.Of != 2 || c.Share != 0.5 ||
		!nearly(c.Error, math.Sqrt(0.045)) {
		t.Errorf("coverage %+v", c)
	}

	if o := newOutcome([]*Case{unknown}, prior); o.TruthDistances != nil ||
		o.TruthDistance != nil ||
		o.Coverage != nil || truthSection(o, 1, "kPa") != nil {
		t.Errorf("without a truth: %+v", o)
	}
	if o := newOutcome([]*Case{made("b", prior, prior, make([]float64, 4))},
		nil); o.TruthDistances[0].Prior != 0 || o.TruthDistances[0].Ratio != 0 ||
		o.TruthDistance.Ratio != 0 {
		t.Errorf("without a prior: %+v", o.TruthDistances)
	}
}

// nearly allows some roundings of numbers near 1.
func nearly(a, b float64) bool { return math.Abs(a-b) <= 1e-14 }

// TestPriorMean compares with the fields of the generator's pairs, and checks
// that the mean is bit for bit the same for any number of threads.
func TestPriorMean(t *testing.T) {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8})
	if err != nil {
		t.Fatal(err)
	}
	parametric, scale := p.(problems.Parametric), nn.Normalization{XMin: 1, XMax: 5}
	const pairs, seed = 21, 6
	got, err := PriorMean(context.Background(), parametric, pairs, seed, 1)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := PriorMean(context.Background(), parametric, pairs, seed,
		3); err != nil || !reflect.DeepEqual(got, other) {
		t.Errorf("one thread and three differ, or %v", err)
	}
	scale.NormalizeX(got, got, len(got))
	generator, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y, want := make([]float64, len(got)), make([]float64, p.Spec().YLen()),
		make([]float64, len(got))
	for i := range uint64(pairs) {
		if err := generator.Pair(x, y, seed, i); err != nil {
			t.Fatal(err)
		}
		for k, v := range x {
			want[k] += (v - scale.XMin) / (scale.XMax - scale.XMin) / pairs
		}
	}
	for k := range want {
		if math.Abs(got[k]-want[k]) > 1e-13 {
			t.Fatalf("value %d is %v, want %v", k, got[k], want[k])
		}
	}
}

// checkTruth checks the distances from the true fields in a finished run of
// small. Its network is useless, but the mean of its prior is available in
// another way.
func checkTruth(t *testing.T, dir string, o *Outcome) {
	t.Helper()
	if len(o.TruthDistances) != 2 || o.TruthDistance == nil || len(o.Coverage) == 0 {
		t.Fatalf("outcome %+v", o)
	}
	model, err := nn.ReadModelFile(filepath.Join(dir, ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ReadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.NewProblem()
	if err != nil {
		t.Fatal(err)
	}
	prior, err := PriorMean(context.Background(), p.(problems.Parametric),
		c.Data.Pairs-c.Data.HeldOut, c.Seed, 1)
	if err != nil {
		t.Fatal(err)
	}
	model.Meta.Normalization.NormalizeX(prior, prior, len(prior))
	truth, x, y := make([]float64, len(prior)), make([]float64, len(prior)),
		make([]float64, p.Spec().YLen())
	generator, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	for k, got := range o.TruthDistances {
		if err := generator.Pair(x, y, c.Seed, uint64(c.Data.Pairs-c.Data.HeldOut+k)); err != nil {
			t.Fatal(err)
		}
		model.Meta.Normalization.NormalizeX(truth, x, len(truth))
		// Pairs are kept in float32: each number is rounded to one part in 2²⁴
		// of at most the range's largest.
		if want := bench.RMSE(prior, truth); math.Abs(got.Prior-want) > 1e-6 {
			t.Errorf("case %d: distance of the prior's mean %v, want %v", k, got.Prior, want)
		}
		for _, v := range []float64{got.Mean, got.Ratio, got.Std} {
			if !(v > 0) || math.IsInf(v, 0) {
				t.Errorf("case %d: %+v", k, got)
			}
		}
	}
	for _, q := range o.Coverage {
		if q.Of != 2 || q.Within < 0 || q.Within > 2 || q.Share != float64(q.Within)/2 {
			t.Errorf("coverage %+v", q)
		}
	}
	page, err := os.ReadFile(o.Report)
	if err != nil || !strings.Contains(string(page), "Against the true fields") {
		t.Errorf("the report lacks the distance from the true fields: %v", err)
	}
}

// TestReferenceDistance checks the distance of a reference from the true field,
// which is known over all cases only if each case has a reference.
func TestReferenceDistance(t *testing.T) {
	made := func(reference ...float64) *Case {
		c := &Case{Truth: []float64{1, 1}, Posterior: &infer.Posterior{Posterior: bench.Posterior{
			Mean: []float64{0, 0}, Std: []float64{0, 0}}}}
		if reference != nil {
			c.References = []CaseReference{{Posterior: &bench.Posterior{Mean: reference}}}
		}
		return c
	}
	o := newOutcome([]*Case{made(1, 1.5), made(0.5, 1)}, nil)
	if d := o.TruthDistances[0].Reference; !nearly(d, math.Sqrt(0.125)) {
		t.Errorf("one case: %v", d)
	}
	if d := o.TruthDistance.Reference; !nearly(d, math.Sqrt(0.125)) {
		t.Errorf("all cases: %v", d)
	}
	o = newOutcome([]*Case{made(1, 1.5), made()}, nil)
	if d := o.TruthDistance.Reference; d != 0 {
		t.Errorf("a case without a reference: %v", d)
	}
}
