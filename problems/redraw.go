package problems

import "csdm/rng"

// Redrawable is a problem that can make other pairs from a pair without a
// forward solve, as measurement noise is drawn again without one.
type Redrawable interface {
	Problem

	// Redraw replaces x and the noise-free y, which hold pair i of the seed, by
	// another exact pair. Over all pairs i and streams, the new pairs have the
	// distribution of the pairs. Calls with streams in the same state make the
	// same pair. Redraw may be called from several goroutines.
	Redraw(x, y []float64, seed, i uint64, s *rng.Stream)
}

// Symmetric is a Redrawable whose redraws rearrange the values of x and y, so
// that they can be undone and leave noise on x and y as it is.
type Symmetric interface {
	Redrawable

	// Restore undoes Redraw of pair i with a stream in the state that s has. x
	// and y may contain noise.
	Restore(x, y []float64, seed, i uint64, s *rng.Stream)
}

// Averaged is a Redrawable whose redraws of a pair differ only in x, and have a
// mean in closed form.
type Averaged interface {
	Redrawable

	// Average sets dst to E[x | x + σz = diffused], where x is a redraw of pair
	// i of the seed and z is independent standard normal noise. dst and
	// diffused may be the same slice. Average may be called from several
	// goroutines.
	Average(dst, diffused []float64, sigma float64, seed, i uint64)
}
