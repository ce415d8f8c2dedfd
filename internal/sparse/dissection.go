package sparse

import (
	"cmp"
	"fmt"
	"slices"
)

// NestedDissection returns an elimination order for unknowns with positions in
// the plane (George 1973). A line of unknowns that cuts the domain in two is
// eliminated last, and the halves are cut in the same way. The result lists the
// unknowns in order of elimination. x and y hold one coordinate per unknown;
// several unknowns may have the same position.
//
// The cut is where the sorted coordinate passes the median. The separator
// consists of the unknowns beyond the cut that are coupled to this side. On a
// structured grid the separator is exactly a grid line. Both axes are tried,
// and the smaller separator is used. Within a separator the unknowns follow the
// line, which keeps row structures in contiguous runs.
func NestedDissection(p *Pattern, x, y []float64) []int32 {
	n := p.N()
	if len(x) != n || len(y) != n {
		panic(fmt.Sprintf("sparse: %d unknowns need as many coordinates, not %d and %d", n, len(x),
			len(y)))
	}
	d := &dissector{p: p, coord: [2][]float64{x, y}, side: make([]int8, n),
		order: make([]int32, 0, n)}
	set := make([]int32, n)
	for i := range set {
		set[i] = int32(i)
	}
	d.dissect(set)
	return d.order
}

// leafUnknowns is the size at which dissection stops: the amalgamation of
// supernodes would undo a finer cut.
const leafUnknowns = 8

type dissector struct {
	p     *Pattern
	coord [2][]float64
	side  []int8 // scratch: 0 outside the current set, 1 left, 2 right, 3 separator
	order []int32
}

// dissect appends set to the order: left half, right half, separator.
func (d *dissector) dissect(set []int32) {
	var best, trial cut
	if len(set) > leafUnknowns {
		best = d.try(set, 0)
		trial = d.try(set, 1)
		if best.left == 0 || trial.left != 0 && trial.cost() < best.cost() {
			best = trial
		}
	}
	if best.left == 0 { // the set is small, or cannot be cut
		d.sort(set, d.longAxis(set))
		d.order = append(d.order, set...)
		return
	}
	set = best.sets
	left, right, separator := set[:best.left], set[best.left:best.left+best.right],
		set[best.left+best.right:]
	d.sort(separator, d.longAxis(separator))
	d.dissect(left)
	d.dissect(right)
	d.order = append(d.order, separator...)
}

// cut is a trial: the set reordered as left, right, separator. left is 0 if
// there is none.
type cut struct {
	sets        []int32
	left, right int
}

// cost combines the size of the separator, whose dense factor dominates, with a
// small weight of the imbalance.
func (c *cut) cost() float64 {
	separator := float64(len(c.sets) - c.left - c.right)
	return separator * (1 + 0.2*float64(max(c.left, c.right))/float64(len(c.sets)))
}

// try cuts set in two across one axis.
func (d *dissector) try(set []int32, axis int) cut {
	at := d.coord[axis]
	sorted := slices.Clone(set)
	d.sort(sorted, axis)
	n := len(sorted)
	// The cut is just before a change of coordinate, at the change closest to
	// the middle.
	middle := n / 2
	lo, hi := middle, middle
	for lo > 0 && at[sorted[lo-1]] == at[sorted[middle]] {
		lo--
	}
	for hi < n && at[sorted[hi]] == at[sorted[middle]] {
		hi++
	}
	if lo == 0 || hi < n && hi-middle < middle-lo {
		lo = hi
	}
	if lo == n {
		return cut{}
	}
	for i, u := range sorted {
		d.side[u] = 1
		if i >= lo {
			d.side[u] = 2
		}
	}
	for _, u := range sorted[lo:] {
		if d.touches(u, 1) {
			d.side[u] = 3
		}
	}
	// A separator unknown without a neighbor on the right separates nothing.
	for _, u := range sorted[lo:] {
		if d.side[u] == 3 && !d.touches(u, 2) {
			d.side[u] = 1
		}
	}
	c := cut{sets: make([]int32, 0, n)}
	for side := int8(1); side <= 3; side++ {
		for _, u := range sorted {
			if d.side[u] == side {
				c.sets = append(c.sets, u)
			}
		}
		switch side {
		case 1:
			c.left = len(c.sets)
		case 2:
			c.right = len(c.sets) - c.left
		}
	}
	for _, u := range sorted {
		d.side[u] = 0
	}
	if c.left == n { // there was nothing beyond, so no cut
		return cut{}
	}
	return c
}

// touches reports whether u is coupled to an unknown on the given side.
func (d *dissector) touches(u int32, side int8) bool {
	for _, v := range d.p.Neighbors(int(u)) {
		if d.side[v] == side {
			return true
		}
	}
	return false
}

// longAxis returns the axis along which set is longer.
func (d *dissector) longAxis(set []int32) int {
	if len(set) == 0 {
		return 0
	}
	var extent [2]float64
	for axis, at := range d.coord {
		lo, hi := at[set[0]], at[set[0]]
		for _, u := range set {
			lo, hi = min(lo, at[u]), max(hi, at[u])
		}
		extent[axis] = hi - lo
	}
	if extent[1] > extent[0] {
		return 1
	}
	return 0
}

// sort orders set along one axis, then the other, then by number.
func (d *dissector) sort(set []int32, axis int) {
	a, b := d.coord[axis], d.coord[1-axis]
	slices.SortFunc(set, func(i, j int32) int {
		return cmp.Or(cmp.Compare(a[i], a[j]), cmp.Compare(b[i], b[j]), cmp.Compare(i, j))
	})
}
