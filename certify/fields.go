package certify

import (
	"context"
	"math"
	"slices"
	"sync/atomic"

	"csdm/explain"
	"csdm/internal/parallel"
	"csdm/problems"
	"csdm/rng"
)

// FieldTolerance is the largest difference of a pixel, in units of the range of
// the prior's fields, between a draw and the field of the prior that it counts
// as.
const FieldTolerance = 0.1

// The random search that follows Invert.
const (
	searchTries  = 60 // per variable and scale
	searchScales = 6  // from searchStart, each half of the one before
	searchStart  = 0.04
)

// CountFields returns how many draws are fields of the prior: some field
// of the prior differs from the draw by at most FieldTolerance in every pixel.
// draws holds fields in physical units, row by row. near holds variables of
// fields that are tried first, row by row, such as a reference has; it may
// be empty. A draw that none of them matches is inverted, and a random search
// refines the result, because fields of inclusions are piecewise constant in
// the variables. A search can miss a field, so that the count is a lower bound.
// The result is the same for any number of threads. The only error is ctx's.
//
// Each draw is judged by the largest difference over pixels, because a draw
// with a ghost of a second inclusion is near a prior field in the mean square
// and still no field of the prior.
func CountFields(ctx context.Context, problem problems.Parametric, draws, near []float64,
	by explain.Search) (int, error) {
	threads, seed := by.Threads, by.Seed
	size := problem.Spec().XLen()
	n := len(draws) / size
	relative := slices.Clone(draws)
	problem.Spec().Relative(relative)
	lo, hi := problem.Box()
	d := len(lo)
	tolerance := FieldTolerance * problem.Spec().XRange.Width()
	found := make([]atomic.Bool, n)
	fields := make([][]float64, threads) // scratch
	err := parallel.For(ctx, threads, len(near)/d, func(worker, i int) error {
		if fields[worker] == nil {
			fields[worker] = make([]float64, size)
		}
		problem.Field(fields[worker], near[i*d:(i+1)*d])
		problem.Spec().Relative(fields[worker])
		for k := range found {
			if !found[k].Load() && within(relative[k*size:(k+1)*size], fields[worker], tolerance) {
				found[k].Store(true)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var left []int
	var ragged []float64
	for k := range found {
		if !found[k].Load() {
			left = append(left, k)
			ragged = append(ragged, draws[k*size:(k+1)*size]...)
		}
	}
	theta, err := Invert(ctx, problem, ragged, threads, seed)
	if err != nil {
		return 0, err
	}
	err = parallel.For(ctx, threads, len(left), func(_, j int) error {
		draw := relative[left[j]*size : (left[j]+1)*size]
		f := fit{problem: problem, lo: lo, hi: hi, draw: draw, field: make([]float64, size),
			theta: make([]float64, d), best: theta[j*d : (j+1)*d], bestSquares: math.Inf(1)}
		found[left[j]].Store(f.matches(tolerance, rng.New(seed, rng.Reference, uint64(left[j]),
			searchKey)))
		return nil
	})
	count := 0
	for k := range found {
		if found[k].Load() {
			count++
		}
	}
	return count, err
}

// searchKey distinguishes the streams of the search from other streams of
// rng.Reference.
const searchKey = 1<<62 + 1

// matches reports whether a field near the variables f.best is within tolerance
// of the draw. It searches around the best variables so far, at ever smaller
// distances.
//
// The scales are 0.04, 0.02, … 0.00125 of the box, each with searchTries steps
// per variable. A step moves the center only if it lowers the squared distance.
func (f *fit) matches(tolerance float64, s *rng.Stream) bool {
	d := len(f.lo)
	at := make([]float64, d)
	try := func(scale float64) bool {
		for c, v := range f.best {
			width := f.hi[c] - f.lo[c]
			at[c] = (v-f.lo[c])/width + scale*s.Normal()
		}
		before := f.bestSquares
		f.squares(at)
		return f.bestSquares < before && within(f.draw, f.field, tolerance)
	}
	if try(0) {
		return true
	}
	for k := range searchScales {
		for range searchTries * d {
			if try(math.Ldexp(searchStart, -k)) {
				return true
			}
		}
	}
	return false
}

// within reports whether a and b differ by at most tolerance everywhere.
//
// A NaN is not within any tolerance.
func within(a, b []float64, tolerance float64) bool {
	for k, v := range a {
		if !(math.Abs(v-b[k]) <= tolerance) {
			return false
		}
	}
	return true
}
