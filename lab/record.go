package lab

import "csdm/langevin"

// recorder is a scorer that keeps the states it is given. Its calls come draw
// after draw, from one goroutine, with the same number of evaluations each.
type recorder struct {
	langevin.Scorer
	evaluations int // of a draw
	calls       int
	// seen is called with each evaluation of each draw, before dst and x
	// change.
	seen func(draw, evaluation int, x, score []float64, sigma float64) error
}

// Score computes the score and shows it, with the index of the draw and of the
// evaluation in it.
//
// All evaluations of a draw come before the first of the next, so that one
// counter gives both indices.
func (r *recorder) Score(dst, x []float64, sigma float64) error {
	if err := r.Scorer.Score(dst, x, sigma); err != nil {
		return err
	}
	draw, evaluation := r.calls/r.evaluations, r.calls%r.evaluations
	r.calls++
	return r.seen(draw, evaluation, x, dst, sigma)
}
