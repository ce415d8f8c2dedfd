package infer

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"csdm/internal/format"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

// TestQuantitiesOfSomeDraws uses four draws with a disc, one of them with a
// second disc, and four draws without. The draws without a disc are counted and
// left out of the means, and the JSON has no NaN.
//
// The centers 0.40, 0.42, 0.44, 0.46 have the mean 0.43. Draws without a disc
// as zeros instead of NaN would move it to about 0.21.
func TestQuantitiesOfSomeDraws(t *testing.T) {
	problem, err := quasistatic.New(problems.Options{Grid: 28, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	const draws, pixels = 8, 28 * 28
	p := &Posterior{Rows: 28, Cols: 28, Normalization: nn.Normalization{XMin: 0, XMax: 1},
		Samples: make([]float64, draws*pixels)}
	p.Draws = draws
	centers := []float64{0.4, 0.42, 0.44, 0.46}
	for i := range draws {
		x := p.Samples[i*pixels : (i+1)*pixels]
		for k := range x {
			x[k] = quasistatic.Background
		}
		// disc sets the nodes within the distance r of (cx, cy) to the
		// inclusion's modulus; nodes lie at multiples of 1/27.
		disc := func(cx, cy, r float64) {
			for k := range x {
				if math.Hypot(float64(k%28)/27-cx, float64(k/28)/27-cy) <= r {
					x[k] = quasistatic.Inclusion
				}
			}
		}
		if i < len(centers) {
			disc(centers[i], 0.6, quasistatic.Radius)
		}
		if i == 3 {
			disc(0.75, 0.25, 0.08)
		}
	}
	p.Quantify(problem)
	q := p.Origin.Quantities[0]
	if q.ShareDefined != 0.5 || math.Abs(q.Mean-0.43) > 0.02 || !(q.Std > 0.01 && q.Std < 0.05) ||
		!(q.Resolution > 0.0005 && q.Resolution < 0.01) {
		t.Errorf("center: %+v", q)
	}
	if r := p.Origin.Regions; r.None != 0.5 || r.Second != 1./draws || r.Outside < 0.01 ||
		r.What != "inclusion" {
		t.Errorf("%+v", r)
	}
	lines := strings.Join(p.Origin.Regions.Lines(), "\n")
	for _, says := range []string{"no inclusion in 50 % of the draws", "a second region of",
		"in 12.5 % of the draws"} {
		if !strings.Contains(lines, says) {
			t.Errorf("%q does not say %q", lines, says)
		}
	}
	clear(p.Samples)
	p.Quantify(problem)
	text, err := json.Marshal(p.Origin)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"mean":null`) ||
		!strings.Contains(string(text), `"share_defined":0`) {
		t.Errorf("no inclusion at all: %s", text)
	}
	var back Origin
	if err := json.Unmarshal(text, &back); err != nil || !math.IsNaN(back.Quantities[0].Mean) ||
		back.Quantities[0].ShareDefined != 0 {
		t.Errorf("read again: %+v, %v", back.Quantities, err)
	}
	if table := QuantityTable("q", p.Origin.Quantities,
		p.Origin.Regions); table.Rows[0][2] != "–" ||
		!strings.Contains(table.Caption, "no inclusion in 100 %") {
		t.Errorf("%+v", table)
	}
	path := t.TempDir() + "/p.npz"
	if err := p.WriteFile(path, false); err == nil {
		arrays, err := format.ReadNPZFile(path)
		if err != nil || !math.IsNaN(arrays["quantity_draws"].F64[0]) {
			t.Errorf("draws without an inclusion: %v, %v", arrays["quantity_draws"], err)
		}
	}
	old := Quantity{}
	if err := json.Unmarshal(
		[]byte(`{"name":"a","unit":"b","mean":1,"std":2,"q05":3,"q50":4,"q95":5,"truth":6}`),
		&old); err != nil ||
		old.ShareDefined != 1 || old.Q95 != 5 || *old.Truth != 6 {
		t.Errorf("a quantity of an older file: %+v, %v", old, err)
	}
}
