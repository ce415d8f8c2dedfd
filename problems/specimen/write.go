package specimen

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Text returns the file. Its comments state the source of each number, and how
// sure it is.
//
// A person edits the result, so that numbers have three digits and each has a
// comment.
func (p *Proposal) Text() string {
	d, n := p.Definition, &p.Noise
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# A specimen, proposed from a measured map. Every number is a proposal: read each,")
	line("# and change those that you know better. The inclusion, its place and its")
	line("# stiffness are assumptions about the specimen and do not come from the map.")
	line("name = %q\n", d.Name)
	line("[grid] # the rectangle of the specimen, with nodes on its edges")
	line("rows = %d\ncols = %d", d.Grid.Rows, d.Grid.Cols)
	line("width = %s\nheight = %s", digits(d.Grid.Width), digits(d.Grid.Height))
	line("unit = %q # of lengths and displacements\n", d.Grid.Unit)
	line("[physics]\nkind = %q", d.Physics.Kind)
	if d.Physics.Nu != 0 {
		line("nu = %s # Poisson's ratio", digits(d.Physics.Nu))
	}
	line("\n[edges] # \"free\", \"fixed\", \"measured\", or a displacement in %s", d.Grid.Unit)
	for _, e := range d.Edges.list() {
		note := ""
		if p.notes[e.name] != "" {
			note = " # " + p.notes[e.name]
		}
		line("%s = %q%s", e.name, fmt.Sprint(*e.condition), note)
	}
	if d.Edges.Jitter > 0 {
		line("jitter = %s # the largest error of a smoothed edge; an inclusion near an edge needs "+
			"more", digits(d.Edges.Jitter))
	}
	line("\n[prior] # assumptions: what the specimen may be")
	line("kind = %q", d.Prior.Kind)
	line("x = %s # center from the left, in %s", listOf(d.Prior.X), d.Grid.Unit)
	line("y = %s # center from the bottom", listOf(d.Prior.Y))
	line("radius = %s", listOf(d.Prior.Radius))
	line("ratio = %s # modulus of the inclusion over the background's", listOf(d.Prior.Ratio))
	line("background = %s # displacements do not show the scale of the modulus: put it here if "+
		"you know it", digits(proposedBackground))
	line("unit = %q", d.Prior.Unit)
	line("gradient = %s # standard deviation of the logarithm of the background", digits(
		d.Prior.Gradient))
	line("\n[measurement]\ncomponents = [%s]", `"`+strings.Join(d.Measurement.Components, `", "`)+
		`"`)
	p.errors(line)
	for _, e := range d.Edges.list() {
		s, ok := d.Edges.Measured[e.name]
		if !ok {
			continue
		}
		line("\n[edges.measured.%s]", e.name)
		for c, values := range [][]float64{s.Ux, s.Uy} {
			if values != nil {
				line("%s = %s", components[c], wrapped(values, n.Std.Value))
			}
		}
	}
	return b.String()
}

// errors writes the sections of the errors of a measurement.
func (p *Proposal) errors(line func(format string, args ...any)) {
	d, n := p.Definition, &p.Noise
	line("\n[noise] # estimated from the differences of neighbors")
	line("std = %s # %v; in the lower half %.2g, in the upper half %.2g", digits(d.Noise.Std),
		n.Std, n.Bottom, n.Top)
	line("spread = %s # standard deviation of its logarithm: it is inferred too; "+
		"0.0 if std is known", digits(d.Noise.Spread))
	known := "within the map's resolution it is white"
	if d.Noise.Correlation > 0 {
		known = "length at which the correlation falls to 1/e"
	}
	line("correlation = %s # %s", digits(d.Noise.Correlation), known)
	if d.Noise.Stretch > 0 {
		line("stretch = %s # standard deviation of the logarithm of that length: a map shows it "+
			"poorly; 0.0 if it is known", digits(d.Noise.Stretch))
	}
	line("\n[nuisance] # errors of the whole map; where edges are measured they move with it")
	line("shift = 0.0\ntilt = 0.0\ngain = 0.0\nregistration = 0.0")
	line("\n[discrepancy] # smooth error of the model: an assumption, log-uniform in the ranges")
	line("std = [%s, %s]", digits(d.Discrepancy.Std[0]), digits(d.Discrepancy.Std[1]))
	line("length = [%s, %s]", digits(d.Discrepancy.Length[0]), digits(d.Discrepancy.Length[1]))
}

// digits writes a float in TOML, where it needs a point.
func digits(v float64) string {
	text := strconv.FormatFloat(v, 'g', 10, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// listOf writes a range in TOML.
func listOf(value any) string {
	var parts []string
	for _, v := range value.([]any) {
		parts = append(parts, digits(v.(float64)))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// perLine is the number of values in a line.
const perLine = 8

// wrapped writes values with digits to a hundredth of the noise.
//
// With noise s the last digit is at most s/100: 10^−d ≤ s/100 for d = ⌈2 −
// log₁₀ s⌉.
func wrapped(values []float64, noise float64) string {
	var b strings.Builder
	decimals := max(0, int(math.Ceil(2-math.Log10(noise))))
	b.WriteString("[")
	for k, v := range values {
		if k%perLine == 0 {
			b.WriteString("\n\t")
		} else {
			b.WriteString(" ")
		}
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		if decimals == 0 {
			text += ".0"
		}
		b.WriteString(text + ",")
	}
	b.WriteString("\n]")
	return b.String()
}
