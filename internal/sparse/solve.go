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
			f.k.forward(y, row[:j*block*block], own[:j*block])
		}
		l := row[j*block*block:][:block*block]
		y[1] -= l[1] * y[0]
		y[2] -= l[2]*y[0] + l[6]*y[1]
		y[3] -= l[3]*y[0] + l[7]*y[1] + l[11]*y[2]
	}
	for i, b := range n.rows {
		f.k.forward(x[int(b)*block:][:block], panel[(n.cols+i)*stride:][:stride], own)
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
	for i, b := range n.rows {
		f.k.backward(own, panel[(n.cols+i)*stride:][:stride], x[int(b)*block:][:block])
	}
	for j := n.cols - 1; j >= 0; j-- {
		row := panel[j*stride:]
		y := own[j*block:][:block]
		l := row[j*block*block:][:block*block]
		y[2] -= l[11] * y[3]
		y[1] -= l[6]*y[2] + l[7]*y[3]
		y[0] -= l[1]*y[1] + l[2]*y[2] + l[3]*y[3]
		if j > 0 {
			f.k.backward(own[:j*block], row[:j*block*block], y)
		}
	}
}
