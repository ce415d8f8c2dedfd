package certify

import (
	"context"
	"math"

	"csdm/explain"
	"csdm/problems"
)

// nearRows is the number of rows that Near returns.
const nearRows = 64

// Near returns rows of variables near the posterior, at which adaptive
// importance sampling begins, and the number of forward solves. It has rows
// only for a smooth problem (problems.Smooth) that is not problems.Multimodal.
// There a descent finds the
// posterior with fewer solves than tempered rounds from the prior. For a
// problem with model error (problems.Marginal) it descends in the variables on
// which y depends.
func Near(ctx context.Context, problem problems.Parametric, y []float64, seed uint64,
	threads int) (rows []float64, solves int, err error) {
	if _, several := problem.(problems.Multimodal); several {
		return nil, 0, nil
	}
	reduced := problem
	if m, ok := problem.(problems.Marginal); ok {
		reduced = problems.Reduce(m)
	}
	if _, smooth := reduced.(problems.Smooth); !smooth {
		return nil, 0, nil
	}
	// χ² per value of the right member is 1 ± √(2/n).
	right := 1 + 6*math.Sqrt(2/float64(len(y)))
	near, err := explain.Nearest(ctx, reduced, y, seed, threads,
		func(m *explain.Member) bool { return m.Chi2 < right })
	if err != nil {
		return nil, 0, err
	}
	around, err := near.Around(ctx, reduced, y, nearRows, seed)
	if err != nil {
		return nil, 0, err
	}
	// Rows have all variables; the search uses the measured ones.
	lo, hi := problem.Box()
	d := len(around) / nearRows
	for i := range nearRows {
		rows = append(rows, around[i*d:(i+1)*d]...)
		for k := d; k < len(lo); k++ {
			rows = append(rows, (lo[k]+hi[k])/2)
		}
	}
	return rows, near.Solves, nil
}
