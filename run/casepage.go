package run

import (
	"fmt"
	"math"
	"strings"

	"csdm/internal/plot"
	"csdm/internal/report"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
)

// pageDraws is the number of draws that the page of a case shows.
const pageDraws = 24

// casePages returns the figures of a case for each of its fields.
func casePages(problem problems.Problem, c *Case, k int) []*report.Posterior {
	return fieldPages(casePage(problem, c, k), c.Posterior.Normalization.Fields)
}

// fieldPages makes one page of figures for each field. Only the first has what
// all fields share. Without fields the page stays as it is.
//
// A state has its fields one after the other, n = rows·cols values each; page i
// shows values [i·n, (i+1)·n). Slices are views of all's arrays and copy
// nothing.
func fieldPages(all *report.Posterior, fields []nn.Field) (pages []*report.Posterior) {
	if len(fields) == 0 {
		return []*report.Posterior{all}
	}
	for i, f := range fields {
		of := func(values []float64) []float64 {
			if values == nil {
				return nil
			}
			n := all.Rows * all.Cols
			return values[i*n : (i+1)*n]
		}
		estimate := func(e report.PixelEstimate) report.PixelEstimate {
			e.Mean, e.Std = of(e.Mean), of(e.Std)
			return e
		}
		p := *all
		p.Quantity, p.Unit, p.Label, p.Range = f.Name, f.Unit, "", [2]float64{f.Min, f.Max}
		p.Title += ": " + f.Name
		p.Truth, p.Network = of(p.Truth), estimate(p.Network)
		p.BandLow, p.BandHigh = of(p.BandLow), of(p.BandHigh)
		p.References, p.Draws = nil, nil
		for _, r := range all.References {
			p.References = append(p.References, estimate(r))
		}
		for _, draw := range all.Draws {
			p.Draws = append(p.Draws, of(draw))
		}
		if i > 0 {
			p.Name = fmt.Sprintf("%s-%d", p.Name, i+1)
			p.Place, p.BandNote, p.Verdict, p.Residual = nil, "", "", nil
			p.Network.Note = ""
		}
		pages = append(pages, &p)
	}
	return pages
}

// casePage returns the figures of a case, as in the paper's Fig. 3.
//
// All arrays of the page except the measurement are in normalized units; Range
// gives the physical units of 0 and 1.
func casePage(problem problems.Problem, c *Case, k int) *report.Posterior {
	spec, n := problem.Spec(), c.Posterior.Normalization
	p := &report.Posterior{
		Name: "case-" + c.Name, Title: fmt.Sprintf("Measurement %d", k+1), Quantity: spec.XName,
		Unit: spec.XUnit, Label: spec.XLabel, Rows: spec.Rows, Cols: spec.Cols, Width: spec.Width,
		Height: spec.Height, LengthUnit: spec.LengthUnit,
		Range: [2]float64{n.XMin, n.XMax}, Truth: c.Truth, Measured: spec.YName,
		Period: priors.Period(problem.Measurement()),
		Network: report.PixelEstimate{Name: "score network", Mean: c.Posterior.Mean,
			Std: c.Posterior.Std, Note: fmt.Sprintf("%d draws by %s in %.1f s",
				c.Posterior.Draws, c.Posterior.Origin.Method, c.Posterior.Origin.Seconds)},
		DrawCount: c.Posterior.Draws, Place: c.place(problem), Film: c.Film,
	}
	p.Measurement = channels(spec, spec.YUnit, c.Y)
	if b := c.Posterior.Bands; b != nil {
		p.BandLow, p.BandHigh, p.BandNote = b.Low, b.High, sentence(b.Text(spec.XUnit))
	}
	if v := c.Posterior.Explained; v != nil {
		p.Verdict = sentence(v.Text)
		if r := v.Residual(); r != nil {
			p.Residual = channels(spec, "", r.Spread(spec.Rows, spec.Cols))
		}
	}
	for _, r := range c.References {
		p.References = append(p.References, report.PixelEstimate{Name: r.Name, Mean: r.Mean,
			Std: r.Std, Note: r.Note})
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
//
// The values are views of y, (C, H, W) in row-major order.
func channels(spec *problems.Spec, unit string, y []float64) (out []report.Channel) {
	n := spec.Plane()
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

// place is the figure of the first two variables of a problem: the values of
// the draws over the density of the best reference. It is nil unless the
// problem measures both variables on a field, under the names of the variables.
//
// The dots are measured on the fields of the draws, not on latent variables,
// which a network's draw does not have. They carry the resolution of the
// measurement, such as half a node. The contours are the density of the
// reference over the variables themselves.
func (c *Case) place(problem problems.Problem) *report.Place {
	spec := problem.Spec()
	q, ok := problem.(problems.Quantified)
	if !ok || len(spec.Variables) < 2 {
		return nil
	}
	names := q.Quantities()
	var at [2]int
	for k := range at {
		at[k] = -1
		for i, n := range names {
			if n.Name == spec.Variables[k].Name {
				at[k] = i
			}
		}
		if at[k] < 0 {
			return nil
		}
	}
	first, second := names[at[0]], names[at[1]]
	p := &report.Place{XName: first.Name, YName: second.Name, XUnit: first.Unit,
		YUnit: second.Unit, TruthX: math.NaN(), TruthY: math.NaN()}
	if first.Unit == second.Unit {
		p.Resolution = max(first.Resolution, second.Resolution)
	}
	size := spec.XLen()
	x, of := make([]float64, size), make([]float64, len(names))
	measure := func(normalized []float64) (float64, float64) {
		c.Posterior.Normalization.PhysicalX(x, normalized, len(x))
		q.Quantify(of, x)
		return of[at[0]], of[at[1]]
	}
	for i := range c.Posterior.Draws {
		a, b := measure(c.Posterior.Samples[i*size : (i+1)*size])
		p.X, p.Y = append(p.X, a), append(p.Y, b)
	}
	if c.Truth != nil {
		p.TruthX, p.TruthY = measure(c.Truth)
	}
	for _, r := range c.References {
		if d := r.Plane; d != nil {
			p.Reference, p.Density, p.Rows, p.Cols = r.Name, d.Density, d.Rows, d.Cols
			p.Extent = plot.Extent{X0: d.X0, X1: d.X1, Y0: d.Y0, Y1: d.Y1}
			break
		}
	}
	return p
}
