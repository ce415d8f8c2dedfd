package sparse

import "fmt"

// SolveTo solves A x = b with the last factorization. x and b have one number an unknown and may be the same
// slice. It allocates nothing, and panics without a factorization or on wrong lengths.
func (f *Factor[T]) SolveTo(x, b []T) {
	s := f.s
	if !f.ok {
		panic("sparse: solve without a factorization")
	}
	if len(x) != s.n || len(b) != s.n {
		panic(fmt.Sprintf("sparse: %d unknowns, solution of %d and right-hand side of %d", s.n, len(x), len(b)))
	}
	for pos, u := range s.unknown {
		if u >= 0 {
			f.x[pos] = b[u]
		} else {
			f.x[pos] = 0
		}
	}
	for k := range s.fronts {
		f.forward(&s.fronts[k], f.x)
	}
	for k := len(s.fronts) - 1; k >= 0; k-- {
		f.backward(&s.fronts[k], f.x)
	}
	for pos, u := range s.unknown {
		if u >= 0 {
			x[u] = f.x[pos]
		}
	}
}

// forward solves L y = b in the columns of a front and takes them out of the rows below.
func (f *Factor[T]) forward(n *front, x []T) {
	panel, stride := f.panel(n)
	own := x[int(n.firstBlock)*block:][:n.cols*block]
	for j := range n.cols {
		row := panel[j*stride:]
		y := own[j*block:][:block]
		if j > 0 {
			f.k.forward(y, row, stride, own[:j*block])
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
	f.k.forward(rows, panel[n.cols*stride:], stride, own)
	for i, b := range n.rows {
		y, r := x[int(b)*block:][:block], rows[i*block:][:block]
		y[0] += r[0]
		y[1] += r[1]
		y[2] += r[2]
		y[3] += r[3]
	}
}

// backward solves D Lᵀ x = y in the columns of a front, the rows below being known.
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
			copy(rows[i*block:][:block], x[int(b)*block:])
		}
		f.k.backward(own, panel[n.cols*stride:], stride, rows)
	}
	for j := n.cols - 1; j >= 0; j-- {
		row := panel[j*stride:]
		y := own[j*block:][:block]
		l := row[j*block*block:][:block*block]
		y[2] -= l[11] * y[3]
		y[1] -= l[6]*y[2] + l[7]*y[3]
		y[0] -= l[1]*y[1] + l[2]*y[2] + l[3]*y[3]
		if j > 0 {
			f.k.backward(own[:j*block], row, stride, y)
		}
	}
}
