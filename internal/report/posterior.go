package report

import (
	"fmt"
	"math"
	"strings"

	"csdm/internal/plot"
)

// Posterior is what a page shows of one measurement's posterior: the score
// network's estimate, and reference posteriors if there are any. Fields are
// row-major, Rows × Cols, row 0 at the bottom. The arrays are read, never
// written.
type Posterior struct {
	Name          string  // prefix of the figures' file names; empty is "posterior"
	Title         string  // of the section; empty is "Posterior"
	Quantity      string  // the inferred field, as "shear modulus *μ*"; with markup
	Unit          string  // of the field, as "kPa"; empty for a pure number
	Label         string  // of the field's color bars, with markup; empty is Quantity and Unit
	Rows, Cols    int     // of all fields
	Width, Height float64 // of the domain, whose outer nodes lie on its edges; 0: no axes
	LengthUnit    string
	// Range holds the physical values of 0 and 1 if the fields are normalized:
	// the figures then show physical values. The zero Range shows the fields as
	// they are.
	Range [2]float64

	Truth       []float64 // nil: unknown
	Measurement []Channel
	Measured    string  // the measured quantity, as "displacement"; with markup
	Period      float64 // of the measurement if it is an angle that wraps; 0: it does not
	Network     PixelEstimate
	References  []PixelEstimate // best first; the figure shows the first
	Draws       [][]float64     // the first draws, or all of them
	DrawCount   int             // draws made; 0: len(Draws)
	Show        int             // how many of Draws to show at most; 0 is 24

	Film  *Film  // walk of the first draw, normalized; nil: none
	Place *Place // two quantities of the draws; nil: none

	BandLow  []float64 // lower end of the interval of each pixel; nil: none
	BandHigh []float64 // upper end
	BandNote string    // what the intervals guarantee

	// Measurement minus prediction, in standard deviations of the noise; nil:
	// not known.
	Residual []Channel
	Verdict  string // whether the model explains the measurement
}

// Channel is one channel of a measurement.
type Channel struct {
	// Name is the quantity of a single channel, as "displacement *u*_{y}".
	// Names of several channels differ, as "0.2 ms" and "0.3 ms".
	Name, Unit string
	Values     []float64 // a NaN is a value that was not measured
}

// PixelEstimate is a pixel-wise posterior mean and standard deviation.
type PixelEstimate struct {
	Name      string // short, as "score network" or "exact (csdm)"
	Mean, Std []float64
	Note      string // how the estimate was computed; with markup
}

// Comparison is the distance of a method's posterior from a reference.
type Comparison struct {
	Method, Reference string
	Mean, Std         Deviation
}

// Deviation is the root-mean-square difference of two fields over all cells,
// and two parts of it that are not the method's fault. Zero or NaN stands for
// unknown.
type Deviation struct {
	RMSE           float64
	Floor          float64 // expected from the finite number of draws alone
	ReferenceError float64 // the reference's own error, root mean square
}

// Section makes the blocks of the posterior: the comparison figure, how its
// estimates were computed, the measurement if it has several channels, the
// sheet of draws, the band, the place, and the verdict with the residual.
func (p *Posterior) Section() Section {
	p = p.physical()
	s := Section{Title: p.Title}
	if s.Title == "" {
		s.Title = "Posterior"
	}
	s.Blocks = append(s.Blocks, p.comparison())
	if notes := p.notes(); len(notes) > 0 {
		s.Blocks = append(s.Blocks, notes)
	}
	if len(p.Measurement) > 1 {
		s.Blocks = append(s.Blocks, p.channels())
	}
	if len(p.Draws) > 0 {
		s.Blocks = append(s.Blocks, p.sheet())
	}
	if p.Film != nil {
		s.Blocks = append(s.Blocks, p.Film.Strip(p.name("film")))
	}
	if p.BandLow != nil {
		s.Blocks = append(s.Blocks, p.band())
	} else if p.BandNote != "" {
		s.Blocks = append(s.Blocks, Paragraph(p.BandNote))
	}
	if p.Place != nil {
		s.Blocks = append(s.Blocks, p.Place.figure(p.name("place"), p.Network.Name))
	}
	if p.Verdict != "" {
		s.Blocks = append(s.Blocks, Paragraph(p.Verdict))
	}
	if len(p.Residual) > 0 {
		s.Blocks = append(s.Blocks, p.misfit())
	}
	return s
}

