package certify

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/optimize"

	"csdm/internal/parallel"
	"csdm/problems"
)

const (
	libraryFields = 1024 // prior fields among which a fit begins
	fitStarts     = 2    // of the nearest of them, from which it begins
	fitSteps      = 60   // evaluations per variable of each of these
	firstStep     = 0.08 // of the simplex, as a share of the box
)

// Invert returns, row by row, the variables θ whose fields fit n draws best:
// those that minimize ‖field(θ) − draw‖², found from the nearest of 1,024 prior
// fields by the method of Nelder and Mead (1965). draws holds n fields of the
// problem in physical units. Fields of inclusions are piecewise constant in θ,
// so no gradient is used. Variables that a field does not depend on come from
// the prior field that the fit began with. The result is a function of draws
// and seed alone. The error is ctx's.
func Invert(ctx context.Context, problem problems.Parametric, draws []float64, n, threads int,
	seed uint64) ([]float64, error) {
	size := problem.Spec().XLen()
	if len(draws) != n*size {
		panic(fmt.Sprintf("certify: %d values for %d fields of %d", len(draws), n, size))
	}
	lo, hi := problem.Box()
	d := len(lo)
	library, fields := make([]float64, libraryFields*d), make([]float64, libraryFields*size)
	if err := parallel.For(ctx, threads, libraryFields, func(_, i int) error {
		problem.Latent(library[i*d:(i+1)*d], seed^libraryKey, uint64(i))
		problem.Field(fields[i*size:(i+1)*size], library[i*d:(i+1)*d])
		return nil
	}); err != nil {
		return nil, err
	}
	theta := make([]float64, n*d)
	err := parallel.For(ctx, threads, n, func(_, k int) error {
		f := fit{problem: problem, lo: lo, hi: hi, draw: draws[k*size : (k+1)*size],
			field: make([]float64, size), theta: make([]float64, d)}
		f.from(library, fields)
		copy(theta[k*d:(k+1)*d], f.best)
		return nil
	})
	return theta, err
}

// libraryKey keeps the library's fields apart from the pairs of a training
// under the same seed.
const libraryKey = 0x696e76657274 // "invert"

// fit is the search for the variables of one draw.
type fit struct {
	problem     problems.Parametric
	lo, hi      []float64
	draw        []float64
	field       []float64 // scratch
	theta       []float64 // scratch
	best        []float64
	bestSquares float64
}

// from fits from the nearest fields of a library.
func (f *fit) from(library, fields []float64) {
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
		f.descend(start)
	}
}

// descend searches from variables θ on, in units of the box.
func (f *fit) descend(start []float64) {
	d := len(start)
	at := make([]float64, d)
	for c, v := range start {
		at[c] = (v - f.lo[c]) / (f.hi[c] - f.lo[c])
	}
	// The limit of evaluations ends the search, and what it found by then
	// counts.
	_, _ = optimize.Minimize(optimize.Problem{Func: f.squares}, at,
		&optimize.Settings{FuncEvaluations: fitSteps * d, Converger: optimize.NeverTerminate{}},
		&optimize.NelderMead{SimplexSize: firstStep})
}

// squares is ‖field − draw‖² of variables in units of the box. Outside of the
// box it is that of the nearest point, with a penalty. It keeps the best.
func (f *fit) squares(at []float64) float64 {
	outside := 0.0
	for c, v := range at {
		inside := min(max(v, 0), 1)
		outside += (v - inside) * (v - inside)
		f.theta[c] = f.lo[c] + inside*(f.hi[c]-f.lo[c])
	}
	f.problem.Field(f.field, f.theta)
	s := distance(f.field, f.draw)
	if s < f.bestSquares {
		copy(f.best, f.theta)
		f.bestSquares = s
	}
	return s * (1 + 100*outside)
}

// distance is ‖a − b‖².
func distance(a, b []float64) (sum float64) {
	for k, v := range a {
		sum += (v - b[k]) * (v - b[k])
	}
	return sum
}
