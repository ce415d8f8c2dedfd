package plot_test

import (
	"fmt"

	"csdm/internal/plot"
)

// Two fields on one scale, with a common color bar.
func ExamplePanels() {
	const n = 8
	a, b := make([]float64, n*n), make([]float64, n*n)
	for k := range a {
		a[k], b[k] = float64(k%n), float64(k/n)
	}
	p := plot.Panels{
		Panels: [][]plot.Panel{{
			{Title: "along *x*", Values: a, Rows: n, Cols: n, Map: plot.FieldMap, Scale: "mu",
				Unit: "kPa"},
			{Title: "along *y*", Values: b, Rows: n, Cols: n, Map: plot.FieldMap, Scale: "mu",
				Unit: "kPa"},
		}},
		Extent: plot.NodeExtent(1, 1, n, n), Unit: "cm",
		Alt: "Two ramps, one along each axis.",
	}
	f := p.Render()
	fmt.Printf("%.0f mm wide; PNG and SVG: %v\n", f.Width, len(f.PNG) > 0 && len(f.SVG) > 0)
	// Output: 130 mm wide; PNG and SVG: true
}

// A loss curve on a logarithmic axis.
func ExampleChart() {
	c := plot.Chart{
		XLabel: "optimizer step", YLabel: "loss", YLog: true,
		Series: []plot.Series{{Name: "training", X: []float64{0, 100, 200},
			Y: []float64{1, 0.1, 0.05}}},
		YMarks: []plot.Mark{{At: 0.04, Name: "best possible"}},
	}
	f := c.Render()
	fmt.Printf("%.0f × %.0f mm\n", f.Width, f.Height)
	// Output: 150 × 78 mm
}
