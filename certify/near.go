package certify

import (
	"context"

	"csdm/explain"
	"csdm/problems"
)

// nearRows is the number of rows that Near returns for each mode.
const nearRows = 64

// Near returns rows of variables near the modes of the posterior, at which
// adaptive importance sampling begins, and the number of forward solves. It has
// rows only for a smooth problem (problems.Smooth) that is not
// problems.Multimodal. There descents find the posterior with fewer solves than
// tempered rounds from the prior. For a problem with model error
// (problems.Marginal) they are in the variables on which y depends.
//
// Rows are drawn from the normal approximation about each mode (Member.Around),
// nearRows of each, so that every mode has the same share of the first
// proposal, whatever its mass.
func Near(ctx context.Context, problem problems.Parametric, y []float64,
	s explain.Search) (rows []float64, solves int, err error) {
	if _, several := problem.(problems.Multimodal); several {
		return nil, 0, nil
	}
	reduced := problem
	if m, ok := problem.(problems.Marginal); ok {
		reduced = problems.Reduce(m)
	}
	smooth, ok := reduced.(problems.Smooth)
	if !ok {
		return nil, 0, nil
	}
	modes, solves, err := explain.Modes(ctx, smooth, y, s)
	if err != nil {
		return nil, 0, err
	}
	lo, hi := problem.Box()
	for k, m := range modes {
		around, err := m.Around(ctx, reduced, y, nearRows, s.Seed+uint64(k))
		if err != nil {
			return nil, 0, err
		}
		// Rows have all variables; the search uses the measured ones.
		d := len(around) / nearRows
		for i := range nearRows {
			rows = append(rows, around[i*d:(i+1)*d]...)
			for k := d; k < len(lo); k++ {
				rows = append(rows, (lo[k]+hi[k])/2)
			}
		}
	}
	return rows, solves, nil
}
