package bench

import (
	"fmt"
	"math"

	"csdm/rng"
)

// independent is the proposal of Independence: a mixture around expected
// variables, and the prior. u is standard normal a priori.
//
// The share of the prior bounds the ratio of posterior and proposal, so that
// the chain cannot stick in a tail that the mixture lacks.
type independent struct{ around, prior mixture }

// StartError reports that there are too few different rows of variables for a
// fit.
type StartError struct {
	Kernel      Kernel
	Rows, Least int
}

// Error states how many different rows the kernel needs and has.
func (e *StartError) Error() string {
	return fmt.Sprintf("bench: kernel %q needs at least %d different rows of variables around "+
		"which it proposes; there are %d rows", e.Kernel, e.Least, e.Rows)
}

// independent returns the proposal around rows of θ, or a *StartError.
func (l *likelihood) independent(theta []float64) (*independent, error) {
	m, ok := l.around(theta)
	if !ok {
		return nil, &StartError{Independence, len(theta) / l.dim(), leastStart(l.dim())}
	}
	return &independent{m, standardNormal(l.dim())}, nil
}

// leastStart returns the least number of rows of d variables for a fit.
func leastStart(d int) int { return 3*(d+1) + 1 }

// priorShare is the share of the prior among the proposals.
const priorShare = 0.1

// draw sets u to a proposal, and returns the logarithm of the prior's density
// over the proposal's there. scratch has as many elements as u.
//
// The acceptance ratio of an independence chain is w(v)/w(u) with w = p/q; the
// prior's part of w is returned, and the likelihood is added by the caller.
func (q *independent) draw(u []float64, s *rng.Stream, scratch []float64) float64 {
	if s.Float64() < priorShare {
		q.prior.draw(u, s, scratch)
	} else {
		q.around.draw(u, s, scratch)
	}
	prior := logSum{math.Inf(-1), 0}
	q.prior.addTo(&prior, 0, u, scratch)
	sum := logSum{math.Inf(-1), 0}
	q.prior.addTo(&sum, math.Log(priorShare), u, scratch)
	q.around.addTo(&sum, math.Log(1-priorShare), u, scratch)
	return prior.value() - sum.value()
}