// physical returns p with its fields in physical values.
//
// With Range [lo, hi] a field becomes lo + (hi − lo)·x, and a standard
// deviation (hi − lo)·s: it has no offset.
func (p *Posterior) physical() *Posterior {
	lo, width := p.Range[0], p.Range[1]-p.Range[0]
	if width == 0 {
		return p
	}
	q := *p
	shift := func(x []float64, by float64) []float64 {
		if x == nil {
			return nil
		}
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = by + width*v
		}
		return out
	}
	convert := func(e PixelEstimate) PixelEstimate {
		e.Mean, e.Std = shift(e.Mean, lo), shift(e.Std, 0)
		return e
	}
	q.Truth, q.Network, q.References, q.Draws = shift(p.Truth, lo), convert(p.Network), nil, nil
	q.BandLow, q.BandHigh = shift(p.BandLow, lo), shift(p.BandHigh, lo)
	for _, e := range p.References {
		q.References = append(q.References, convert(e))
	}
	for _, d := range p.Draws {
		q.Draws = append(q.Draws, shift(d, lo))
	}
	return &q
}

// pageWidth is the width of figures in mm: the page's column.
const pageWidth = 200

// name returns the file name of a figure without its extension.
func (p *Posterior) name(figure string) string {
	if p.Name == "" {
		return "posterior-" + figure
	}
	return p.Name + "-" + figure
}

// quantity returns the name of the field, or “field x” if it has none.
func (p *Posterior) quantity() string {
	if p.Quantity == "" {
		return "field *x*"
	}
	return p.Quantity
}

// estimates returns the network's estimate and the best reference, if any.
func (p *Posterior) estimates() []PixelEstimate {
	return append([]PixelEstimate{p.Network}, p.References[:min(1, len(p.References))]...)
}

// notes lists how each estimate was computed.
func (p *Posterior) notes() (notes KeyValues) {
	for _, e := range append([]PixelEstimate{p.Network}, p.References...) {
		if e.Note != "" {
			notes = append(notes, KeyValue{Key: e.Name, Value: plain(e.Note)})
		}
	}
	return notes
}

// field is a panel of the inferred field: the true one, a mean or a draw.
func (p *Posterior) field(title string, values []float64) plot.Panel {
	panel := plot.Panel{Title: title, Values: values, Rows: p.Rows, Cols: p.Cols,
		Map: plot.FieldMap, Quantity: p.quantity(), Unit: p.Unit, Scale: "x"}
	if p.Label != "" {
		panel.Quantity, panel.Unit = p.Label, ""
	}
	return panel
}

// outlined is a panel of an estimate, with the outline of the true field.
func (p *Posterior) outlined(panel plot.Panel) plot.Panel {
	panel.Outline = p.Truth
	return panel
}

// std is a panel of a standard deviation. All such panels have one scale from 0
// to the largest value of the estimates shown.
func (p *Posterior) std(e PixelEstimate) plot.Panel {
	panel := p.field("standard deviation\n"+e.Name, e.Std)
	panel.Map, panel.Quantity, panel.Scale = plot.SpreadMap, "standard deviation", "std"
	panel.Unit = p.Unit
	for _, e := range p.estimates() { // the scale begins at 0
		for _, v := range e.Std {
			if !math.IsInf(v, 0) && v > panel.Hi {
				panel.Hi = v
			}
		}
	}
	return panel
}

// difference is a panel of a − b, with the root mean square as its note.
func (p *Posterior) difference(title string, a, b []float64) plot.Panel {
	panel := p.field(title, difference(a, b))
	panel.Map, panel.Quantity, panel.Scale = plot.DifferenceMap, "difference", "difference"
	panel.Unit = p.Unit
	panel.Note = strings.TrimSpace("RMS " + Number(rms(panel.Values)) + " " + p.Unit)
	return panel
}

// figure returns a figure of panels with the axes of the domain, if its size is
// known.
func (p *Posterior) figure(rows [][]plot.Panel, alt string) *plot.Panels {
	f := &plot.Panels{Panels: rows, Width: pageWidth, Alt: alt}
	if p.Width > 0 && p.Height > 0 {
		f.Extent, f.Unit = plot.NodeExtent(p.Width, p.Height, p.Rows, p.Cols), p.LengthUnit
	}
	return f
}

