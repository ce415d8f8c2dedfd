package accuracy

import (
	"math"
	"testing"

	"csdm/infer"
	"csdm/problems"
	"csdm/problems/builtin"
)

// TestCosts takes curves of a known form: errors of c/√s for every cost s.
func TestCosts(t *testing.T) {
	row := func(model, method string, budget int, seconds, rmse float64) Row {
		r := unstated(&Row{Key: Key{Problem: "p", Grid: 8, Model: model, Method: method,
			Budget: budget}})
		if model != "" {
			r.Weights = "w"
		}
		r.CPUSeconds, r.RMSEMean = infer.StatedError(seconds), infer.StatedError(rmse)
		r.RMSEStd = 2 * r.RMSEMean
		return *r
	}
	var rows []Row
	rows = append(rows, row("net", "network", 9, 1, 0.5), row("net", "certified", 9, 4, 0.01))
	for _, s := range []float64{9, 1, 4} { // in any order
		rows = append(rows, row("", "importance", int(s), s, 0.1/math.Sqrt(s)))
	}
	rows = append(rows, row("", "adaptive", 1, 2, 0.005))
	got := costs(rows, map[string]float64{"w": 1000})
	if len(got) != len(shared)*3 {
		t.Fatalf("%d rows: %+v", len(got), got)
	}
	for k, m := range shared {
		own, other, best := got[3*k], got[3*k+1], got[3*k+2]
		seconds := 4.
		if m > 0 {
			seconds += 1000 / float64(m)
		}
		if own.Network != "certified" || own.Method != "certified" || own.Measurements != m ||
			own.RMSEMean != 0.01 || math.Abs(own.CPUSeconds-seconds) > 1e-12 {
			t.Errorf("own %+v, want %v s", own, seconds)
		}
		want := 0.1 / math.Sqrt(seconds)
		if math.Abs(float64(other.RMSEMean)-want) > 1e-12 ||
			math.Abs(float64(other.RMSEStd)-2*want) > 1e-12 || other.CPUSeconds != own.CPUSeconds {
			t.Errorf("importance %+v, want %v", other, want)
		}
		basis := BasisExtrapolated
		if m == 0 || m == 1000 { // 4 and 5 s lie between the budgets
			basis = BasisInterpolated
		}
		if other.Basis != basis || best.Basis != BasisExtrapolated {
			t.Errorf("after %d: %s, %s", m, other.Basis, best.Basis)
		}
	}
	// Importance sampling needs 100 s for 0.01, 96 more than the network.
	if c := got[1]; math.Abs(float64(c.SecondsToEqual)-100) > 1e-9 ||
		math.Abs(float64(c.BreakEven)-1000./96) > 1e-9 {
		t.Errorf("break-even %+v", c)
	}
	if c := got[2]; c.SecondsToEqual != 2 || !math.IsNaN(float64(c.BreakEven)) {
		t.Errorf("a method that costs less: %+v", c)
	}
	// Without the cost of training there is no division of it.
	if got := costs(rows, nil); len(got) != 3 || !math.IsNaN(float64(got[1].BreakEven)) {
		t.Errorf("without training: %+v", got)
	}
}

// TestSecondsTo inverts a curve between its points.
func TestSecondsTo(t *testing.T) {
	curve := []costPoint{{1, 0.4, 0}, {4, 0.2, 0}, {16, 0.01, 0}}
	of := func(p costPoint) float64 { return p.mean }
	for target, want := range map[float64]float64{0.5: 1, 0.4: 1, math.Sqrt(0.4 * 0.2): 2, 0.2: 4,
		0.01: 16, 0.005: 64} {
		if got := secondsTo(curve, of, target); math.Abs(got-want) > 1e-12*want {
			t.Errorf("error %v from %v s on, want %v", target, got, want)
		} else if target < 0.4 && math.Abs(errorAt(curve, of, got)-target) > 1e-12 {
			t.Errorf("the error after %v s is %v, want %v", got, errorAt(curve, of, got), target)
		}
	}
}

