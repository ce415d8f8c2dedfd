package report_test

import (
	"slices"
	"strings"
	"testing"

	"csdm/internal/report"
)

// TestMisfit checks that the verdict stands before a figure of the residual
// with its root mean square, and that the section has neither without them.
func TestMisfit(t *testing.T) {
	flat := make([]float64, 20)
	p := report.Posterior{
		Name: "case", Rows: 4, Cols: 5, Network: report.PixelEstimate{Name: "network", Mean: flat,
			Std: flat},
	}
	blocks := len(p.Section().Blocks)
	residual := slices.Repeat([]float64{2, -2}, 10)
	p.Verdict, p.Residual = "The model explains the measurement.",
		[]report.Channel{{Name: "displacement", Values: residual}}
	s := p.Section()
	if len(s.Blocks) != blocks+2 {
		t.Fatalf("%d blocks, %d without a verdict", len(s.Blocks), blocks)
	}
	if s.Blocks[blocks] != report.Paragraph(p.Verdict) {
		t.Errorf("the verdict is %v", s.Blocks[blocks])
	}
	f, ok := s.Blocks[blocks+1].(*report.Figure)
	if !ok || f.Name != "case-misfit" || !strings.Contains(string(f.SVG), "RMS 2.000") {
		t.Errorf("the figure is %+v", f)
	}
}
