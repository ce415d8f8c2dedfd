package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"csdm/internal/plot"
)

// Posterior is what is known of one measurement's posterior: the score
// network's estimate, and references where there are any. Fields are row-major,
// Rows × Cols, row 0 at the bottom. The arrays are read, never written.
type Posterior struct {
	Name          string  // prefix of the figures' file names; empty is "posterior"
	Title         string  // of the section; empty is "Posterior"
	Quantity      string  // the sought field with its symbol, as "shear modulus *μ*"; with markup
	Unit          string  // of all fields except measurements; empty for normalized ones
	Rows, Cols    int     // of all fields
	Width, Height float64 // of the domain, whose outer nodes lie on its edges; 0: no axes
	LengthUnit    string

	Truth       []float64 // nil: unknown
	Measurement []Channel // what the posterior is conditioned on
	Measured    string    // what the channels are of, where there are several: "displacement"
	Network     Estimate
	References  []Estimate // best first: differences are taken from the first
	Draws       [][]float64
	Show        int // how many of Draws to show; 0 is 24
	Comparisons []Comparison

	// measurement minus its prediction, in standard deviations of the noise;
	// nil: not known
	Residual []Channel
	Verdict  string // whether the model explains the measurement
}

// Channel is one channel of a measurement.
type Channel struct {
	// as "displacement *u*_{y}" and "cm"; of several, what tells it from the
	// others, as "0.2 ms"
	Name, Unit string
	Values     []float64
}

// Estimate is a pixel-wise posterior mean and standard deviation.
type Estimate struct {
	Name      string // short, as "score network" or "exact (csdm)"
	Mean, Std []float64
	Note      string // a sentence on how it was made, for the caption; with markup
}

// Score compares a method with a reference.
type Comparison struct {
	Method, Reference string
	Mean, Std         Deviation
}

// Deviation is the root-mean-square difference of two fields over all cells and
// what of it is no fault of the method. Zero or NaN stands for unknown.
type Deviation struct {
	RMSE           float64
	Floor          float64 // expected from the finite number of draws alone
	ReferenceError float64 // the reference's own error, root mean square
}

// Headline states the first score in words and tables all of them.
func (p *Posterior) Headline() Headline {
	if len(p.Comparisons) == 0 {
		return Headline{}
	}
	s := p.Comparisons[0]
	in := ""
	if p.Unit != "" {
		in = " " + p.Unit
	}
	var b strings.Builder
	fmt.Fprintf(&b,
		"Against the reference posterior (%s), the pixel-wise mean from the %s is off by %s%s "+
			"and the standard deviation by %s%s, root mean square over %d × %d cells",
		s.Reference, s.Method, Number(s.Mean.RMSE), in, Number(s.Std.RMSE), in, p.Rows, p.Cols)
	if p.Unit == "" {
		b.WriteString(" of a field normalized to [0, 1]")
	}
	b.WriteString(".")
	if known(s.Mean.Floor) && known(s.Std.Floor) {
		draws := "the finite number of draws"
		if n := len(p.Draws); n > 0 {
			draws = fmt.Sprintf("%d draws", n)
		}
		fmt.Fprintf(&b, " A perfect sampler with %s would show %s and %s.", draws,
			Number(s.Mean.Floor), Number(s.Std.Floor))
	}
	if known(s.Mean.ReferenceError) && known(s.Std.ReferenceError) {
		if a, c := Number(s.Mean.ReferenceError), Number(s.Std.ReferenceError); a == c {
			fmt.Fprintf(&b, " The reference itself is known to %s.", a)
		} else {
			fmt.Fprintf(&b, " The reference itself is known to %s and %s.", a, c)
		}
	}
	return Headline{Statement: b.String(), Table: ScoreTable(p.Comparisons, p.Unit)}
}

// ScoreTable tables scores: what differs from what by how much, and how much of
// that was to be expected.
func ScoreTable(scores []Comparison, unit string) *Table {
	t := &Table{Name: "scores", Columns: []string{"Method", "Reference", "RMSE of mean",
		"RMSE of std", "Finite-draw floor", "Reference’s error"}}
	if unit != "" {
		unit += ", "
	}
	t.Units = []string{"", "", strings.TrimSuffix(unit, ", "), strings.TrimSuffix(unit, ", "),
		unit + "mean / std", unit + "mean / std"}
	for _, s := range scores {
		t.Rows = append(t.Rows, []string{s.Method, s.Reference, Number(s.Mean.RMSE),
			Number(s.Std.RMSE),
			pair(s.Mean.Floor, s.Std.Floor), pair(s.Mean.ReferenceError, s.Std.ReferenceError)})
	}
	return t
}

func known(v float64) bool { return v > 0 && !math.IsInf(v, 0) }

// pair writes two numbers into one cell, with dashes for what is not known.
func pair(a, b float64) string {
	if !known(a) && !known(b) {
		return "–"
	}
	text := [2]string{"–", "–"}
	for i, v := range []float64{a, b} {
		if known(v) {
			text[i] = Number(v)
		}
	}
	return text[0] + " / " + text[1]
}

