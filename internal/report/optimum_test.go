package report

import (
	"math"
	"strings"
	"testing"
)

// TestOptimum checks that the figure of the loss per level has the curves of
// network and exact score, also where a loss is not known, and that its caption
// states how they were made.
func TestOptimum(t *testing.T) {
	training := &TrainingCurves{Sigma: []float64{0.1, 1}, SigmaLoss: []float64{0.3, 0.2}}
	plain := training.levels()
	training.Optimum = &Optimum{Sigma: []float64{0.1, 1}, Network: []float64{0.25, 0.2},
		Exact: []float64{math.NaN(), 0.1}, Fields: 16, Measurements: 3}
	with := training.levels()
	for _, want := range []string{"3 held-out measurements", "16 fields"} {
		if !strings.Contains(with.Caption, want) || strings.Contains(plain.Caption, want) {
			t.Errorf("caption %q, without the curves %q, want %q in the first", with.Caption,
				plain.Caption, want)
		}
	}
	if !strings.Contains(string(with.SVG), "exact score") {
		t.Error("the figure has no curve of the exact score")
	}
}
