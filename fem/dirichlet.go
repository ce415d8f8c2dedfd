package fem

import (
	"errors"
	"fmt"
	"math"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// Fixed is one essential condition: component Component of the solution at
// point Point is Value.
type Fixed struct {
	Point, Component int
	Value            float64
}

// Dirichlet lists the essential conditions of a problem. They are satisfied
// exactly, by elimination. The order does not matter; the same condition may
// appear twice if the values agree.
type Dirichlet []Fixed

// Fix appends conditions that set one component to value at all the given
// points.
func (d *Dirichlet) Fix(points []int32, component int, value float64) {
	for _, p := range points {
		*d = append(*d, Fixed{int(p), component, value})
	}
}

// Compression returns the conditions of a block between two smooth plates: u_y
// = bottom on the side tagged mesh.Bottom, u_y = top on the side tagged
// mesh.Top, and u_x = 0 at the lower left corner, which keeps the block from
// sliding. The rest of the boundary is free of traction.
func Compression(m *mesh.Mesh, bottom, top float64) Dirichlet {
	var d Dirichlet
	below := m.Side(mesh.Bottom)
	d.Fix(below, 1, bottom)
	d.Fix(m.Side(mesh.Top), 1, top)
	if len(below) > 0 {
		corner := below[0]
		for _, p := range below {
			if m.X[p] < m.X[corner] {
				corner = p
			}
		}
		d = append(d, Fixed{int(corner), 0, 0})
	}
	return d
}

// ConstraintError reports an essential condition that is not valid.
type ConstraintError struct {
	// the condition
	Fixed Fixed
	// why it cannot hold
	Reason string
}

// Error names component, point and value of the condition, with the reason.
func (e *ConstraintError) Error() string {
	return fmt.Sprintf("fem: condition on component %d at point %d (value %v): %s",
		e.Fixed.Component, e.Fixed.Point, e.Fixed.Value, e.Reason)
}

// ModulusError reports a modulus that is not a positive, finite number.
type ModulusError struct {
	Index int // index of the point or the cell
	Value float64
}

// Error names the index of the modulus and its value.
func (e *ModulusError) Error() string {
	return fmt.Sprintf("fem: modulus %d is %v; it must be positive and finite", e.Index, e.Value)
}

// checkModuli returns a *ModulusError for the first modulus that is not
// positive and finite.
func checkModuli(moduli []float64) error {
	for i, v := range moduli {
		if !(v > 0 && v <= math.MaxFloat64) {
			return &ModulusError{i, v}
		}
	}
	return nil
}

// SingularError reports the degree of freedom at which the matrix is singular:
// the body can move there, or the numbers have overflowed. It wraps the
// *sparse.PivotError.
type SingularError struct {
	Point, Component int
	Err              error
}

// Error names the component and the point at which the factorization stopped.
func (e *SingularError) Error() string {
	return fmt.Sprintf("fem: no unique solution at component %d of point %d: %v", e.Component,
		e.Point, e.Err)
}

// Unwrap returns the *sparse.PivotError.
func (e *SingularError) Unwrap() error { return e.Err }

// locate converts a *sparse.PivotError to a *SingularError; nil stays nil.
func (l *layout) locate(err error) error {
	var pivot *sparse.PivotError
	if !errors.As(err, &pivot) {
		return err
	}
	i := int(l.degrees[pivot.Unknown])
	return &SingularError{i / l.components, i % l.components, err}
}
