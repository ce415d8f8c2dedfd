package sparse

import (
	"fmt"
	"math"
	"slices"
)

// Symbolic holds everything about the factorization of one pattern that does
// not depend on values. It is read-only after Analyze and shared by any number
// of Factors.
//
// Positions are padded places in elimination order: supernode s owns the blocks
// [firstBlock[s], firstBlock[s+1]) of four positions each, and the last block
// may contain identity padding.
type Symbolic struct {
	n        int     // unknowns
	position []int32 // position of each unknown
	unknown  []int32 // unknown at each position; −1 for padding

	// supernodes in postorder: children come before their parent
	fronts []front
	// where the entries of A go
	slots slots

	factorLen int // numbers in all panels
	updateLen int // numbers in the memory for updates
	maxRows   int // largest number of row blocks of a panel
	maxCols   int // largest number of column blocks

	// size of the factorization
	stats Stats
}

// front is one supernode: its panel, its update, and the place of the update in
// the parent.
//
// The panel holds (cols+len(rows)) row tiles of 4 × 4·cols numbers: first the
// diagonal block and then the rows below it. The update holds len(rows) row
// tiles of 4 × 4·len(rows) numbers, of which the lower blocks are used.
type front struct {
	firstBlock int32   // first own block
	cols       int     // own blocks
	rows       []int32 // blocks below, ascending
	padding    int     // identity unknowns at the end of the own blocks
	panel      int     // offset of the panel in the factor
	update     int     // offset of the update in the update memory
	slots      [2]int  // range of the values that are assembled into the panel
	// fronts whose updates this one collects
	children []int32
	runs     []run // places of the rows of the update in the parent's front
}

// run maps the row blocks [from, from+count) of a child to the blocks [to,
// to+count) of the parent's front, whose own columns come first.
type run struct{ from, to, count int }

// slots is the compact storage of the lower triangle of A, in the order in
// which the factorization reads it.
type slots struct {
	ptr   []int   // range of each position's column
	row   []int32 // position of the row, ascending within a column, the diagonal first
	other []int32 // the unknown at that position
	place []int32 // offset in the panel of the front
}

// Stats holds the size of a factorization.
type Stats struct {
	// order of the matrix
	Unknowns  int
	Entries   int // of the lower triangle of A, diagonal included
	FactorNNZ int // of L before amalgamation and padding, diagonal included
	FactorLen int // numbers stored for L, with all zeros
	UpdateLen int // numbers stored for updates
	Fronts    int // supernodes
	// Additions and multiplications of the sparse factorization, Σ (column
	// count)².
	Flops      float64
	PanelFlops float64 // the same including all zeros: the work that is done
}

// Stats returns the size of the factorization.
func (s *Symbolic) Stats() Stats { return s.stats }

// N returns the number of unknowns.
func (s *Symbolic) N() int { return s.n }

// Entries returns the length of the values for Factorize.
func (s *Symbolic) Entries() int { return len(s.slots.row) }

// Slot returns the index of entry (i, j), which is the same as of (j, i), among
// the values. It panics if the entry is not in the pattern.
func (s *Symbolic) Slot(i, j int) int {
	r, c := s.position[i], s.position[j]
	if r < c {
		r, c = c, r
	}
	from := s.slots.ptr[c]
	k, found := slices.BinarySearch(s.slots.row[from:s.slots.ptr[c+1]], r)
	if !found {
		panic(fmt.Sprintf("sparse: entry (%d, %d) is not in the pattern", i, j))
	}
	return from + k
}

// SizeError reports that the factorization of a matrix would not fit an address
// space, because its order causes too much fill or the matrix does not belong
// to a plane mesh.
type SizeError struct {
	Front   int     // unknowns in the largest dense front found
	Numbers float64 // numbers in the panels found
}

// Error gives the size of the largest front and of the factor.
func (e *SizeError) Error() string {
	return fmt.Sprintf("sparse: the factorization has a dense front of %d unknowns and at least "+
		"%.3g numbers, which is too large: use a coarser mesh", e.Front, e.Numbers)
}

// Analyze prepares the factorization of matrices with pattern p. It uses the
// one of the given orders that needs the fewest operations (perm[k] is the k-th
// unknown), up to changes that do not affect the fill. The error is a
// *SizeError. A factorization that fits an address space may still not fit the
// machine; Stats returns the memory that NewFactor needs. Analyze panics if an
// order is not a permutation, or if there is none.
func Analyze(p *Pattern, perms ...[]int32) (*Symbolic, error) {
	var best tree
	for k, perm := range perms {
		if t := newTree(p, perm); k == 0 || t.flops < best.flops {
			best = t
		}
	}
	if len(perms) == 0 {
		panic("sparse: Analyze needs at least one order")
	}
	s := &Symbolic{n: p.N()}
	for _, c := range best.counts {
		s.stats.FactorNNZ += int(c)
	}
	s.stats.Flops = best.flops
	nodes := amalgamate(fundamentalSupernodes(best.parent, best.counts))
	if err := checkSize(nodes); err != nil {
		return nil, err
	}
	s.layOut(nodes, best.perm)
	s.rowStructures(p)
	s.placeValues(p)
	s.planUpdates()
	s.stats.Unknowns, s.stats.Entries = s.n, len(s.slots.row)
	s.stats.FactorLen, s.stats.UpdateLen, s.stats.Fronts = s.factorLen, s.updateLen, len(s.fronts)
	return s, nil
}