// TestSummarize checks means over measurements, with two seeds of one of them.
func TestSummarize(t *testing.T) {
	yes, no := true, false
	var rows []Row
	for _, v := range []struct {
		index     int
		rmse      float64
		certified *bool
	}{{0, 1, &yes}, {0, 3, &yes}, {1, 6, &no}, {2, math.NaN(), nil}} {
		r := unstated(&Row{Key: Key{Method: "m"}, Case: v.index, Certified: v.certified})
		r.RMSEMean = infer.StatedError(v.rmse)
		rows = append(rows, *r)
	}
	q := unstated(&QuantityRow{Key: Key{Method: "m"}, Quantity: "size", Within90: &yes})
	r := Result{Rows: rows, Summary: summarize(rows, []QuantityRow{*q})}
	s := r.Figure(Key{Method: "m"}, "rmse_mean")
	if s == nil || s.Count != 2 || s.Mean != 4 || s.Median != 4 || s.Least != 2 || s.Largest != 6 ||
		s.StandardError != 2 || s.SeedStd != infer.StatedError(math.Sqrt2) ||
		math.Abs(s.RMS-math.Sqrt(20)) > 1e-12 {
		t.Errorf("errors %+v", s)
	}
	if s := r.Figure(Key{Method: "m"}, "certified"); s == nil || s.Mean != 0.5 || s.Count != 2 {
		t.Errorf("certified %+v", s)
	}
	last := r.Summary[len(r.Summary)-1]
	if last.Quantity != "size" {
		t.Errorf("the last figure is %+v", last)
	}
	for _, s := range r.Summary {
		if s.Figure == "within_90" && (s.Mean != 1 || s.Count != 1 || s.Quantity != "size") {
			t.Errorf("within 90 %%: %+v", s)
		}
	}
	if keys := r.Keys(); len(keys) != 1 {
		t.Errorf("keys %+v", keys)
	}
}

// TestQuantities takes fields whose quantities are known.
func TestQuantities(t *testing.T) {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 28})
	if err != nil {
		t.Fatal(err)
	}
	parametric, size := p.(problems.Parametric), p.Spec().XLen()
	const n = 11
	fields, truth := make([]float64, n*size), make([]float64, size)
	for i := range n { // centers from 0.3 to 0.7
		parametric.Field(fields[i*size:(i+1)*size], []float64{0.3 + 0.04*float64(i), 0.5})
	}
	parametric.Field(truth, []float64{0.32, 0.5})
	rows := quantities(QuantityRow{Case: 7, Seed: 8}, p, truth, fields)
	q := rows[0]
	const grid = 0.01 // resolution of the center on 28×28 nodes
	if q.Case != 7 || q.Seed != 8 || q.Unit != "cm" || q.ShareDefined != 1 ||
		math.Abs(float64(q.Mean)-0.5) > grid || math.Abs(float64(q.TrueValue)-0.32) > grid ||
		math.Abs(float64(q.Error)-0.18) > 2*grid {
		t.Errorf("%+v", q)
	}
	// The central 90 % of the centers are 0.32 to 0.68, and 50 % are 0.4 to
	// 0.6.
	if q.Within50 == nil || *q.Within50 || *rows[1].Within50 != true {
		t.Errorf("within 50 %%: %+v, %+v", q.Within50, rows[1].Within50)
	}
	for center, within50 := range map[float64]bool{0.36: false, 0.43: true, 0.57: true,
		0.65: false} {
		parametric.Field(truth, []float64{center, 0.5})
		q := quantities(QuantityRow{}, p, truth, fields)[0]
		if *q.Within50 != within50 || !*q.Within90 {
			t.Errorf("%v: within 50 %% %v, 90 %% %v", center, *q.Within50, *q.Within90)
		}
	}
	// A field without an inclusion has no center.
	for k := range truth {
		truth[k] = 0.1
	}
	if q := quantities(QuantityRow{}, p, truth, fields)[0]; q.Within90 != nil ||
		!math.IsNaN(float64(q.TrueValue)) || !math.IsNaN(float64(q.Error)) {
		t.Errorf("without an inclusion: %+v", q)
	}
}
