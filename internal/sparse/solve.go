package sparse

import (
	"fmt"

	"csdm/internal/kernel"
)

// SolveTo solves A x = b with the last factorization. x and b have one number
// per unknown and may be the same slice. SolveTo allocates nothing, and panics
// without a factorization or on wrong lengths.
func (f *Factor[T]) SolveTo(x, b []T) {
	f.permuteTo(f.x, b)
	f.solve()
	f.restoreTo(x, f.x)
}

// SolveManyTo solves A x = b for several right-hand sides at once; each front
// is used for all of them while it is in cache. x[i] and b[i] are a solution
// and its right-hand side, and may be the same slice. SolveManyTo allocates
// when there are more right-hand sides than in all earlier calls.
func (f *Factor[T]) SolveManyTo(x, b [][]T) {
	if !f.ok {
		panic("sparse: solve without a factorization")
	}
	if len(x) != len(b) {
		panic(fmt.Sprintf("sparse: %d solutions for %d right-hand sides; the numbers must be equal",
			len(x), len(b)))
	}
	for len(f.many) < len(b) {
		f.many = append(f.many, make([]T, len(f.s.unknown)))
	}
	many := f.many[:len(b)]
	for i := range many {
		f.permuteTo(many[i], b[i])
	}
	for k := range f.s.fronts {
		for _, y := range many {
			f.forward(&f.s.fronts[k], y)
		}
	}
	for k := len(f.s.fronts) - 1; k >= 0; k-- {
		for _, y := range many {
			f.backward(&f.s.fronts[k], y)
		}
	}
	for i := range many {
		f.restoreTo(x[i], many[i])
	}
}

// Refine takes one step of iterative refinement of a solution x of A x = b. It
// sets residual to b − A x, adds the solution for residual to x, and returns
// the largest magnitude in residual. values are the values that were
// factorized.
func (f *Factor[T]) Refine(x, b, values, residual []T) float64 {
	f.s.check(len(residual), len(x), len(b))
	copy(residual, b)
	MultiplySubtract(f.s, residual, values, x)
	worst := 0.0
	for _, r := range residual {
		worst = max(worst, magnitude(r))
	}
	f.permuteTo(f.x, residual)
	f.solve()
	for pos, u := range f.s.unknown {
		if u >= 0 {
			x[u] += f.x[pos]
		}
	}
	return worst
}

// MultiplySubtract subtracts A x from y, where A is the matrix with the given
// values.
func MultiplySubtract[T Number](s *Symbolic, y, values, x []T) {
	s.check(len(y), len(x))
	for pos, u := range s.unknown {
		if u < 0 {
			continue
		}
		from, to := s.slots.ptr[pos], s.slots.ptr[pos+1]
		others := s.slots.other[from:to]
		column := values[from:to][:len(others)]
		xu := x[u]
		sum := column[0] * xu // the diagonal comes first
		for k := 1; k < len(others); k++ {
			v := others[k]
			sum += column[k] * x[v]
			y[v] -= column[k] * xu
		}
		y[u] -= sum
	}
}

// Inertia returns the numbers of positive and of negative pivots of the last
// factorization, which are the numbers of positive and negative eigenvalues
// (Sylvester's theorem of inertia). It panics for complex matrices, for which
// they are not defined.
func (f *Factor[T]) Inertia() (positive, negative int) {
	d, real := any(f.d).([]float64)
	if !real || !f.ok {
		panic("sparse: inertia needs the factorization of a real matrix")
	}
	for pos, u := range f.s.unknown {
		switch {
		case u < 0: // padding
		case d[pos] > 0:
			positive++
		default:
			negative++
		}
	}
	return positive, negative
}

// check panics unless all lengths are the number of unknowns.
func (s *Symbolic) check(lengths ...int) {
	for _, n := range lengths {
		if n != s.n {
			panic(fmt.Sprintf("sparse: a vector of length %d for %d unknowns; they must be equal",
				n, s.n))
		}
	}
}

// permuteTo permutes a right-hand side into elimination order, with zeros as
// padding.
func (f *Factor[T]) permuteTo(y, b []T) {
	f.s.check(len(b))
	for pos, u := range f.s.unknown {
		if u >= 0 {
			y[pos] = b[u]
		} else {
			y[pos] = 0
		}
	}
}

// restoreTo is the inverse of permuteTo.
func (f *Factor[T]) restoreTo(x, y []T) {
	f.s.check(len(x))
	for u, pos := range f.s.position {
		x[u] = y[pos]
	}
}

// solve solves in elimination order.
func (f *Factor[T]) solve() {
	if !f.ok {
		panic("sparse: solve without a factorization")
	}
	for k := range f.s.fronts {
		f.forward(&f.s.fronts[k], f.x)
	}
	f.backSubstitute()
}

// backSubstitute solves D Lᵀ x = y from the root to the leaves.
func (f *Factor[T]) backSubstitute() {
	for k := len(f.s.fronts) - 1; k >= 0; k-- {
		if k > 0 { // the processor does not foresee a walk backward
			next, _ := f.panel(&f.s.fronts[k-1])
			kernel.Prefetch(next)
		}
		f.backward(&f.s.fronts[k], f.x)
	}
}

// forward solves L y = b in the columns of a front and subtracts them from the
// rows below.
func (f *Factor[T]) forward(n *front, x []T) {
	panel, stride := f.panel(n)
	own := x[int(n.firstBlock)*block:][:n.cols*block]
	for j := range n.cols {
		row := panel[j*stride:]
		y := own[j*block:][:block]
		if j > 0 {
			f.k.forward(y, strided(row, stride), own[:j*block])
		}
		l := row[j*block*block:][:block*block]
		y[1] -= l[1] * y[0]
		y[2] -= l[2]*y[0] + l[6]*y[1]
		y[3] -= l[3]*y[0] + l[7]*y[1] + l[11]*y[2]
	}
	if len(n.rows) == 0 {
		return
	}
	rows := f.rows[:len(n.rows)*block]
	clear(rows)
	f.k.forward(rows, strided(panel[n.cols*stride:], stride), own)
	for i, b := range n.rows {
		y, r := x[int(b)*block:][:block], rows[i*block:][:block]
		y[0] += r[0]
		y[1] += r[1]
		y[2] += r[2]
		y[3] += r[3]
	}
}

// backward solves D Lᵀ x = y in the columns of a front; the rows below are
// already solved.
func (f *Factor[T]) backward(n *front, x []T) {
	panel, stride := f.panel(n)
	at := int(n.firstBlock) * block
	own := x[at:][:n.cols*block]
	for j, v := range f.inv[at:][:len(own)] {
		own[j] *= v
	}
	if len(n.rows) > 0 {
		rows := f.rows[:len(n.rows)*block]
		for i, b := range n.rows {
			r, y := rows[i*block:][:block], x[int(b)*block:][:block]
			r[0], r[1], r[2], r[3] = y[0], y[1], y[2], y[3]
		}
		f.k.backward(own, strided(panel[n.cols*stride:], stride), rows)
	}
	for j := n.cols - 1; j >= 0; j-- {
		row := panel[j*stride:]
		y := own[j*block:][:block]
		l := row[j*block*block:][:block*block]
		y[2] -= l[11] * y[3]
		y[1] -= l[6]*y[2] + l[7]*y[3]
		y[0] -= l[1]*y[1] + l[2]*y[2] + l[3]*y[3]
		if j > 0 {
			f.k.backward(own[:j*block], strided(row, stride), y)
		}
	}
}
