package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/internal/plot"
)

// Place is what the draws of a posterior state of two quantities, as the center
// of an inclusion, and the density of a reference.
type Place struct {
	XName, YName   string // of the quantities
	XUnit, YUnit   string
	X, Y           []float64 // of each draw; NaN: the draw does not have the quantity
	TruthX, TruthY float64   // of the true field; NaN: unknown
	// Resolution is the RMS error of both quantities of a field on the grid; 0:
	// not known.
	Resolution float64

	Reference  string    // name of the posterior with the density; empty: none
	Density    []float64 // probabilities of Rows × Cols cells, row 0 at the bottom
	Rows, Cols int
	Extent     plot.Extent // of the outer edges of the outer cells
}

// placeShares are the probabilities that the contours of a Place hold.
var placeShares = []float64{0.5, 0.9}

// contourLevel returns the density above which cells hold a share of the
// probability.
//
// Cells are taken in the order of falling density until their probabilities
// reach the share: the smallest region that holds it.
func contourLevel(density []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(density))
	slices.Reverse(sorted)
	sum := 0.0
	for _, v := range sorted {
		if sum += v; sum >= share {
			return v
		}
	}
	return 0
}

// axisName returns the label of an axis: the name, and the unit in parentheses
// if there is one.
func axisName(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + " (" + unit + ")"
}

// figure draws the place: dots over contours.
func (l *Place) figure(name, network string) *Figure {
	chart := &plot.Chart{XLabel: axisName(l.XName, l.XUnit), YLabel: axisName(l.YName, l.YUnit),
		Equal: l.XUnit == l.YUnit, Width: 130, Height: 112,
		Alt: fmt.Sprintf("Dots of the %s and the %s of %d draws.", l.XName, l.YName, len(l.X))}
	caption := fmt.Sprintf("Each dot is one draw of the %s: its %s and its %s.", network, l.XName,
		l.YName)
	if l.Reference != "" {
		contours := plot.Series{Name: l.Reference + ", 50 % and 90 %", Style: plot.Path, Color: 2}
		for _, share := range placeShares {
			x, y := plot.Contour(l.Density, l.Rows, l.Cols, l.Extent,
				contourLevel(l.Density, share))
			contours.X, contours.Y = append(contours.X, x...), append(contours.Y, y...)
		}
		chart.Series = append(chart.Series, contours)
		chart.Alt = fmt.Sprintf("Dots of the %s and the %s of %d draws, over contours of the "+
			"posterior %s.", l.XName, l.YName, len(l.X), l.Reference)
		caption += fmt.Sprintf(" The contours hold 50 %% and 90 %% of the posterior %s, so about "+
			"half of the dots of a right posterior lie inside the inner contour and nine tenths "+
			"inside the outer one.", l.Reference)
	}
	if l.Resolution > 0 {
		caption += " " + strings.TrimSpace(fmt.Sprintf("The grid places a dot to within %s %s",
			Number(l.Resolution), l.XUnit)) + " (RMS)."
	}
	chart.Series = append(chart.Series, plot.Series{Name: network, X: l.X, Y: l.Y,
		Style: plot.Dots, Color: 1})
	if !math.IsNaN(l.TruthX) && !math.IsNaN(l.TruthY) {
		chart.Series = append(chart.Series, plot.Series{Name: "true field",
			X: []float64{l.TruthX}, Y: []float64{l.TruthY}, Style: plot.Markers, Color: 4})
	}
	return FromPlot(name, caption, chart.Render())
}