// comparison is this run's counterpart of the paper's Fig. 3. Its rows are the
// given fields, the means, and the standard deviations. With a reference the
// rows end with the differences from it.
func (p *Posterior) comparison() *Figure {
	var top, means, stds []plot.Panel
	var shown []string
	if p.Truth != nil {
		top, shown = append(top, p.field("true field", p.Truth)), append(shown, "the true field")
	}
	if len(p.Measurement) == 1 {
		top = append(top, p.measured("measurement", p.Measurement[0], ""))
		shown = append(shown, "the measurement")
	}
	if len(p.Draws) > 0 {
		top = append(top, p.outlined(p.field("one posterior draw", p.Draws[0])))
		shown = append(shown, "one posterior draw")
	}
	var names []string
	for _, e := range p.estimates() {
		means = append(means, p.outlined(p.field("mean\n"+e.Name, e.Mean)))
		stds = append(stds, p.std(e))
		names = append(names, e.Name)
	}
	caption := fmt.Sprintf("Posterior of the %s%s.", p.quantity(), p.given())
	alt := fmt.Sprintf("Heat maps of the %s: mean and standard deviation from the %s.",
		p.quantity(), join(names))
	if len(shown) > 0 {
		caption += " Top: " + join(shown) + "."
	}
	caption += fmt.Sprintf(" Below: mean and standard deviation from the %s", join(names))
	if len(p.References) > 0 {
		r := p.References[0]
		dm := p.difference("difference\nof the means", p.Network.Mean, r.Mean)
		ds := p.difference("difference of the\nstandard deviations", p.Network.Std, r.Std)
		means, stds = append(means, dm), append(stds, ds)
		caption += ". The difference on the right is white where the two agree and blue where " +
			"the network is lower"
		alt += fmt.Sprintf(" The differences from %s have %s and %s.", r.Name, dm.Note, ds.Note)
	}
	caption += "." + p.legend()
	rows := [][]plot.Panel{means, stds}
	if len(top) > 0 {
		rows = append([][]plot.Panel{top}, rows...)
	}
	if len(p.References) == 0 {
		rows = [][]plot.Panel{top, append(means, stds...)}
		if len(top) < 2 {
			rows = [][]plot.Panel{append(top, rows[1]...)}
		}
	}
	return FromPlot(p.name("comparison"), caption, p.figure(rows, plain(alt)).Render())
}

// given names the measurement that the posterior is conditioned on.
func (p *Posterior) given() string {
	switch {
	case p.Measured != "":
		return " given the measured " + p.Measured
	case len(p.Measurement) == 1:
		return " given the measured " + p.Measurement[0].Name
	}
	return ""
}

// legend explains the lines and the gray of the panels, where there are any.
func (p *Posterior) legend() (text string) {
	if p.Truth != nil {
		text += " Lines mark the edges of the true field."
	}
	return text + grayNote(p.Measurement)
}

// grayNote explains the gray cells of channels that have any.
func grayNote(channels []Channel) string {
	for _, c := range channels {
		for _, v := range c.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return " Gray cells were not measured."
			}
		}
	}
	return ""
}

// join lists names in a sentence.
func join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// difference returns a − b, cell by cell. It panics if the lengths differ.
func difference(a, b []float64) []float64 {
	if len(a) != len(b) {
		panic(fmt.Sprintf("report: fields of %d and %d cells", len(a), len(b)))
	}
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}

// rms is the root mean square of the numbers of d that are finite.
//
// Cells without a value do not count in the mean either. NaN results if there
// are none at all.
func rms(d []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range d {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum, n = sum+v*v, n+1
		}
	}
	return math.Sqrt(sum / float64(n))
}

// sheet shows the first draws side by side.
func (p *Posterior) sheet() *Figure {
	n, made := p.Show, max(p.DrawCount, len(p.Draws))
	if n <= 0 {
		n = 24
	}
	n = min(n, len(p.Draws))
	// a cell takes at least half a CSS pixel
	perRow := max(1, min(n, 6, pageWidth*960/254/(p.Cols/2+14)))
	var rows [][]plot.Panel
	for i := range n {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], p.field("", p.Draws[i]))
	}
	which := fmt.Sprintf("The first %d of %d draws", n, made)
	switch {
	case n == 1:
		which = fmt.Sprintf("One of %d draws", made)
	case n == made:
		which = fmt.Sprintf("All %d draws", n)
	}
	caption := fmt.Sprintf("%s of the %s from the posterior *p*(*x*\u00a0|\u2060\u00a0*y*) by "+
		"the %s. The draws differ where the measurement leaves the field open.", which,
		p.quantity(), p.Network.Name)
	f := p.figure(rows, fmt.Sprintf("Heat maps of %d posterior draws of the %s.", n,
		plain(p.quantity())))
	return FromPlot(p.name("draws"), caption, f.Render())
}
