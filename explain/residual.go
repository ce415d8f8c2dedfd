package explain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
)

// ErrNoForward reports that a measurement cannot be predicted from a field: the
// problem has only pairs, or the standard deviation of its noise is not known.
var ErrNoForward = errors.New("no prediction of the measurement")

// Residual is the part of a measurement that a posterior does not explain, in
// standard deviations of the noise.
//
// It has the shape of y.
type Residual struct {
	Shape  Shape
	Values []float64 // median over the draws at each value of y; NaN: not measured
	Misfit []float64 // χ² per value of each draw
}

// Spread returns the residual on planes of rows × cols, for a picture. The test
// of novelty reads only some rows and columns of large measurements; each of
// its values stands for the ones left out after it.
func (r *Residual) Spread(rows, cols int) []float64 {
	s := r.Shape
	if s.Rows == rows && s.Cols == cols {
		return r.Values
	}
	down, across := (rows+s.Rows-1)/s.Rows, (cols+s.Cols-1)/s.Cols
	out := make([]float64, 0, s.Channels*rows*cols)
	for c := range s.Channels {
		for i := range rows {
			for j := range cols {
				out = append(out, r.Values[(c*s.Rows+i/down)*s.Cols+j/across])
			}
		}
	}
	return out
}

// ShapeOf returns the shape of a problem's measurements.
func ShapeOf(s *problems.Spec) Shape { return Shape{s.YChannels, s.Rows, s.Cols} }

// HasForward reports whether the measurement of a problem can be predicted from
// its field alone, in a known noise.
func HasForward(problem problems.Problem) bool {
	if problem == nil || !hasNoise(problem) {
		return false
	}
	g, err := problem.NewGenerator()
	if err != nil {
		return false
	}
	_, ok := g.(problems.Forwarder)
	if c, closes := g.(io.Closer); closes {
		_ = c.Close() // nothing was written
	}
	return ok
}

// hasNoise reports whether the noise of a problem can be standardized: its
// standard deviation is known at each value.
func hasNoise(problem problems.Problem) bool {
	v := make([]float64, problem.Spec().YLen())
	return priors.Standardize(problem.Measurement(), make([]float64, len(v)), v, v)
}

// OfDraws returns the residual of a measurement y from draws of its field, one
// after the other, all in physical units. It clips draws to the range of the
// prior, because a forward model may not exist outside of it. The error is
// ErrNoForward or an error of the forward model.
//
// Each draw costs one forward solve. The median over draws is taken at each
// value; a mean would follow one bad draw.
func OfDraws(ctx context.Context, problem problems.Problem, y, draws []float64,
	threads int) (*Residual, error) {
	spec := problem.Spec()
	n := spec.XLen()
	if len(y) != spec.YLen() || len(draws) == 0 || len(draws)%n != 0 {
		panic(fmt.Sprintf("explain: %d values of y and %d of x for %s", len(y), len(draws),
			spec.Name))
	}
	if !hasNoise(problem) {
		return nil, ErrNoForward
	}
	return predictions{problem, len(draws) / n,
		func(g problems.Generator, r []float64, i int) error {
			forward, ok := g.(problems.Forwarder)
			if !ok {
				return ErrNoForward
			}
			x := slices.Clone(draws[i*n : (i+1)*n])
			for k, v := range x {
				r := spec.RangeAt(k)
				x[k] = min(max(v, r.Min), r.Max)
			}
			return forward.Forward(r, x)
		}}.residual(ctx, y, threads)
}

// OfVariables returns the residual of a measurement y (physical units) from n
// rows of the variables θ behind a field. It also serves problems whose
// measurement depends on variables that the field does not show, such as model
// error. The error is ErrNoForward if the problem's generators are no
// Simulators, or an error of the forward model.
//
// It serves certified draws, whose variables are known.
func OfVariables(ctx context.Context, problem problems.Problem, y, theta []float64, n,
	threads int) (*Residual, error) {
	spec := problem.Spec()
	d := len(theta) / max(n, 1)
	if len(y) != spec.YLen() || n < 1 || len(theta) != n*d {
		panic(fmt.Sprintf("explain: %d values of y and %d variables in %d rows for %s", len(y),
			len(theta), n, spec.Name))
	}
	if !hasNoise(problem) {
		return nil, ErrNoForward
	}
	return predictions{problem, n,
		func(g problems.Generator, r []float64, i int) error {
			simulator, ok := g.(problems.Simulator)
			if !ok {
				return ErrNoForward
			}
			return simulator.Simulate(make([]float64, spec.XLen()), r, theta[i*d:(i+1)*d])
		}}.residual(ctx, y, threads)
}

// predictions is count predictions of a measurement. Function predict sets r to
// prediction i.
type predictions struct {
	problem problems.Problem
	count   int
	predict func(g problems.Generator, r []float64, i int) error
}

// residual returns the residual of y from the predictions.
//
// It holds count × n_Y numbers.
func (p predictions) residual(ctx context.Context, y []float64, threads int) (*Residual, error) {
	problem, count, predict := p.problem, p.count, p.predict
	size := problem.Spec().YLen()
	generators := make([]problems.Generator, threads)
	defer func() { CloseAll(generators) }()
	all := make([]float64, count*size)
	err := parallel.For(ctx, threads, count, func(worker, i int) (err error) {
		if generators[worker] == nil {
			if generators[worker], err = problem.NewGenerator(); err != nil {
				return err
			}
		}
		r := all[i*size : (i+1)*size]
		if err := predict(generators[worker], r, i); err != nil {
			return fmt.Errorf("explain: draw %d: %w", i, err)
		}
		priors.Standardize(problem.Measurement(), r, y, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return medianOf(all, ShapeOf(problem.Spec())), nil
}

// medianOf returns the residual of draws from the residuals of the single
// draws, which all holds one after the other.
func medianOf(all []float64, s Shape) *Residual {
	size := s.Len()
	count := len(all) / size
	r := &Residual{Shape: s, Values: make([]float64, size)}
	for i := range count {
		chi2, _ := misfit(all[i*size:(i+1)*size], s)
		r.Misfit = append(r.Misfit, chi2)
	}
	column := make([]float64, count)
	for k := range size {
		if priors.Missing(all[k]) { // not measured
			r.Values[k] = all[k]
			continue
		}
		for i := range column {
			column[i] = all[i*size+k]
		}
		r.Values[k] = median(column)
	}
	return r
}

// median returns the median of v and sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// CloseAll closes the generators that implement io.Closer. It skips nil ones.
func CloseAll(generators []problems.Generator) {
	for _, g := range generators {
		if c, ok := g.(io.Closer); ok {
			_ = c.Close() // nothing was written
		}
	}
}