// tree is an order that is a postorder of its elimination tree, with the tree
// and the column counts of L.
type tree struct {
	// order, parent of each position (−1: a root), and length of each column of
	// L
	perm, parent, counts []int32
	// Σ (column count)²
	flops float64
}

// newTree postorders the elimination tree of an order. A postorder has the same
// fill, and makes the columns of a supernode consecutive (Liu 1990).
func newTree(p *Pattern, perm []int32) (t tree) {
	n := p.N()
	parent := eliminationTree(p, perm, invert(perm, n))
	t.perm = compose(perm, postorder(parent))
	position := invert(t.perm, n)
	t.parent = eliminationTree(p, t.perm, position)
	t.counts = columnCounts(p, t.perm, position, t.parent)
	for _, c := range t.counts {
		t.flops += float64(c) * float64(c)
	}
	return t
}

// checkSize limits the storage of fronts: places in a panel are int32, and
// bytes of panels and updates are int. Columns are rounded up to blocks, and
// each row may be alone in its block.
func checkSize(nodes []supernode) error {
	const size = 16 // bytes of a complex number
	widest, all := 0, 0.0
	for _, n := range nodes {
		c, r := float64(len(n.columns)+block), float64(block*n.rows)
		all += c * (c + r)
		widest = max(widest, len(n.columns)+n.rows)
		if c*(c+r) > math.MaxInt32 || r*r > math.MaxInt/size || all > math.MaxInt/size {
			return &SizeError{widest, all}
		}
	}
	return nil
}

// invert returns the position of each unknown in an order. It panics if the
// order is no permutation of n.
func invert(perm []int32, n int) []int32 {
	if len(perm) != n {
		panic(fmt.Sprintf("sparse: an order of %d for %d unknowns; the numbers must be equal",
			len(perm), n))
	}
	position := make([]int32, n)
	for i := range position {
		position[i] = -1
	}
	for k, u := range perm {
		if u < 0 || int(u) >= n || position[u] != -1 {
			panic(fmt.Sprintf("sparse: the order is not a permutation at %d", k))
		}
		position[u] = int32(k)
	}
	return position
}

// compose returns first[then[k]].
func compose(first, then []int32) []int32 {
	out := make([]int32, len(first))
	for k := range out {
		out[k] = first[then[k]]
	}
	return out
}

// layOut assigns blocks to the supernodes and positions to the unknowns.
func (s *Symbolic) layOut(nodes []supernode, perm []int32) {
	s.position = make([]int32, s.n)
	s.fronts = make([]front, len(nodes))
	for k, node := range nodes {
		f := &s.fronts[k]
		f.firstBlock = int32(len(s.unknown) / block)
		f.cols = (len(node.columns) + block - 1) / block
		f.padding = f.cols*block - len(node.columns)
		for _, j := range node.columns {
			s.position[perm[j]] = int32(len(s.unknown))
			s.unknown = append(s.unknown, perm[j])
		}
		for range f.padding {
			s.unknown = append(s.unknown, -1)
		}
	}
}

// owner returns the front of each block.
func (s *Symbolic) owner() []int32 {
	owner := make([]int32, len(s.unknown)/block)
	for k := range s.fronts {
		f := &s.fronts[k]
		for b := range f.cols {
			owner[int(f.firstBlock)+b] = int32(k)
		}
	}
	return owner
}

