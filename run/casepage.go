package run

import (
	"fmt"
	"strings"

	"csdm/internal/report"
	"csdm/priors"
	"csdm/problems"
)

// pageDraws is the number of draws that the page of a case shows.
const pageDraws = 24

// casePage returns the figures of a case, as in the paper's Fig. 3.
func casePage(problem problems.Problem, c *Case, k int) *report.Posterior {
	spec, n := problem.Spec(), c.Posterior.Normalization
	p := &report.Posterior{
		Name: "case-" + c.Name, Title: fmt.Sprintf("Measurement %d", k+1), Quantity: spec.XName,
		Unit: spec.XUnit, Label: spec.XLabel, Rows: spec.Rows, Cols: spec.Cols, Width: spec.Width,
		Height: spec.Height, LengthUnit: spec.LengthUnit,
		Range: [2]float64{n.XMin, n.XMax}, Truth: c.Truth, Measured: spec.YName,
		Period: priors.Period(problem.Measurement()),
		Network: report.Estimate{Name: "score network", Mean: c.Posterior.Mean,
			Std: c.Posterior.Std, Note: fmt.Sprintf("%d draws by %s in %.1f s",
				c.Posterior.Draws, c.Posterior.Origin.Method, c.Posterior.Origin.Seconds)},
		DrawCount: c.Posterior.Draws, Place: c.place(problem),
	}
	p.Measurement = channels(spec, spec.YUnit, c.Y)
	if b := c.Posterior.Bands; b != nil {
		p.BandLow, p.BandHigh, p.BandNote = b.Low, b.High, sentence(b.Text(spec.XUnit))
	}
	if v := c.Posterior.Explained; v != nil {
		p.Verdict = sentence(v.Text)
		if r := v.Residual(); r != nil {
			p.Residual = channels(spec, "", r.Values)
		}
	}
	for _, r := range c.References {
		p.References = append(p.References, report.Estimate{Name: r.Name, Mean: r.Mean, Std: r.Std,
			Note: r.Note})
	}
	if c.Certified != nil {
		p.References = append(p.References, c.Certified.estimate())
	}
	size := spec.XLen()
	for i := range min(pageDraws, c.Posterior.Draws) {
		p.Draws = append(p.Draws, c.Posterior.Samples[i*size:(i+1)*size])
	}
	return p
}

// channels splits a measurement, or its residual, into channels.
func channels(spec *problems.Spec, unit string, y []float64) (out []report.Channel) {
	n := spec.XLen()
	for c := range spec.YChannels {
		out = append(out, report.Channel{Name: spec.ChannelName(c), Unit: unit,
			Values: y[c*n : (c+1)*n]})
	}
	return out
}

// headlineRows returns the rows of the case in the headline table, one per
// reference.
func (c *Case) headlineRows(k int) (out []report.Comparison) {
	for _, s := range c.Comparisons {
		out = append(out, report.Comparison{
			Method: fmt.Sprintf("measurement %d", k+1), Reference: s.Reference,
			Mean: report.Deviation{RMSE: s.Mean, Floor: float64(s.FloorMean),
				ReferenceError: float64(s.ReferenceMean)},
			Std: report.Deviation{RMSE: s.Std, Floor: float64(s.FloorStd),
				ReferenceError: float64(s.ReferenceStd)},
		})
	}
	return out
}

// sentence returns text with a capital first letter and a final period.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
