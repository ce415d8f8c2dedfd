package sparse

import (
	"math"
	"testing"

	"csdm/rng"
)

// grid returns the pattern and coordinates of a rows×cols grid of points with
// the given number of unknowns per point, coupled to their eight neighbors.
func grid(rows, cols, unknowns int) (p *Pattern, x, y []float64) {
	start, members := []int{0}, []int32{}
	for r := range rows - 1 {
		for c := range cols - 1 {
			for _, q := range []int{r*cols + c, r*cols + c + 1, (r+1)*cols + c, (r+1)*cols + c +
				1} {
				for u := range unknowns {
					members = append(members, int32(q*unknowns+u))
				}
			}
			start = append(start, len(members))
		}
	}
	for q := range rows * cols {
		for range unknowns {
			x, y = append(x, float64(q%cols)), append(y, float64(q/cols))
		}
	}
	return NewPattern(rows*cols*unknowns, start, members), x, y
}

// scattered returns a pattern of random pairs and a few random cliques.
func scattered(r *rng.Stream, n, pairs int) *Pattern {
	start, members := []int{0}, []int32{}
	for k := range pairs {
		size := uint64(2)
		if k%7 == 0 {
			size += r.Uint64n(4)
		}
		for range size {
			members = append(members, int32(r.Uint64n(uint64(n))))
		}
		start = append(start, len(members))
	}
	return NewPattern(n, start, members)
}

// full returns the pattern of a dense matrix.
func full(n int) *Pattern {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return NewPattern(n, []int{0, n}, all)
}

// joined returns the pattern of two dense parts of n unknowns that are coupled
// to the same others. One part has an update for all of them.
func joined(n, others int) *Pattern {
	start, members := []int{0}, []int32{}
	for part := range 2 {
		for i := range n {
			members = append(members, int32(part*n+i))
		}
		for i := range others {
			members = append(members, int32(2*n+i))
		}
		start = append(start, len(members))
	}
	return NewPattern(2*n+others, start, members)
}

// analyze calls Analyze for patterns that fit.
func analyze(p *Pattern, perms ...[]int32) *Symbolic {
	s, err := Analyze(p, perms...)
	if err != nil {
		panic(err)
	}
	return s
}

func naturalOrder(n int) []int32 {
	perm := make([]int32, n)
	for i := range perm {
		perm[i] = int32(i)
	}
	return perm
}

func shuffled(r *rng.Stream, n int) []int32 {
	perm := naturalOrder(n)
	for i := n - 1; i > 0; i-- {
		j := r.Uint64n(uint64(i + 1))
		perm[i], perm[j] = perm[j], perm[i]
	}
	return perm
}

// fill sets random values: off the diagonal in [−1, 1], and on the diagonal the
// row's count plus one, with the sign that sign returns. So the matrix is
// diagonally dominant, and positive definite if all signs are positive.
func fill[T Number](s *Symbolic, p *Pattern, r *rng.Stream, number func() T,
	sign func(i int) T) []T {
	values := make([]T, s.Entries())
	for i := range p.N() {
		values[s.Slot(i, i)] = T(sign(i))
		for range p.Neighbors(i) {
			values[s.Slot(i, i)] += sign(i)
		}
		for _, j := range p.Neighbors(i) {
			if int(j) > i {
				values[s.Slot(i, int(j))] = number()
			}
		}
	}
	return values
}

// dense returns the matrix in full, row-major.
func dense[T Number](s *Symbolic, p *Pattern, values []T) []T {
	n := p.N()
	a := make([]T, n*n)
	for i := range n {
		a[i*n+i] = values[s.Slot(i, i)]
		for _, j := range p.Neighbors(i) {
			a[i*n+int(j)] = values[s.Slot(int(j), i)]
		}
	}
	return a
}

// rebuilt computes L·D·Lᵀ and converts it back to the numbering of the
// unknowns.
func rebuilt[T Number](f *Factor[T]) []T {
	s := f.s
	np := len(s.unknown)
	l := make([]T, np*np)
	for k := range s.fronts {
		n := &s.fronts[k]
		panel, stride := f.panel(n)
		for c := range n.cols * block {
			col := int(n.firstBlock)*block + c
			for t := range n.cols + len(n.rows) {
				b := int(n.firstBlock) + t
				if t >= n.cols {
					b = int(n.rows[t-n.cols])
				}
				for i := range block {
					if row := b*block + i; row > col {
						l[row*np+col] = panel[t*stride+c*block+i]
					}
				}
			}
			l[col*np+col] = 1
		}
	}
	a := make([]T, s.n*s.n)
	for i := range np {
		for j := range np {
			if s.unknown[i] < 0 || s.unknown[j] < 0 {
				continue
			}
			var sum T
			for k := range min(i, j) + 1 {
				sum += l[i*np+k] * f.d[k] * l[j*np+k]
			}
			a[int(s.unknown[i])*s.n+int(s.unknown[j])] = sum
		}
	}
	return a
}

// worst returns the largest |a − b|.
func worst[T Number](a, b []T) float64 {
	w := 0.0
	for i := range a {
		w = max(w, magnitude(a[i]-b[i]))
	}
	return w
}

const eps = 0x1p-53

// finite fails if a number is not finite.
func finite[T Number](t *testing.T, name string, x []T) {
	t.Helper()
	for _, v := range x {
		if m := magnitude(v); math.IsNaN(m) || math.IsInf(m, 0) {
			t.Fatalf("%s: not finite", name)
		}
	}
}
