package accuracy

import (
	"math"
	"slices"

	"csdm/bench"
	"csdm/infer"
	"csdm/problems"
)

// QuantityRow is one physical quantity of one posterior, over the draws that
// have the quantity.
type QuantityRow struct {
	Key
	// index of the fresh measurement
	Case int `json:"case"`
	// seed of the method
	Seed uint64 `json:"seed"`
	// name of the physical quantity
	Quantity string `json:"quantity"`
	// unit of true_value, mean, std and error
	Unit      string            `json:"unit"`
	TrueValue infer.StatedError `json:"true_value"` // null: the true field lacks the quantity
	// posterior mean of the quantity
	Mean infer.StatedError `json:"mean"`
	// posterior standard deviation of the quantity
	Std          infer.StatedError `json:"std"`
	Error        infer.StatedError `json:"error"`         // mean minus true_value
	Within50     *bool             `json:"within_50"`     // whether the central half holds it
	Within90     *bool             `json:"within_90"`     // whether the central 90 % interval does
	ShareDefined float64           `json:"share_defined"` // share of draws with the quantity
}

// quantities returns the rows for fields of equal weight, row by row. key has
// the posterior's part of the rows.
//
// A quantity that the true field lacks has no error and no interval that could
// hold it.
func quantities(key QuantityRow, problem problems.Problem, truth, fields []float64) (
	rows []QuantityRow) {
	q, ok := problem.(problems.Quantified)
	if !ok || fields == nil {
		return nil
	}
	names, size := q.Quantities(), problem.Spec().XLen()
	exact, of := make([]float64, len(names)), make([]float64, len(names))
	q.Quantify(exact, truth)
	draws := make([][]float64, len(names))
	n := len(fields) / size
	for i := range n {
		q.Quantify(of, fields[i*size:(i+1)*size])
		for k, v := range of {
			if !math.IsNaN(v) {
				draws[k] = append(draws[k], v)
			}
		}
	}
	for k, v := range names {
		row := *unstated(&QuantityRow{})
		row.Key, row.Case, row.Seed, row.Quantity, row.Unit = key.Key, key.Case, key.Seed, v.Name,
			v.Unit
		row.ShareDefined = float64(len(draws[k])) / float64(n)
		row.TrueValue = infer.StatedError(exact[k])
		if row.fill(draws[k]); row.Within90 != nil && math.IsNaN(exact[k]) {
			row.Within50, row.Within90 = nil, nil
		}
		rows = append(rows, row)
	}
	return rows
}

// fill sets the numbers that depend on the draws of the quantity.
//
// The central interval of probability p runs between the quantiles (1 ± p)/2.
// Over many measurements an exact posterior holds the true value in half and in
// 90 % of them.
func (r *QuantityRow) fill(draws []float64) {
	if len(draws) == 0 {
		return
	}
	r.Mean = infer.StatedError(mean(draws))
	r.Error = r.Mean - r.TrueValue
	if len(draws) < 2 {
		return
	}
	p := bench.FromDraws(draws, len(draws), 1, 1)
	r.Std = infer.StatedError(p.Std[0])
	slices.Sort(draws)
	within := func(probability float64) *bool {
		low, high := bench.Quantile(draws, (1-probability)/2),
			bench.Quantile(draws, (1+probability)/2)
		is := low <= float64(r.TrueValue) && float64(r.TrueValue) <= high
		return &is
	}
	r.Within50, r.Within90 = within(0.5), within(0.9)
}
