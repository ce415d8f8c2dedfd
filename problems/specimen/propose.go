package specimen

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Setup is the part of a proposal that does not follow from the map.
//
// The map shows neither its unit nor the kind of test.
type Setup struct {
	Name       string
	Grid       Grid
	Physics    Physics
	Components []string
	Measured   []string // names of the edges that move as measured
}

// Proposal is a file that describes a specimen, with the estimates behind it.
type Proposal struct {
	Definition *Definition
	Noise      NoiseEstimate
	notes      map[string]string // on edges
}

// Settings of a proposal. Lengths are in parts of the shorter side.
const (
	proposedMargin     = 0.2  // of the inclusion's center from the edges
	proposedSmallest   = 0.08 // radius
	proposedLargest    = 0.3
	proposedSoftest    = 1.0 // ratio
	proposedStiffest   = 6.0
	proposedGradient   = 0.4
	proposedBackground = 1.0

	// The smooth model error, in standard deviations of the noise and in parts
	// of the longer side.
	proposedLeastError = 0.5
	proposedMostError  = 10
	proposedLongError  = 0.3
)

// Propose returns a file for a map y on the nodes of a grid, (C, H, W) in
// Grid.Unit, row 0 at the bottom. The error is about a file that is not valid.
//
// The map gives the noise and the edges. The prior and the model error are
// defaults in parts of the specimen's sides and of the noise; the text of the
// file states so at each of them.
func Propose(y []float64, s Setup) (*Proposal, error) {
	g, nodes := &s.Grid, s.Grid.Rows*s.Grid.Cols
	if len(y) != len(s.Components)*nodes {
		panic(fmt.Sprintf("specimen: %d values for %d components on %d×%d nodes", len(y),
			len(s.Components), g.Rows, g.Cols))
	}
	stepX, stepY := g.Width/float64(g.Cols-1), g.Height/float64(g.Rows-1)
	p := &Proposal{notes: map[string]string{}}
	for ch := range s.Components { // the noisier channel counts
		n := estimateNoise(y[ch*nodes:(ch+1)*nodes], g.Rows, g.Cols, stepX, stepY)
		if n.Std.Value >= p.Noise.Std.Value {
			p.Noise = n
		}
	}
	std := round(p.Noise.Std.Value)
	if !(std > 0) {
		return nil, fmt.Errorf("the map has no noise: its standard deviation can't be estimated, " +
			"and a map without noise is no measurement")
	}
	short, long := min(g.Width, g.Height), max(g.Width, g.Height)
	d := &Definition{Name: s.Name, Grid: *g, Physics: s.Physics,
		Measurement: Measured{Components: s.Components},
		Noise: Noise{Std: std, Spread: round(p.Noise.Std.spread()),
			Correlation: round(p.Noise.Length), Stretch: p.Noise.stretch()},
		Prior: Prior{X: margins(g.Width, proposedMargin*short),
			Y:      margins(g.Height, proposedMargin*short),
			Radius: []any{round(proposedSmallest * short), round(proposedLargest * short)},
			Ratio:  []any{proposedSoftest, proposedStiffest}, Background: proposedBackground,
			Gradient: proposedGradient, Unit: "relative"},
		Discrepancy: Discrepancy{
			Std:    [2]float64{round(proposedLeastError * std), round(proposedMostError * std)},
			Length: [2]float64{round(2 * max(stepX, stepY)), round(proposedLongError * long)}},
	}
	p.Definition = d
	p.edges(y, &s)
	d.complete()
	return p, d.check()
}

// edges sets the edges that move as measured.
//
// The stored values are a polynomial through the measured edge, so that the
// noise of the map does not drive the specimen. Jitter is the largest error of
// any smoothed edge.
func (p *Proposal) edges(y []float64, s *Setup) {
	d, nodes := p.Definition, s.Grid.Rows*s.Grid.Cols
	for _, e := range d.Edges.list() {
		if !slices.Contains(s.Measured, e.name) || e.name == "left" && d.onAxis() {
			continue
		}
		*e.condition = measured
		if d.Edges.Measured == nil {
			d.Edges.Measured = map[string]Side{}
		}
		step := d.Grid.Width / float64(d.Grid.Cols-1)
		if e.name == "left" || e.name == "right" {
			step = d.Grid.Height / float64(d.Grid.Rows-1)
		}
		correlation := 0.0
		if d.Noise.Correlation > 0 {
			correlation = math.Exp(-step / d.Noise.Correlation)
		}
		var stored Side
		var notes []string
		for ch, name := range s.Components {
			v := smoothEdge(side(y[ch*nodes:(ch+1)*nodes], &d.Grid, e.name), d.Noise.Std,
				correlation)
			d.Edges.Jitter = max(d.Edges.Jitter, round(v.error))
			if name == components[0] {
				stored.Ux = v.values
			} else {
				stored.Uy = v.values
			}
			note := fmt.Sprintf("%s: a polynomial of degree %d, ± %.2g %s", name, v.degree, v.error,
				d.Grid.Unit)
			if v.degree == 0 {
				note = fmt.Sprintf("%s: the same everywhere, ± %.2g %s; a number would do", name,
					v.error, d.Grid.Unit)
			}
			notes = append(notes, note)
		}
		d.Edges.Measured[e.name], p.notes[e.name] = stored, strings.Join(notes, "; ")
	}
}

// margins returns the range of a center that keeps a distance from both edges.
func margins(size, margin float64) []any { return []any{round(margin), round(size - margin)} }

// round rounds to three digits, as in a file that a person writes.
func round(v float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		panic("specimen: " + err.Error()) // written by strconv itself
	}
	return v
}
