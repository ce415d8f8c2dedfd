package certify

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"csdm/internal/parallel"
	"csdm/problems"
)

// The simplex begins with edges of 8 % of the box, about the distance between
// the library's fields in two or three variables.
const (
	libraryFields = 1024 // prior fields among which a fit begins
	fitStarts     = 2    // nearest prior fields from which a draw is fitted
	fitSteps      = 60   // evaluations per variable of each fit
	firstStep     = 0.08 // size of the first simplex, as a fraction of the box
)

// Invert returns, row by row, the variables θ that minimize ‖field(θ) − draw‖²
// for each of some draws. Several fields count in units of their ranges. It
// starts from the nearest of 1,024 prior fields and uses the method of Nelder
// and Mead (1965). draws holds fields of the problem in physical units, row by
// row. Fields of inclusions are piecewise constant in θ, so no gradient is
// used. Variables on which the field does not depend keep the values of the
// prior field from which the fit began. The result depends only on draws and
// seed. The only error is ctx's. Invert panics if draws has the wrong length.
//
// A draw of a network is near some field of the prior, but not one. Its
// variables are needed where the prior is a map from variables: to fit a
// proposal, or to evaluate F exactly.
func Invert(ctx context.Context, problem problems.Parametric, draws []float64, threads int,
	seed uint64) ([]float64, error) {
	size := problem.Spec().XLen()
	n := len(draws) / size
	if len(draws) != n*size {
		panic(fmt.Sprintf("certify: draws have %d values; want fields of %d pixels", len(draws),
			size))
	}
	draws = slices.Clone(draws)
	problem.Spec().Relative(draws)
	lo, hi := problem.Box()
	d := len(lo)
	library, fields := make([]float64, libraryFields*d), make([]float64, libraryFields*size)
	if err := parallel.For(ctx, threads, libraryFields, func(_, i int) error {
		problem.Latent(library[i*d:(i+1)*d], seed^libraryKey, uint64(i))
		problem.Field(fields[i*size:(i+1)*size], library[i*d:(i+1)*d])
		problem.Spec().Relative(fields[i*size : (i+1)*size])
		return nil
	}); err != nil {
		return nil, err
	}
	theta := make([]float64, n*d)
	err := parallel.For(ctx, threads, n, func(_, k int) error {
		f := fit{problem: problem, lo: lo, hi: hi, draw: draws[k*size : (k+1)*size],
			field: make([]float64, size), theta: make([]float64, d)}
		f.from(ctx, library, fields)
		copy(theta[k*d:(k+1)*d], f.best)
		return ctx.Err()
	})
	return theta, err
}

// libraryKey distinguishes the library's fields from the pairs of a training
// with the same seed.
const libraryKey = 0x696e76657274 // "invert"

// fit is the search for the variables of one draw.
type fit struct {
	// problem whose variables are sought
	problem problems.Parametric
	// box of the variables
	lo, hi []float64
	draw   []float64 // of several fields, relative to their ranges
	field  []float64 // scratch
	theta  []float64 // scratch
	// variables whose field is nearest to the draw so far
	best []float64
	// squares of the distance of that field, summed over pixels
	bestSquares float64
}

// from starts fits at the nearest fields of a library.
//
// The nearest fields are kept in order by insertion, since only two are wanted.
func (f *fit) from(ctx context.Context, library, fields []float64) {
	d, size := len(f.lo), len(f.draw)
	var nearest [fitStarts]int
	var squares [fitStarts]float64
	found := 0
	for i := range len(library) / d {
		s := distance(fields[i*size:(i+1)*size], f.draw)
		if found < fitStarts {
			found++
		} else if s >= squares[fitStarts-1] {
			continue
		}
		j := found - 1
		for ; j > 0 && squares[j-1] > s; j-- {
			nearest[j], squares[j] = nearest[j-1], squares[j-1]
		}
		nearest[j], squares[j] = i, s
	}
	for j, i := range nearest[:found] {
		start := library[i*d : (i+1)*d]
		if j == 0 {
			f.best, f.bestSquares = append([]float64(nil), start...), squares[j]
		}
		f.descend(ctx, start)
	}
}

// descend searches from the variables start until the end of ctx or the limit
// of evaluations.
//
// The search is in units of the box, so that one simplex size suits all
// variables.
func (f *fit) descend(ctx context.Context, start []float64) {
	d := len(start)
	at := make([]float64, d)
	for c, v := range start {
		at[c] = (v - f.lo[c]) / (f.hi[c] - f.lo[c])
	}
	stopped := func() (optimize.Status, error) {
		if err := ctx.Err(); err != nil {
			return optimize.Failure, err
		}
		return optimize.NotTerminated, nil
	}
	// The error of the limit of evaluations does not matter, because squares
	// keeps the best point. Invert returns ctx's error.
	_, _ = optimize.Minimize(optimize.Problem{Func: f.squares, Status: stopped}, at,
		&optimize.Settings{FuncEvaluations: fitSteps * d, Converger: optimize.NeverTerminate{}},
		&optimize.NelderMead{SimplexSize: firstStep})
}

// squares returns ‖field − draw‖² for variables in units of the box, and keeps
// the best point in f. Outside of the box it takes the nearest point of the box
// and adds a penalty.
//
// The penalty 1 + 100 Σ outside² is continuous and has no slope at the edge of
// the box.
func (f *fit) squares(at []float64) float64 {
	outside := 0.0
	for c, v := range at {
		inside := min(max(v, 0), 1)
		outside += (v - inside) * (v - inside)
		f.theta[c] = f.lo[c] + inside*(f.hi[c]-f.lo[c])
	}
	f.problem.Field(f.field, f.theta)
	f.problem.Spec().Relative(f.field)
	s := distance(f.field, f.draw)
	if s < f.bestSquares {
		copy(f.best, f.theta)
		f.bestSquares = s
	}
	return s * (1 + 100*outside)
}

// distance returns ‖a − b‖².
func distance(a, b []float64) (sum float64) {
	for k, v := range a {
		sum += (v - b[k]) * (v - b[k])
	}
	return sum
}
