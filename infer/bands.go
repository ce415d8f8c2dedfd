package infer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
)

// Bands are intervals around the draws of a posterior, one for each pixel and
// each quantity. Over measurements of the prior they hold the true value with
// the stated coverage on average (nn.BandLevels). They are calibrated for the
// network's own draws.
//
// For draws x₁ … x_n of a pixel in ascending order, the interval at level λ ≤ 1
// runs between the quantiles (1 ± λ)/2 of the draws. At λ > 1 both ends move
// out by
//
//	(λ − 1) (x_n − x₁ + grain)
//
// (bench.BandInterval). The level depends on the region of the pixel: the
// regions divide the pixels by the spread of their draws. The levels were
// chosen on held-out pairs by conformal risk control (Angelopoulos et al. 2022;
// bench.RiskLevel), so that a new pair (x*, y) of the prior has
//
//	E[share of pixels k with low_k ≤ x*_k ≤ high_k] ≥ Coverage
//
// whatever the network does: a bad network has wide bands, not wrong ones. The
// expectation is over the new pair and the pairs of the calibration. For one
// given y nothing follows.
type Bands struct {
	// share of true values that the bands hold, on average over the prior
	Coverage float64 `json:"coverage"`
	Count    int     `json:"count"` // held-out measurements behind the levels
	Draws    int     `json:"draws"` // the first draws, around which the intervals lie
	// Levels are the levels of the regions of the field, the most uncertain
	// first.
	Levels []float64 `json:"levels"`
	// mean width of the intervals over pixels, in physical units
	Width float64 `json:"width"`
	// Missing is the reason why there are no bands; "" if there are.
	Missing string `json:"missing,omitempty"`

	// intervals of the physical quantities
	Quantities []QuantityInterval `json:"quantities,omitempty"`

	Low  []float64 `json:"-"` // lower ends, normalized
	High []float64 `json:"-"` // upper ends
}

// QuantityInterval is the interval of a physical quantity.
type QuantityInterval struct {
	// name of the quantity
	Name string `json:"name"`
	// unit of low and high
	Unit string   `json:"unit"`
	Low  *float64 `json:"low"` // nil: there is no interval
	// upper end; null: there is no interval
	High *float64 `json:"high"`
	// Missing is the reason why there is no interval; "" if there is one.
	Missing string `json:"missing,omitempty"`
}

// Band sets the bands of a posterior that Sample drew with settings s, before
// Certify replaces its draws. Without bands in the model it does nothing.
// problem may be nil; the quantities then have no intervals.
//
// The intervals use the first n draws of the posterior, where n is the number
// that the calibration used. More draws would give narrower intervals at the
// same level, because x_n − x₁ grows with n, and the coverage would not be the
// calibrated one. Draws of other settings have another spread, so that Missing
// then holds the reason and there is no interval.
//
// Certify replaces the draws by exact ones. The levels would be too wide for
// these. This is why Band must come first.
func (p *Posterior) Band(model *nn.Model, problem problems.Problem, s langevin.Settings) {
	m := model.Meta.Bands
	if m == nil {
		return
	}
	n, dim := m.Sampling.Draws, p.size()
	b := &Bands{Coverage: m.Coverage, Count: m.Count, Draws: n, Levels: m.Levels}
	p.Bands = b
	switch {
	case len(m.Levels) != len(bench.BandRegions(dim)):
		b.Missing = fmt.Sprintf("the model has the levels of %d regions, and this version of csdm "+
			"knows %d", len(m.Levels), len(bench.BandRegions(dim)))
		return
	case !m.Fits(s):
		b.Missing = fmt.Sprintf("the model's bands are for %d draws or more by %s, between the "+
			"noise levels %g and %g", n, m.Sampling, m.Sampling.SigmaMax, m.Sampling.SigmaMin)
		return
	}
	// The first n rows of Samples are the draws that the calibration would have
	// made, since draw j does not depend on the number of draws.
	b.Low, b.High = make([]float64, dim), make([]float64, dim)
	bench.FieldBand(b.Low, b.High, p.Samples[:n*dim], m.Grain, m.Levels)
	scale := p.Normalization.XMax - p.Normalization.XMin
	// The mean over pixels of high − low, times the width of the range: a width
	// transforms by the factor of the normalization only.
	for k, low := range b.Low {
		b.Width += (b.High[k] - low) * scale / float64(dim)
	}
	q, ok := problem.(problems.Quantified)
	if !ok {
		return
	}
	values := DrawnQuantities(q, p.Normalization, p.Samples[:n*dim], dim)
	for k, v := range q.Quantities() {
		b.Quantities = append(b.Quantities, quantityInterval(m, v, values[k]))
	}
}