// Number writes v to three decimals, or to two significant digits where that
// would lose it.
func Number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "not a number"
	case math.IsInf(v, 0):
		return "infinite"
	case a == 0:
		return "0"
	case a < 0.01 || a >= 1e5:
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 1, 64), "e")
		e, _ := strconv.Atoi(exponent)
		if e >= -4 && e < 0 {
			return minus(strconv.FormatFloat(v, 'f', 1-e, 64))
		}
		return minus(fmt.Sprintf("%s·10^{%d}", mantissa, e))
	case a < 10:
		return minus(strconv.FormatFloat(v, 'f', 3, 64))
	}
	return minus(strconv.FormatFloat(v, 'f', 1, 64))
}

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// Section makes the figures: the comparison, the measurement if it has several
// channels, and the sheet of draws.
func (p *Posterior) Section() Section {
	s := Section{Title: p.Title}
	if s.Title == "" {
		s.Title = "Posterior"
	}
	s.Blocks = append(s.Blocks, p.comparison())
	if len(p.Measurement) > 1 {
		s.Blocks = append(s.Blocks, p.channels())
	}
	if len(p.Draws) > 0 {
		s.Blocks = append(s.Blocks, p.sheet())
	}
	if p.Verdict != "" {
		s.Blocks = append(s.Blocks, Paragraph(p.Verdict))
	}
	if len(p.Residual) > 0 {
		s.Blocks = append(s.Blocks, p.misfit())
	}
	return s
}

// pageWidth is the width of figures in mm: the page's column.
const pageWidth = 200

func (p *Posterior) name(figure string) string {
	if p.Name == "" {
		return "posterior-" + figure
	}
	return p.Name + "-" + figure
}

func (p *Posterior) quantity() string {
	if p.Quantity == "" {
		return "field *x*"
	}
	return p.Quantity
}

func (p *Posterior) panel(title string, values []float64, m plot.Map, scale string) plot.Panel {
	return plot.Panel{Title: title, Values: values, Rows: p.Rows, Cols: p.Cols, Map: m,
		Unit: p.Unit, Scale: scale}
}

func (p *Posterior) figure(rows [][]plot.Panel, alt string) *plot.Panels {
	f := &plot.Panels{Panels: rows, Width: pageWidth, Alt: alt}
	if p.Width > 0 && p.Height > 0 {
		f.Extent, f.Unit = plot.NodeExtent(p.Width, p.Height, p.Rows, p.Cols), p.LengthUnit
	}
	return f
}

// comparison is this run's counterpart of the paper's Fig. 3: truth and
// measurement on the left, then the means above and the standard deviations
// below, then differences from the first reference. Without a reference it is a
// single row, as the paper's Fig. 8.
func (p *Posterior) comparison() *Figure {
	var top, bottom []plot.Panel
	truth := p.panel("truth", p.Truth, plot.FieldMap, "x")
	var measured plot.Panel
	if len(p.Measurement) == 1 {
		c := p.Measurement[0]
		measured = plot.Panel{Title: "measurement", Values: c.Values, Rows: p.Rows, Cols: p.Cols,
			Map: plot.MeasurementMap, Unit: c.Unit}
	}
	switch {
	case p.Truth != nil:
		top, bottom = append(top, truth), append(bottom, measured)
	case measured.Values != nil:
		top, bottom = append(top, measured), append(bottom, plot.Panel{})
	}
	names := []string{p.Network.Name}
	for _, e := range append([]Estimate{p.Network}, p.References...) {
		top = append(top, p.panel("mean\n"+e.Name, e.Mean, plot.FieldMap, "x"))
		std := p.panel("std\n"+e.Name, e.Std, plot.SpreadMap, "std")
		std.Lo, std.Hi = p.stdLimits()
		bottom = append(bottom, std)
	}
	meanPlace, stdPlace := "top", "bottom"
	rows := [][]plot.Panel{top, bottom}
	if len(p.References) == 0 { // one row: truth, measurement, mean, std
		row := []plot.Panel{truth, measured, top[len(top)-1], bottom[len(bottom)-1]}
		rows = [][]plot.Panel{slices.DeleteFunc(row, func(q plot.Panel) bool {
			return q.Values == nil
		})}
		meanPlace, stdPlace = "second from the right", "right"
	}
	for _, r := range p.References {
		names = append(names, r.Name)
	}
	var caption, alt strings.Builder
	fmt.Fprintf(&caption, "Posterior of the %s given the measurement", p.quantity())
	fmt.Fprintf(&alt, "Heat maps of the %s", plain(p.quantity()))
	if p.Truth != nil {
		alt.WriteString(": the true field")
	}
	if len(p.Measurement) == 1 {
		fmt.Fprintf(&caption, " *y* (%s)", p.Measurement[0].Name)
		alt.WriteString(", the measurement")
	}
	fmt.Fprintf(&caption,
		": pixel-wise mean E[*x*\u00a0|\u2060\u00a0*y*] (%s) and standard deviation "+
			"(E[*x*^{2}\u00a0|\u2060\u00a0*y*] − E[*x*\u00a0|\u2060\u00a0*y*]^{2})^{½} (%s) "+
			"from the %s", meanPlace, stdPlace, join(names))
	fmt.Fprintf(&alt, ", and posterior mean and standard deviation (%s)", join(names))
	if len(p.References) > 0 {
		dm := p.panel("difference\nof the means", difference(p.Network.Mean, p.References[0].Mean),
			plot.DifferenceMap, "difference")
		ds := p.panel("difference\nof the stds", difference(p.Network.Std, p.References[0].Std),
			plot.DifferenceMap, "difference")
		dm.Note, ds.Note = "RMS "+Number(rms(dm.Values)), "RMS "+Number(rms(ds.Values))
		rows[0], rows[1] = append(top, dm), append(bottom, ds)
		fmt.Fprintf(&caption, "; on the right, %s minus %s, blue where the network is lower",
			p.Network.Name, p.References[0].Name)
		fmt.Fprintf(&alt, ", with their differences, root mean square %s and %s",
			Number(rms(dm.Values)), Number(rms(ds.Values)))
	}
	caption.WriteString(".")
	for _, e := range append([]Estimate{p.Network}, p.References...) {
		if e.Note != "" {
			caption.WriteString(" " + e.Note)
		}
	}
	alt.WriteString(".")
	f := p.figure(rows, plain(alt.String()))
	return FromPlot(p.name("comparison"), caption.String(), f.Render())
}

