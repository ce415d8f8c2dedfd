package report

import (
	"fmt"
	"math"

	"csdm/internal/plot"
)

// perRow is the number of channels side by side.
const perRow = 5

// measured is a panel of one channel. Channels of the same scale share their
// limits. The color map fits the whole measurement, so all channels have the
// same map.
func (p *Posterior) measured(title string, c Channel, scale string) plot.Panel {
	panel := plot.Panel{Title: title, Values: c.Values, Rows: p.Rows, Cols: p.Cols,
		Quantity: p.Measured, Unit: c.Unit, Scale: scale}
	if panel.Quantity == "" {
		panel.Quantity = c.Name
	}
	if p.Period > 0 {
		panel.Map, panel.Lo, panel.Hi = plot.CyclicMap, -p.Period/2, p.Period/2
		return panel
	}
	var all [][]float64
	for _, c := range p.Measurement {
		all = append(all, c.Values)
	}
	panel.Map = plot.MeasurementMapOf(all...)
	return panel
}

// channels shows a measurement of several channels. The channels of one row and
// unit share a scale. One scale for all rows would leave nothing of the last
// frames of a wave that fades.
func (p *Posterior) channels() *Figure {
	var rows [][]plot.Panel
	var names []string
	for i, c := range p.Measurement {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last],
			p.measured(c.Name, c, fmt.Sprintf("y in %s, row %d", c.Unit, last)))
		names = append(names, c.Name)
	}
	what := ": " + join(names) + "."
	if p.Measured != "" {
		what = ", " + p.Measured + what
	}
	caption := "The measurement *y*" + what
	if len(rows) > 1 {
		caption += " Each row has its own scale."
	}
	f := p.figure(rows, plain("Heat maps of the measurement"+what))
	return FromPlot(p.name("measurement"), caption+grayNote(p.Measurement), f.Render())
}

// misfitLimit is the least end of the scale of residuals, in standard
// deviations of the noise.
const misfitLimit = 4

// misfit shows the part of the measurement that the posterior does not predict.
// White noise has no pattern. A pattern is a part that the model does not
// explain.
func (p *Posterior) misfit() *Figure {
	largest := float64(misfitLimit)
	for _, c := range p.Residual {
		for _, v := range c.Values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				largest = max(largest, math.Abs(v))
			}
		}
	}
	var rows [][]plot.Panel
	for i, c := range p.Residual {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], plot.Panel{Title: c.Name, Values: c.Values, Rows: p.Rows,
			Cols: p.Cols, Map: plot.DifferenceMap, Lo: -largest, Hi: largest, Scale: "residual",
			Quantity: "residual", Unit: "standard deviations of the noise",
			Note: "RMS " + Number(rms(c.Values))})
	}
	f := p.figure(rows,
		"Heat map of the measurement minus its prediction, in standard deviations of the noise.")
	return FromPlot(p.name("misfit"),
		"Residual: the measurement minus its prediction, which is the median over the draws. "+
			"The unit is the standard deviation of the noise. A model that explains the "+
			"measurement leaves noise without a pattern, with an RMS of 1."+
			grayNote(p.Residual), f.Render())
}
