package calibrate

import (
	"math"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/internal/report"
)

// TestFigures checks the names of a report's figures, and that each shows what
// its caption states: all posteriors, and the numbers of the tested one.
func TestFigures(t *testing.T) {
	c := newTestChecker(t, nil)
	r := judge(t, c, NetworkPosterior)
	tested := r.Posteriors[0]
	quantities := len(c.names.Quantities)
	svg := func(f *report.Figure, holds ...string) {
		t.Helper()
		for _, text := range holds {
			if !strings.Contains(string(f.SVG), text) {
				t.Errorf("figure %s does not show %q", f.Name, text)
			}
		}
	}
	f := c.rankHistogram(r, 1)
	svg(f, "exact calibration", tested.Ranks[1].Of)
	if bias := report.Number(tested.Ranks[1].Bias.Value); f.Name != "ranks-2" ||
		!strings.Contains(f.Alt, "bias "+bias) {
		t.Errorf("%s: %s; the bias is %s", f.Name, f.Alt, bias)
	}
	for k, want := range []string{"ranks-1-curves", "tarp-1", "tarp-2"} {
		q := max(0, quantities+k-1)
		if k == 0 {
			q = 0
		}
		f := c.rankCurves(r, q)
		if f.Name != want {
			t.Errorf("statistic %d has the figure %s, want %s", q, f.Name, want)
		}
		label := "expected coverage"
		if k == 0 {
			label = "distribution minus the diagonal"
		}
		svg(f, label)
		for _, p := range r.Posteriors {
			svg(f, p.Name)
		}
		if warns := strings.Contains(f.Caption, "ignore the measurement"); warns != (k == 1) {
			t.Errorf("%s: the caption is %q", f.Name, f.Caption)
		}
	}
	f = c.coverageCurves(r)
	svg(f, "level of the interval", bench.Spoilings()[0].Name)
	f = c.misfits(r)
	if !strings.Contains(f.Caption, report.Number(tested.Predictive.Residue)) ||
		!strings.Contains(f.Alt, report.Number(tested.Predictive.Truth)) {
		t.Errorf("misfits: %s; %s", f.Caption, f.Alt)
	}
}

// TestWeightingInWords checks both texts of a weighting, and that the table of
// effective draws has no row of certificates.
func TestWeightingInWords(t *testing.T) {
	w := &Weighting{Used: 38, Refused: 2, RefusedByWeights: 2, Share: 0.95,
		Within: [2]float64{0.835, 0.986}, LeastESS: 401, MedianESS: 512.4, LargestKHat: 0.31,
		Solves: 900, Seconds: 1.5, CPUSeconds: 3}
	text := w.text(true)
	for _, want := range []string{"38 of 40 posteriors are certified", "95.0 %", "83.5 to 98.6 %",
		"2 by their weights and 0 by the misfit"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	if text := w.text(false); !strings.Contains(text, "median 512") ||
		strings.Contains(text, "certified") {
		t.Error(text)
	}
	rows := w.rows(true)
	if len(w.rows(false)) != 2 || len(rows) != 7 || rows[0].Value != "38 of 40" ||
		rows[2].Value != "2" || rows[6].Value != "1.500 s wall, 3.000 s of CPU" {
		t.Errorf("rows %v", rows)
	}
}

// TestFinite checks that numbers of a record have a form in JSON.
//
// Infinity becomes the largest float64 of its sign.
func TestFinite(t *testing.T) {
	for v, want := range map[float64]float64{math.Inf(1): math.MaxFloat64,
		math.Inf(-1): -math.MaxFloat64, 2.5: 2.5} {
		if got := finite(v); got != want {
			t.Errorf("finite(%v) is %v, want %v", v, got, want)
		}
	}
}
