package fem

import (
	"cmp"
	"slices"

	"csdm/internal/sparse"
)

// gather holds the assembly of the matrix from cells. All entries of a pair of
// points come from the same cells, and are one block of components² numbers,
// row by row, of the cell matrices.
type gather struct {
	assembly        *sparse.Assembly
	stiffness, mass []float64 // blocks of the unit matrices of all classes
}

// pairTerm is a contribution of a cell to a pair of points, p ≥ q.
type pairTerm struct {
	p, q int32
	term sparse.Term
}

// newGather lists the cells of all pairs of points. The matrix is the sum of
// the matrices of the layouts, which have the same mesh and unknowns; cell c of
// layout k has factor k·Cells + c.
func newGather(layouts ...*layout) (g gather) {
	l := layouts[0]
	var all []pairTerm
	for k, layer := range layouts {
		all = g.appendTerms(all, layer, int32(k*l.mesh.Cells()))
	}
	slices.SortStableFunc(all, func(x, y pairTerm) int {
		return cmp.Or(cmp.Compare(x.q, y.q), cmp.Compare(x.p, y.p))
	})
	terms := make([]sparse.Term, len(all))
	for k, e := range all {
		terms[k] = e.term
	}
	var sums []sparse.BlockSum
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].p == all[from].p && all[to].q == all[from].q {
			to++
		}
		if slots, free := l.slotsOf(all[from].p, all[from].q); free {
			sums = append(sums, sparse.BlockSum{Slots: slots, Terms: terms[from:to]})
		}
		from = to
	}
	g.assembly = sparse.NewAssembly(sums)
	return g
}

// appendTerms appends the contributions of the cells of a layout to the pairs
// of their points. The factor of the first cell is first.
func (g *gather) appendTerms(all []pairTerm, l *layout, first int32) []pairTerm {
	blocks := g.blocks(l.shapes, l.components)
	for c, class := range l.class {
		corners := l.mesh.Corners(c)
		for a, p := range corners {
			for b, q := range corners {
				if p >= q {
					at := (a*len(corners) + b) * l.components * l.components
					all = append(all, pairTerm{p, q, sparse.Term{Factor: first + int32(c),
						Block: blocks[class] + int32(at)}})
				}
			}
		}
	}
	return all
}

// blocks appends the blocks of the unit matrices, and returns where the blocks
// of each class begin.
func (g *gather) blocks(shapes []cellMatrices, components int) []int32 {
	var first []int32
	n := components
	for _, s := range shapes {
		first = append(first, int32(len(g.stiffness)))
		nodes := len(s.corners) / 2
		for a := range nodes {
			for b := range nodes {
				for e := range n * n {
					at := packedAt(a*n+e/n, b*n+e%n)
					g.stiffness = append(g.stiffness, s.stiffness[at])
					g.mass = append(g.mass, s.mass[at])
				}
			}
		}
	}
	return first
}

// slotsOf returns the places of the entries of a pair of points, row by row,
// and whether any is free. Both halves of a diagonal block have the same
// places. An entry of a fixed unknown has the place after the last value, which
// is never read.
func (l *layout) slotsOf(p, q int32) (slots []int32, free bool) {
	for i := range l.components {
		for j := range l.components {
			slot := l.sym.Entries()
			u, v := l.unknown[int(p)*l.components+i], l.unknown[int(q)*l.components+j]
			if u >= 0 && v >= 0 {
				slot, free = l.sym.Slot(int(u), int(v)), true
			}
			slots = append(slots, int32(slot))
		}
	}
	return slots, free
}

// sumTo sets the values of the matrix to the sums over cells of factor times
// the unit matrix with these blocks.
func (g *gather) sumTo(values, factors, blocks []float64) {
	g.assembly.SumTo(values, factors, blocks)
}
