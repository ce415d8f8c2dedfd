package run

import (
	"math"
	"slices"

	"csdm/internal/report"
	"csdm/nn"
	"csdm/problems"
)

// Quantity is the posterior of one physical quantity of the field.
type Quantity struct {
	Name  string   `json:"name"`
	Unit  string   `json:"unit"`
	Mean  float64  `json:"mean"`
	Std   float64  `json:"std"`
	Q05   float64  `json:"q05"`
	Q50   float64  `json:"q50"`
	Q95   float64  `json:"q95"`
	Truth *float64 `json:"truth,omitempty"` // nil: unknown
}

// Quantify sets the posterior's quantities to those of its draws, if the problem, which may be nil, names any.
func (p *Posterior) Quantify(problem problems.Problem) {
	q, ok := problem.(problems.Quantified)
	if !ok {
		return
	}
	names, n := q.Quantities(), p.Rows*p.Cols
	values := make([][]float64, len(names))
	p.QuantityDraws = make([]float64, 0, p.Draws*len(names))
	x, of := make([]float64, n), make([]float64, len(names))
	for i := range p.Draws {
		p.Normalization.PhysicalX(x, p.Samples[i*n:(i+1)*n])
		q.Quantify(of, x)
		p.QuantityDraws = append(p.QuantityDraws, of...)
		for k, v := range of {
			values[k] = append(values[k], v)
		}
	}
	p.Origin.Quantities = nil
	for k, v := range names {
		p.Origin.Quantities = append(p.Origin.Quantities, quantity(v, values[k]))
	}
}

// quantity sums draws up. Quantiles are interpolated linearly between the ordered draws, which are sorted in place.
func quantity(v problems.Variable, draws []float64) Quantity {
	q := Quantity{Name: v.Name, Unit: v.Unit}
	n := float64(len(draws))
	for _, x := range draws {
		q.Mean += x / n
	}
	for _, x := range draws {
		q.Std += (x - q.Mean) * (x - q.Mean) / (n - 1)
	}
	q.Std = math.Sqrt(q.Std)
	slices.Sort(draws)
	at := func(p float64) float64 {
		i := p * (n - 1)
		j := min(int(i), len(draws)-2)
		return draws[j] + (i-float64(j))*(draws[j+1]-draws[j])
	}
	q.Q05, q.Q50, q.Q95 = at(0.05), at(0.5), at(0.95)
	return q
}

// truthful returns the case's quantities with those of the true field, if that is known.
func (c *Case) truthful(problem problems.Problem, n nn.Normalization) []Quantity {
	quantities := slices.Clone(c.Posterior.Origin.Quantities)
	q, ok := problem.(problems.Quantified)
	if !ok || c.Truth == nil || len(quantities) == 0 {
		return quantities
	}
	x, of := make([]float64, len(c.Truth)), make([]float64, len(quantities))
	n.PhysicalX(x, c.Truth)
	q.Quantify(of, x)
	for k := range quantities {
		quantities[k].Truth = &of[k]
	}
	return quantities
}

// quantityTable is the quantities of a case for its page; nil for none.
func quantityTable(name string, quantities []Quantity) *report.Table {
	if len(quantities) == 0 {
		return nil
	}
	t := &report.Table{Name: name, Columns: []string{"Quantity", "Unit", "Mean", "Std", "5 %", "50 %", "95 %"},
		Caption: "Physical quantities of the posterior’s draws: mean, standard deviation and quantiles."}
	known := quantities[0].Truth != nil
	if known {
		t.Columns = append(t.Columns, "True field")
	}
	for _, q := range quantities {
		row := []string{q.Name, q.Unit}
		for _, v := range []float64{q.Mean, q.Std, q.Q05, q.Q50, q.Q95} {
			row = append(row, report.Number(v))
		}
		if known {
			row = append(row, report.Number(*q.Truth))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
