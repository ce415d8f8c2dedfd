package report

import (
	"fmt"
	"math"
	"strings"

	"csdm/internal/plot"
)

// Overview is one figure of several measurements of a problem, each in a row,
// with the panels of the paper's figures: the measurement, the true field,
// draws, means, standard deviations and the distance of the mean from the true
// field.
type Overview struct {
	Name  string // file name without extension
	Draws int    // draws in each row
	Cases []*Posterior
}

// mostChannels is the number of channels of a measurement that an overview
// shows at most. A movie has a figure of its own.
const mostChannels = 2

// Figure draws the overview. The panels of a column have one scale, and so have
// all panels of the field.
func (o *Overview) Figure() *Figure {
	var rows [][]plot.Panel
	var names []string
	spread, distance := 0.0, 0.0
	for k, c := range o.Cases {
		c = c.physical().thinned()
		row := o.row(c)
		for j := range row {
			switch p := &row[j]; p.Scale {
			case "std":
				spread = max(spread, greatest(p.Values))
			case "distance":
				distance = max(distance, greatest(p.Values))
			}
			if k > 0 {
				row[j].Title = ""
			}
		}
		rows, names = append(rows, row), append(names, fmt.Sprint(k+1))
	}
	for _, row := range rows {
		for j := range row {
			switch p := &row[j]; p.Scale {
			case "std":
				p.Lo, p.Hi = 0, spread
			case "distance":
				p.Lo, p.Hi = 0, distance
			}
		}
	}
	first := o.Cases[0].thinned()
	f := first.figure(rows, fmt.Sprintf("Heat maps of %d measurements of the %s, a row each.",
		len(rows), plain(first.quantity())))
	f.RowTitles, f.MaxPanel = names, 45
	caption := fmt.Sprintf("Each row is one measurement: %s.", o.panels())
	if first.Truth != nil {
		caption += " Lines mark the edges of the true field."
	}
	return FromPlot(o.Name, caption, f.Render())
}

// mostPixels is the largest side of a panel of an overview in pixels. Of larger
// fields it shows every second pixel, or every third, and so on.
const mostPixels = 128

// thinned returns p with every k-th pixel of its fields, so that no side has
// more than mostPixels.
//
// The outer nodes of the thinned grid lie at 0 and at (n' − 1)·stride spacings,
// so that the width becomes Width·(n' − 1)·stride/(n − 1).
func (p *Posterior) thinned() *Posterior {
	stride := (max(p.Rows, p.Cols) + mostPixels - 1) / mostPixels
	if stride < 2 {
		return p
	}
	q := *p
	q.Rows, q.Cols = (p.Rows+stride-1)/stride, (p.Cols+stride-1)/stride
	q.Width *= float64((q.Cols-1)*stride) / float64(p.Cols-1)
	q.Height *= float64((q.Rows-1)*stride) / float64(p.Rows-1)
	thin := func(x []float64) (out []float64) {
		for i := 0; i < len(x); i += stride * p.Cols {
			for j := 0; j < p.Cols; j += stride {
				out = append(out, x[i+j])
			}
		}
		return out
	}
	estimate := func(e PixelEstimate) PixelEstimate {
		e.Mean, e.Std = thin(e.Mean), thin(e.Std)
		return e
	}
	q.Truth, q.Network = thin(p.Truth), estimate(p.Network)
	q.Measurement, q.References, q.Draws = nil, nil, nil
	for _, c := range p.Measurement {
		c.Values = thin(c.Values)
		q.Measurement = append(q.Measurement, c)
	}
	for _, e := range p.References {
		q.References = append(q.References, estimate(e))
	}
	for _, d := range p.Draws {
		q.Draws = append(q.Draws, thin(d))
	}
	return &q
}

// row returns the panels of one measurement.
func (o *Overview) row(c *Posterior) (row []plot.Panel) {
	if len(c.Measurement) <= mostChannels {
		for _, y := range c.Measurement {
			title := "measured"
			if len(c.Measurement) > 1 {
				title, _, _ = strings.Cut(y.Name, " ")
				title = "measured,\n" + title
			}
			row = append(row, c.measured(title, y, "y in "+y.Unit))
		}
	}
	if c.Truth != nil {
		row = append(row, c.field("true field", c.Truth))
	}
	for i := range min(o.Draws, len(c.Draws)) {
		row = append(row, c.field(fmt.Sprintf("draw %d", i+1), c.Draws[i]))
	}
	var stds []plot.Panel
	for k, e := range c.estimates() {
		mean, std := "mean", "std"
		if k > 0 {
			name, _, _ := strings.Cut(e.Name, " (")
			mean, std = mean+",\n"+name, std+",\n"+name
		}
		panel := c.field(mean, e.Mean)
		if k == 0 {
			panel = c.outlined(panel)
		}
		spread := c.std(e)
		spread.Title = std
		row, stds = append(row, panel), append(stds, spread)
	}
	row = append(row, stds...)
	if c.Truth != nil {
		row = append(row, c.distance())
	}
	return row
}

// distance is a panel of the absolute difference of the mean from the true
// field, with its root mean square as its note.
func (p *Posterior) distance() plot.Panel {
	panel := p.difference("error of\nthe mean", p.Network.Mean, p.Truth)
	for i, v := range panel.Values {
		panel.Values[i] = math.Abs(v)
	}
	panel.Map, panel.Quantity, panel.Scale = plot.SpreadMap, "error",
		"distance"
	return panel
}

// panels lists the panels of a row in words.
func (o *Overview) panels() string {
	c := o.Cases[0]
	var shown []string
	if len(c.Measurement) <= mostChannels {
		shown = append(shown, "the measurement")
	}
	if c.Truth != nil {
		shown = append(shown, "the true field")
	}
	if n := min(o.Draws, len(c.Draws)); n > 0 {
		shown = append(shown, fmt.Sprintf("%d draws of the posterior", n))
	}
	var names []string
	for _, e := range c.estimates() {
		names = append(names, e.Name)
	}
	shown = append(shown, "mean and standard deviation of each pixel by the "+
		strings.Join(names, ", then "))
	if c.Truth != nil {
		shown = append(shown, "and the absolute difference of the first mean from the true field")
	}
	return strings.Join(shown, "; ")
}

// greatest returns the largest finite value, or 0 if no value is positive.
func greatest(values []float64) (most float64) {
	for _, v := range values {
		if !math.IsInf(v, 0) && v > most {
			most = v
		}
	}
	return most
}