// rowStructures finds the row blocks of each front, its parent, and its place
// in the parent. The rows of a front are the rows of A in its columns and the
// rows of its children, without its own columns.
func (s *Symbolic) rowStructures(p *Pattern) {
	owner := s.owner()
	mark := make([]int32, len(owner))
	for b := range mark {
		mark[b] = -1
	}
	local := make([]int, len(owner)) // block → index within a front
	for k := range s.fronts {
		f := &s.fronts[k]
		end := f.firstBlock + int32(f.cols)
		add := func(b int32) {
			if b >= end && mark[b] != int32(k) {
				mark[b] = int32(k)
				f.rows = append(f.rows, b)
			}
		}
		for pos := f.firstBlock * block; pos < end*block; pos++ {
			if u := s.unknown[pos]; u >= 0 {
				for _, v := range p.Neighbors(int(u)) {
					add(s.position[v] / block)
				}
			}
		}
		for _, c := range f.children {
			for _, b := range s.fronts[c].rows {
				add(b)
			}
		}
		slices.Sort(f.rows)
		if len(f.rows) > 0 {
			q := &s.fronts[owner[f.rows[0]]]
			q.children = append(q.children, int32(k))
		}
		// Place of the children's rows in this front.
		for b := range f.cols {
			local[int(f.firstBlock)+b] = b
		}
		for i, b := range f.rows {
			local[b] = f.cols + i
		}
		for _, c := range f.children {
			child := &s.fronts[c]
			for i, b := range child.rows {
				to := local[b]
				// The panel and the update are separate memories, so no run
				// extends across.
				if last := len(child.runs) - 1; last >= 0 &&
					child.runs[last].to+child.runs[last].count == to && to != f.cols {
					child.runs[last].count++
				} else {
					child.runs = append(child.runs, run{i, to, 1})
				}
			}
		}
		f.panel = s.factorLen
		s.factorLen += f.panelLen()
		s.maxRows = max(s.maxRows, f.cols+len(f.rows))
		s.maxCols = max(s.maxCols, f.cols)
		c, r := float64(f.cols*block), float64(len(f.rows)*block)
		s.stats.PanelFlops += frontFlops(c, r)
	}
}

// placeValues lists the entries of the lower triangle of A column by column,
// with their places in the panels.
func (s *Symbolic) placeValues(p *Pattern) {
	s.slots.ptr = make([]int, len(s.unknown)+1)
	entries := s.n + len(p.adj)/2
	s.slots.row = make([]int32, 0, entries)
	s.slots.place = make([]int32, 0, entries)
	local := make([]int32, len(s.unknown)/block)
	for k := range s.fronts {
		f := &s.fronts[k]
		for b := range f.cols {
			local[int(f.firstBlock)+b] = int32(b)
		}
		for i, b := range f.rows {
			local[b] = int32(f.cols + i)
		}
		f.slots[0] = len(s.slots.row)
		for c := range f.cols * block {
			pos := f.firstBlock*block + int32(c)
			from := len(s.slots.row)
			if u := s.unknown[pos]; u >= 0 {
				s.slots.row = append(s.slots.row, pos)
				for _, v := range p.Neighbors(int(u)) {
					if s.position[v] > pos {
						s.slots.row = append(s.slots.row, s.position[v])
					}
				}
				slices.Sort(s.slots.row[from:])
			}
			for _, r := range s.slots.row[from:] {
				tile := int(local[r/block])
				s.slots.other = append(s.slots.other, s.unknown[r])
				s.slots.place = append(s.slots.place,
					int32(tile*f.panelStride()+c*block+int(r%block)))
			}
			s.slots.ptr[pos+1] = len(s.slots.row)
		}
		f.slots[1] = len(s.slots.row)
	}
}

// planUpdates assigns a fixed place to each update, first-fit, for the time
// from its own front to its parent's.
func (s *Symbolic) planUpdates() {
	type hole struct{ from, to int }
	free := []hole{{0, math.MaxInt}}
	release := func(from, n int) {
		k, _ := slices.BinarySearchFunc(free, from, func(h hole, at int) int { return h.from - at })
		free = slices.Insert(free, k, hole{from, from + n})
		if k+1 < len(free) && free[k].to == free[k+1].from {
			free[k].to = free[k+1].to
			free = slices.Delete(free, k+1, k+2)
		}
		if k > 0 && free[k-1].to == free[k].from {
			free[k-1].to = free[k].to
			free = slices.Delete(free, k, k+1)
		}
	}
	for k := range s.fronts {
		f := &s.fronts[k]
		if n := f.updateLen(); n > 0 {
			for h := range free {
				if free[h].to-free[h].from >= n {
					f.update = free[h].from
					free[h].from += n
					if free[h].from == free[h].to {
						free = slices.Delete(free, h, h+1)
					}
					break
				}
			}
			s.updateLen = max(s.updateLen, f.update+n)
		}
		for _, c := range f.children {
			if n := s.fronts[c].updateLen(); n > 0 {
				release(s.fronts[c].update, n)
			}
		}
	}
}

// tileStride returns the distance of row tiles of n blocks. Tiles of many
// blocks begin at odd multiples of 64 bytes from each other, a line of a cache.
// At a power of two, products would read several tiles through the same few
// places of the cache.
func tileStride(n int) int {
	if n >= groupBlocks {
		return n*block*block + 8
	}
	return n * block * block
}

// panelStride returns the distance of the row tiles of the panel.
func (f *front) panelStride() int { return tileStride(f.cols) }

// panelLen returns the size of the panel.
func (f *front) panelLen() int { return (f.cols + len(f.rows)) * f.panelStride() }

// updateStride returns the distance of the row tiles of the update.
func (f *front) updateStride() int { return tileStride(len(f.rows)) }

// updateLen returns the size of the update: every row tile is as wide as the
// last.
func (f *front) updateLen() int { return len(f.rows) * f.updateStride() }