// stdLimits puts 0 at the lower end of the scale of standard deviations.
func (p *Posterior) stdLimits() (lo, hi float64) {
	for _, e := range append([]Estimate{p.Network}, p.References...) {
		for _, v := range e.Std {
			if !math.IsInf(v, 0) && v > hi {
				hi = v
			}
		}
	}
	return 0, hi
}

// join lists names in a sentence.
func join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

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

func rms(d []float64) float64 {
	s := 0.0
	for _, v := range d {
		s += v * v
	}
	return math.Sqrt(s / float64(len(d)))
}

// channels shows a measurement of several channels, those of one row and unit
// on one scale: of a wave that fades, the first frames would leave nothing of
// the last.
func (p *Posterior) channels() *Figure {
	const perRow = 5
	var rows [][]plot.Panel
	var names []string
	for i, c := range p.Measurement {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], plot.Panel{Title: c.Name, Values: c.Values, Rows: p.Rows,
			Cols: p.Cols,
			Map:  plot.MeasurementMap, Unit: c.Unit,
			Scale: fmt.Sprintf("y in %s, row %d", c.Unit, last)})
		names = append(names, c.Name)
	}
	what := ": " + join(names) + "."
	if p.Measured != "" {
		what = ", " + p.Measured + what
	}
	f := p.figure(rows, plain("Heat maps of the measurement"+what))
	return FromPlot(p.name("measurement"), "The measurement *y*"+what, f.Render())
}

// misfitLimit is the end of the scale of residuals where none lies beyond, in
// standard deviations of the noise.
const misfitLimit = 4

// misfit shows what the posterior leaves of the measurement. White noise has no
// pattern; a pattern is what the model does not explain.
func (p *Posterior) misfit() *Figure {
	largest := float64(misfitLimit)
	for _, c := range p.Residual {
		for _, v := range c.Values {
			largest = max(largest, math.Abs(v))
		}
	}
	const perRow = 5
	var rows [][]plot.Panel
	for i, c := range p.Residual {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], plot.Panel{Title: c.Name, Values: c.Values, Rows: p.Rows,
			Cols: p.Cols,
			Map:  plot.DifferenceMap, Lo: -largest, Hi: largest, Scale: "residual", Note: "RMS " +
				Number(rms(c.Values))})
	}
	f := p.figure(rows,
		"Heat map of the measurement minus its prediction, in standard deviations of the noise.")
	return FromPlot(p.name("misfit"),
		"The measurement minus what the posterior predicts of it (median over draws), in "+
			"standard deviations of the noise. "+
			"If the model explains the measurement this is noise without a pattern, of RMS 1.",
		f.Render())
}

// sheet shows the first draws side by side.
func (p *Posterior) sheet() *Figure {
	n := p.Show
	if n <= 0 {
		n = 24
	}
	n = min(n, len(p.Draws))
	// a cell takes at least half a CSS pixel
	perRow := max(1, min(n, 8, pageWidth*960/254/(p.Cols/2+14)))
	var rows [][]plot.Panel
	for i := range n {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], p.panel("", p.Draws[i], plot.FieldMap, "x"))
	}
	f := p.figure(rows, fmt.Sprintf("Heat maps of %d posterior draws of the %s.", n,
		plain(p.quantity())))
	f.NoAxes = true
	which := fmt.Sprintf("The first %d of %d draws", n, len(p.Draws))
	if n == 1 {
		which = "One draw"
	} else if n == len(p.Draws) {
		which = fmt.Sprintf("All %d draws", n)
	}
	caption := fmt.Sprintf(
		"%s of the %s from the posterior *p*(*x*\u00a0|\u2060\u00a0*y*) by the %s.", which,
		p.quantity(), p.Network.Name)
	return FromPlot(p.name("draws"), caption, f.Render())
}