// quantityInterval returns the interval of a quantity around its values.
//
// The four outcomes exclude each other. A quantity is not calibrated if the
// model file is older than the quantity. Its level is nil if so few fields of
// the calibration had it that no finite level has the coverage.
func quantityInterval(m *nn.BandLevels, v problems.Variable, values []float64) QuantityInterval {
	out := QuantityInterval{Name: v.Name, Unit: v.Unit}
	i := slices.IndexFunc(m.Quantities, func(q nn.QuantityBand) bool { return q.Name == v.Name })
	switch {
	case i < 0:
		out.Missing = "not calibrated"
	case m.Quantities[i].Level == nil:
		out.Missing = "no finite level has the coverage"
	case len(values) < 2:
		out.Missing = "fewer than two draws have it"
	default:
		low, high := bench.BandInterval(values, *m.Quantities[i].Level, m.Quantities[i].Grain)
		out.Low, out.High = &low, &high
	}
	return out
}

// DrawnQuantities returns for each quantity its values over normalized draws of
// dim pixels, in ascending order. A draw without the quantity is left out.
//
// The result has one slice per quantity, and the slices can differ in length: a
// field may have, for example, no inclusion whose center could be measured.
func DrawnQuantities(q problems.Quantified, norm nn.Normalization, draws []float64,
	dim int) [][]float64 {
	values := make([][]float64, len(q.Quantities()))
	x, of := make([]float64, dim), make([]float64, len(values))
	for i := 0; i < len(draws); i += dim {
		norm.PhysicalX(x, draws[i:i+dim], len(x))
		q.Quantify(of, x)
		for k, v := range of {
			if !math.IsNaN(v) {
				values[k] = append(values[k], v)
			}
		}
	}
	for _, v := range values {
		slices.Sort(v)
	}
	return values
}

// Text describes the bands in a sentence; unit is the unit of the field.
func (b *Bands) Text(unit string) string {
	if b.Missing != "" {
		return "no bands: " + b.Missing
	}
	return fmt.Sprintf("bands: over measurements of the prior, %g %% of the pixels lie between "+
		"band_low and band_high on average (levels from %s); here they are %s wide on average",
		100*b.Coverage, cli.Plural(b.Count, "held-out measurement"),
		strings.TrimSpace(report.Number(b.Width)+" "+unit))
}

// Interval returns the ends of the interval of a quantity, for a table; they
// are NaN without an interval. b may be nil.
func (b *Bands) Interval(name string) (low, high float64) {
	if b != nil {
		for _, q := range b.Quantities {
			if q.Name == name && q.Low != nil && q.High != nil {
				return *q.Low, *q.High
			}
		}
	}
	return math.NaN(), math.NaN()
}

// HasIntervals reports whether there are intervals of quantities. b may be nil.
func (b *Bands) HasIntervals() bool { return b != nil && len(b.Quantities) > 0 }

// AddTo adds the intervals to a table of quantities, if there are any.
func (b *Bands) AddTo(t *report.Table) {
	if !b.HasIntervals() {
		return
	}
	percent := fmt.Sprintf("%g %% band", 100*b.Coverage)
	t.Columns = append(t.Columns, percent+", from", "to")
	for k, row := range t.Rows {
		low, high := b.Interval(row[0])
		t.Rows[k] = append(row, cell(low), cell(high))
	}
	t.Caption += fmt.Sprintf(" Each band holds its quantity in %g %% of the prior’s measurements "+
		"whose field has the quantity.", 100*b.Coverage)
}
