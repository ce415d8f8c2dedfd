package sparse

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// NestedDissection returns an elimination order for unknowns with positions in
// the plane (George 1973). A line of unknowns that cuts the domain in two is
// eliminated last, and the halves are cut in the same way. The result lists the
// unknowns in order of elimination. x and y hold one coordinate per unknown;
// several unknowns may have the same position.
//
// A cut is tried at three positions of each axis: where the sorted coordinate
// passes two, 2.5 and three fifths of the unknowns. The separator consists of
// the unknowns beyond the cut that are coupled to this side. On a structured
// grid the separator is exactly a grid line. The cut with the fewest estimated
// operations is used: they depend on the separator, and on the numbers of
// unknowns around each part, which are eliminated later. A part at the edge of
// the domain has fewer around it, and may be larger. Within a separator the
// unknowns follow the line, which keeps row structures in contiguous runs.
func NestedDissection(p *Pattern, x, y []float64) []int32 {
	n := p.N()
	if len(x) != n || len(y) != n {
		panic(fmt.Sprintf("sparse: %d unknowns need as many coordinates, not %d and %d", n, len(x),
			len(y)))
	}
	d := &dissector{p: p, coord: [2][]float64{x, y}, side: make([]int8, n),
		mark: make([]int32, n), order: make([]int32, 0, n)}
	set := make([]int32, n)
	for i := range set {
		set[i] = int32(i)
	}
	d.dissect(set, 0)
	return d.order
}

// leafUnknowns is the size at which dissection stops: the amalgamation of
// supernodes would undo a finer cut.
const leafUnknowns = 8

// dissector orders the unknowns by their coordinates.
type dissector struct {
	// graph of the matrix
	p *Pattern
	// x and y of each unknown
	coord [2][]float64
	side  []int8  // scratch: 0 outside the current set, 1 left, 2 right, 3 separator
	mark  []int32 // scratch: stamps
	stamp int32
	order []int32
}

// dissect appends set to the order: left half, right half, separator. around is
// the number of unknowns outside that the set is coupled to.
func (d *dissector) dissect(set []int32, around int) {
	var best cut
	if len(set) > leafUnknowns {
		for axis, at := range d.coord {
			sorted := slices.Clone(set)
			d.sort(sorted, axis)
			last := 0
			for _, share := range []float64{0.4, 0.5, 0.6} {
				from := changeNear(at, sorted, int(share*float64(len(set))))
				if from == last {
					continue
				}
				last = from
				trial := d.try(sorted, from, around)
				if trial.left > 0 && (best.left == 0 || trial.cost < best.cost) {
					best = trial
				}
			}
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
	d.dissect(left, best.aroundLeft)
	d.dissect(right, best.aroundRight)
	d.order = append(d.order, separator...)
}

// cut is a trial: the set reordered as left, right, separator. left is 0 if
// there is none.
type cut struct {
	sets                    []int32
	left, right             int
	aroundLeft, aroundRight int     // unknowns that each part is coupled to
	cost                    float64 // estimated operations
}

// changeNear returns the place in sorted, closest to middle, at which the
// coordinate changes; len(sorted) if there is none.
func changeNear(at []float64, sorted []int32, middle int) int {
	lo, hi := middle, middle
	for lo > 0 && at[sorted[lo-1]] == at[sorted[middle]] {
		lo--
	}
	for hi < len(sorted) && at[sorted[hi]] == at[sorted[middle]] {
		hi++
	}
	if lo == 0 || hi < len(sorted) && hi-middle < middle-lo {
		return hi
	}
	return lo
}

// try cuts a sorted set in two just before place from.
func (d *dissector) try(sorted []int32, from, around int) cut {
	n := len(sorted)
	if from == n {
		return cut{}
	}
	for i, u := range sorted {
		d.side[u] = 1
		if i >= from {
			d.side[u] = 2
		}
	}
	for _, u := range sorted[from:] {
		if d.touches(u, 1) {
			d.side[u] = 3
		}
	}
	// A separator unknown without a neighbor on the right separates nothing.
	for _, u := range sorted[from:] {
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
	c.aroundLeft = d.around(c.sets[:c.left], 1)
	c.aroundRight = d.around(c.sets[c.left:c.left+c.right], 2)
	for _, u := range sorted {
		d.side[u] = 0
	}
	if c.left == n { // there was nothing beyond, so no cut
		return cut{}
	}
	c.cost = frontFlops(float64(n-c.left-c.right), float64(around)) +
		dissectionFlops(c.left, c.aroundLeft) + dissectionFlops(c.right, c.aroundRight)
	return c
}

// frontFlops returns the operations of a dense front of the given numbers of
// columns and of rows below.
func frontFlops(columns, rows float64) float64 {
	return columns * (columns*columns/3 + columns*rows + rows*rows)
}

// dissectionFlops estimates the operations for a part of n unknowns that is
// coupled to around others. It takes each separator to have √(1.5 n) unknowns,
// between the √n of a square with one unknown per point and the √(2n) with two.
// Each half then has half of the unknowns around, and the separator.
func dissectionFlops(n, around int) float64 {
	total, parts := 0.0, 1.0
	size, rows := float64(n), float64(around)
	for ; size > leafUnknowns; parts *= 2 {
		separator := math.Sqrt(1.5 * size)
		total += parts * frontFlops(separator, rows)
		size, rows = (size-separator)/2, rows/2+separator
	}
	return total + parts*frontFlops(size, rows)
}

// around returns the number of unknowns that a set is coupled to, where side
// marks its own.
func (d *dissector) around(set []int32, side int8) int {
	d.stamp++
	n := 0
	for _, u := range set {
		for _, v := range d.p.Neighbors(int(u)) {
			if d.side[v] != side && d.mark[v] != d.stamp {
				d.mark[v] = d.stamp
				n++
			}
		}
	}
	return n
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
