package report_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"csdm/internal/report"
)

// A run fills a Posterior with its arrays, hands it to a Report, and writes the
// page and the figures.
func Example() {
	const rows, cols = 16, 16
	field := make([]float64, rows*cols)
	p := &report.Posterior{
		Quantity: "shear modulus *μ*", Unit: "kPa",
		Rows: rows, Cols: cols, Width: 1, Height: 1, LengthUnit: "cm",
		Network:    report.PixelEstimate{Name: "score network", Mean: field, Std: field},
		References: []report.PixelEstimate{{Name: "exact", Mean: field, Std: field}},
		Draws:      [][]float64{field, field},
	}
	comparison := report.Comparison{Method: "score network", Reference: "exact",
		Mean: report.Deviation{RMSE: 0.021, Floor: 0.012, ReferenceError: 0.003},
		Std:  report.Deviation{RMSE: 0.019, Floor: 0.009, ReferenceError: 0.003}}
	table := report.ComparisonTable([]report.Comparison{comparison}, "kPa")
	r := &report.Report{
		Title:     "A posterior",
		Headline:  report.Headline{Table: table},
		Sections:  []report.Section{p.Section()},
		Reproduce: []string{"csdm demo --seed 1"},
	}
	var page bytes.Buffer
	if err := r.Write(&page); err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for _, f := range r.Figures() {
		if err := os.WriteFile(filepath.Join(dir, f.Name+".svg"), f.SVG, 0o644); err != nil {
			fmt.Println(err)
		}
		fmt.Println(f.Name)
	}
	fmt.Println(r.Headline.Table.Columns)
	fmt.Println(r.Headline.Table.Rows[0])
	// Output:
	// posterior-comparison
	// posterior-draws
	// [Method Reference RMSE of mean RMSE of std Finite-draw floor Reference’s error]
	// [score network exact 0.021 0.019 0.012 / 0.0090 0.0030 / 0.0030]
}
