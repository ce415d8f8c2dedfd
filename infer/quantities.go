package infer

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"csdm/internal/report"
	"csdm/problems"
)

// Quantity is the posterior of one physical quantity of the field, over the
// draws that have the quantity. If no draw has it, its numbers are NaN, which
// is null in JSON.
//
// A quantity is a number that a reader of the field would measure, such as the
// center of an inclusion, computed by problems.Quantified from the physical
// field. Its posterior is the distribution of this number over the draws.
// Quantiles of the number are not the number of a quantile field.
type Quantity struct {
	Name  string
	Unit  string
	Mean  float64
	Std   float64
	Q05   float64
	Q50   float64
	Q95   float64
	Truth *float64 // nil: unknown, or the true field lacks the quantity

	ShareDefined float64 // share of the draws that have the quantity
	// Resolution is the RMS distance between the quantity of a prior field and
	// the variable that made the field; 0: unknown.
	Resolution float64
}

// quantityJSON is a Quantity in JSON, which has no NaN.
type quantityJSON struct {
	// name of the quantity
	Name string `json:"name"`
	// unit of its numbers, except of share_defined; empty for a dimensionless
	// number
	Unit string `json:"unit"`
	// posterior mean; null: no draw has the quantity
	Mean *float64 `json:"mean"`
	// posterior standard deviation
	Std *float64 `json:"std"`
	// 5 % quantile
	Q05 *float64 `json:"q05"`
	// median
	Q50 *float64 `json:"q50"`
	// 95 % quantile
	Q95 *float64 `json:"q95"`
	// value of the true field, if it is known
	Truth *float64 `json:"truth,omitempty"`
	// share of the draws that have the quantity; absent in older files: all
	ShareDefined *float64 `json:"share_defined,omitempty"`
	// RMS distance over prior fields from the variable that made the field;
	// absent: not known
	Resolution float64 `json:"resolution,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (q Quantity) MarshalJSON() ([]byte, error) {
	known := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	return json.Marshal(quantityJSON{q.Name, q.Unit, known(q.Mean), known(q.Std), known(q.Q05),
		known(q.Q50), known(q.Q95), q.Truth, &q.ShareDefined, q.Resolution})
}

// JSONForm returns the struct that MarshalJSON writes.
func (Quantity) JSONForm() any { return quantityJSON{} }

// UnmarshalJSON implements json.Unmarshaler.
func (q *Quantity) UnmarshalJSON(text []byte) error {
	var j quantityJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	number := func(v *float64, missing float64) float64 {
		if v == nil {
			return missing
		}
		return *v
	}
	nan := math.NaN()
	*q = Quantity{j.Name, j.Unit, number(j.Mean, nan), number(j.Std, nan), number(j.Q05, nan),
		number(j.Q50, nan), number(j.Q95, nan), j.Truth,
		number(j.ShareDefined, 1), j.Resolution}
	return nil
}

// RegionSummary summarizes the results of problems.Inspected over the draws of
// a posterior.
//
// A quantity assumes one region, such as one inclusion. The shares show how
// often the draws violate this assumption.
type RegionSummary struct {
	// name of the regions in a sentence
	What   string  `json:"what"`
	None   float64 `json:"none"`   // share of the draws without a region
	Second float64 `json:"second"` // share of the draws with a second region
	Least  int     `json:"least"`  // smallest number of pixels of a region
	// Outside is the mean share of bright pixels outside of the region that is
	// measured.
	Outside float64 `json:"outside"`
}

// Lines describes the regions, a sentence per line. It returns nil if each draw
// has one region and hardly any bright pixels outside of it.
func (r *RegionSummary) Lines() (out []string) {
	if r == nil {
		return nil
	}
	if r.None > 0 {
		out = append(out,
			fmt.Sprintf("no %s in %.3g %% of the draws: these are left out of its quantities",
				r.What, 100*r.None))
	}
	if r.Second > 0 {
		out = append(out,
			fmt.Sprintf("a second region of %d pixels or more in %.3g %% of the draws: "+
				"the quantities describe the %s that most resembles the prior's", r.Least,
				100*r.Second, r.What))
	}
	if r.Outside >= outsideSaid {
		out = append(out, fmt.Sprintf("%.2g %% of the bright pixels lie outside of the %s",
			100*r.Outside, r.What))
	}
	return out
}

// outsideSaid is the share of bright pixels outside of the region above which
// Lines reports it.
const outsideSaid = 0.02

// Quantify computes the posterior's quantities from its draws, if the problem
// defines any. Where the variables of the draws are known, the quantities come
// from them, if the problem allows it. problem may be nil.
//
// For draw i the physical field is x_i′ = PhysicalX(x_i), and its quantities
// are row i of QuantityDraws, with NaN where the field lacks one. A grid of
// pixels resolves a center or radius only up to its spacing. The variables θ_i
// of a draw of Search have no such error; then Resolution is 0.
func (p *Posterior) Quantify(problem problems.Problem) {
	q, ok := problem.(problems.Quantified)
	if !ok {
		return
	}
	inspected, _ := problem.(problems.Inspected)
	names, n := q.Quantities(), p.size()
	values := make([][]float64, len(names))
	p.QuantityDraws = make([]float64, 0, p.Draws*len(names))
	p.Origin.Quantities, p.Origin.Regions = nil, nil
	if inspected != nil {
		p.Origin.Regions = new(RegionSummary)
	}
	x, of := make([]float64, n), make([]float64, len(names))
	// d variables per draw; without θ the field is measured.
	teller, told := problem.(problems.QuantifiedVariables)
	told = told && p.theta != nil
	d := len(p.theta) / max(p.Draws, 1)
	for i := range p.Draws {
		p.Normalization.PhysicalX(x, p.Samples[i*n:(i+1)*n], len(x))
		if told {
			teller.QuantifyVariables(of, p.theta[i*d:(i+1)*d])
		} else {
			q.Quantify(of, x)
		}
		p.QuantityDraws = append(p.QuantityDraws, of...)
		for k, v := range of {
			values[k] = append(values[k], v)
		}
		if inspected != nil {
			p.Origin.Regions.add(inspected.Inspect(x), p.Draws)
		}
	}
	for k, v := range names {
		if told {
			v.Resolution = 0
		}
		p.Origin.Quantities = append(p.Origin.Quantities, quantity(v, values[k]))
	}
}

// add adds the regions of one draw to the averages over draws draws.
//
// A region with fewer than Least pixels counts as noise.
func (r *RegionSummary) add(d problems.Regions, draws int) {
	r.What, r.Least = d.What, d.Least
	if d.First < d.Least {
		r.None += 1 / float64(draws)
	}
	if d.Second >= d.Least {
		r.Second += 1 / float64(draws)
	}
	r.Outside += d.Outside / float64(draws)
}

// quantity summarizes the draws that have a quantity; the value of the others
// is NaN. Quantiles are interpolated linearly between the ordered draws.
//
// With m of the N draws defined, mean and standard deviation are
//
//	Σ q_i/m,   √(Σ (q_i − mean)²/(m − 1))
//
// and ShareDefined is m/N. The quantile p lies at the position p (m − 1) of the
// ordered values (type 7 of Hyndman and Fan 1996).
func quantity(v problems.Variable, draws []float64) Quantity {
	defined := slices.DeleteFunc(slices.Clone(draws), math.IsNaN)
	nan := math.NaN()
	q := Quantity{Name: v.Name, Unit: v.Unit, Mean: nan, Std: nan, Q05: nan, Q50: nan, Q95: nan,
		ShareDefined: float64(len(defined)) / float64(len(draws)), Resolution: v.Resolution}
	n := float64(len(defined))
	if n == 0 {
		return q
	}
	q.Mean = 0
	for _, x := range defined {
		q.Mean += x / n
	}
	if n > 1 {
		q.Std = 0
		for _, x := range defined {
			q.Std += (x - q.Mean) * (x - q.Mean) / (n - 1)
		}
		q.Std = math.Sqrt(q.Std)
	}
	slices.Sort(defined)
	at := func(p float64) float64 {
		i := p * (n - 1)
		j := max(0, min(int(i), len(defined)-2))
		return defined[j] + (i-float64(j))*(defined[min(j+1, len(defined)-1)]-defined[j])
	}
	q.Q05, q.Q50, q.Q95 = at(0.05), at(0.5), at(0.95)
	return q
}

// QuantityTable returns the table of a case's quantities for its page, or nil
// if there are none.
//
// The column of the true field appears only if at least one quantity has a true
// value.
func QuantityTable(name string, quantities []Quantity, regions *RegionSummary) *report.Table {
	if len(quantities) == 0 {
		return nil
	}
	t := &report.Table{Name: name, Columns: []string{"Quantity", "Unit", "Mean", "Std", "5 %",
		"50 %", "95 %"},
		Caption: "Physical quantities of the posterior’s draws: mean, standard deviation and " +
			"quantiles." + caption(quantities, regions)}
	known := slices.ContainsFunc(quantities, func(q Quantity) bool { return q.Truth != nil })
	if known {
		t.Columns = append(t.Columns, "True field")
	}
	for _, q := range quantities {
		row := []string{q.Name, q.Unit}
		for _, v := range []float64{q.Mean, q.Std, q.Q05, q.Q50, q.Q95} {
			row = append(row, cell(v))
		}
		if known {
			truth := math.NaN()
			if q.Truth != nil {
				truth = *q.Truth
			}
			row = append(row, cell(truth))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// cell returns a number for a table, or a dash for NaN.
func cell(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return report.Number(v)
}

// caption describes the resolution of the quantities on the grid, and the
// regions of the draws.
func caption(quantities []Quantity, regions *RegionSummary) (text string) {
	for _, q := range quantities {
		if q.Resolution > 0 {
			text += fmt.Sprintf(" The grid resolves the %s to %s %s (RMS).", q.Name,
				report.Number(q.Resolution), q.Unit)
		}
	}
	for _, line := range regions.Lines() {
		text += " Note: " + line + "."
	}
	return text
}
