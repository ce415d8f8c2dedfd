package sparse

import (
	"fmt"
	"math"
	"math/cmplx"

	"csdm/internal/kernel"
)

// PivotError reports a pivot that elimination cannot divide by: zero up to
// rounding, or not a finite number. A body that is free to move causes one, and
// so does a modulus of zero.
type PivotError struct {
	Unknown int     // unknown of the pivot
	Value   float64 // magnitude of the pivot
	Scale   float64 // magnitude of the diagonal entry of the matrix it came from
}

// Error gives the pivot beside the diagonal entry that elimination reduced to
// it: their ratio shows how much cancelled.
func (e *PivotError) Error() string {
	return fmt.Sprintf("sparse: pivot %.3g of unknown %d, from a diagonal entry of %.3g: the "+
		"matrix is singular or not finite", e.Value, e.Unknown, e.Scale)
}

// pivotTolerance returns the size of a pivot, relative to its original diagonal
// entry, below which the pivot counts as zero. If a body can move, its last
// pivot consists of the errors of all n unknowns, because all take part in the
// motion. These were up to 3·n·2⁻⁵³, on meshes of 16×16 to 256×256 points, in
// plane stress and strain, with moduli that differ by up to 1000. In well-posed
// problems all pivots were above 1e-8 on the same meshes, and above 2e-10 in a
// cantilever 200 times as long as high at ν = 0.4999.
func pivotTolerance(n int) float64 { return max(1e-12, 16*float64(n)*0x1p-53) }

// Factor holds one factorization P A Pᵀ = L D Lᵀ at a time. It belongs to one
// goroutine.
type Factor[T Number] struct {
	// shared, read only
	s *Symbolic
	// products of 4×4 tiles
	k      kernels[T]
	zero   float64 // pivotTolerance
	panels []T     // L, unit diagonal not meaningful
	// Schur complements that wait for their parent
	updates []T
	d, inv  []T   // D and its inverse, by position
	scaled  []T   // scratch: one tile of L·D
	rows    []T   // scratch: right-hand sides of the rows of one front
	x       []T   // scratch: a permuted right-hand side
	many    [][]T // scratch: several right-hand sides
	// panels and d belong to one matrix
	ok bool
}

// NewFactor returns storage for factorizations with the structure s.
func NewFactor[T Number](s *Symbolic) *Factor[T] {
	return &Factor[T]{
		s: s, k: kernelsOf[T](), zero: pivotTolerance(s.n),
		panels:  kernel.OnHugePages(make([]T, s.factorLen)),
		updates: kernel.OnHugePages(make([]T, s.updateLen)),
		d:       make([]T, len(s.unknown)), inv: make([]T, len(s.unknown)),
		scaled: make([]T, s.maxCols*block*block), rows: make([]T, s.maxRows*block),
		x: make([]T, len(s.unknown)),
	}
}

// Symbolic returns the structure that f factorizes.
func (f *Factor[T]) Symbolic() *Symbolic { return f.s }

// Factorize computes L and D of the matrix whose entries are values, indexed by
// Symbolic.Slot. It does not change values. The error is a *PivotError.
// Factorize allocates nothing unless it fails, and panics on a wrong length.
func (f *Factor[T]) Factorize(values []T) error { return f.factorize(values, false) }

// FactorizeAndSolveTo factorizes A and solves A x = b at once. It saves a pass
// over L, because each front is used for the forward substitution while it is
// in cache. x and b may be the same slice.
func (f *Factor[T]) FactorizeAndSolveTo(x, b, values []T) error {
	f.permuteTo(f.x, b)
	if err := f.factorize(values, true); err != nil {
		return err
	}
	f.backSubstitute()
	f.restoreTo(x, f.x)
	return nil
}

// factorize eliminates the fronts from the leaves of the tree to its root (Duff
// and Reid 1983). A front collects its entries of A and the updates of its
// children, eliminates its own unknowns, and leaves the Schur complement of the
// others as its update. With forward it also substitutes in f.x.
func (f *Factor[T]) factorize(values []T, forward bool) error {
	s := f.s
	if len(values) != s.Entries() {
		panic(fmt.Sprintf("sparse: %d values for %d entries; the numbers must be equal",
			len(values), s.Entries()))
	}
	f.ok = false
	for k := range s.fronts {
		n := &s.fronts[k]
		f.assemble(n, values)
		for _, c := range n.children {
			f.extendAdd(n, &s.fronts[c], true)
		}
		if err := f.eliminate(n); err != nil {
			return err
		}
		// The product has set the update, so it need not be cleared.
		for _, c := range n.children {
			f.extendAdd(n, &s.fronts[c], false)
		}
		if forward {
			f.forward(n, f.x)
		}
	}
	f.ok = true
	return nil
}

// panel returns the storage of the panel of a front, and the length of its row
// tiles.
func (f *Factor[T]) panel(n *front) (panel []T, stride int) {
	return f.panels[n.panel:][:n.panelLen()], n.panelStride()
}

// update returns the storage of the update of a front, and the length of its
// row tiles.
func (f *Factor[T]) update(n *front) (update []T, stride int) {
	return f.updates[n.update:][:n.updateLen()], n.updateStride()
}

// assemble sets the panel of a front to the entries of A in its columns, with
// the identity in its padding.
func (f *Factor[T]) assemble(n *front, values []T) {
	panel, stride := f.panel(n)
	for t := range n.cols { // blocks above the diagonal are never read
		clear(panel[t*stride:][:(t+1)*block*block])
	}
	clear(panel[n.cols*stride:])
	place := f.s.slots.place[n.slots[0]:n.slots[1]]
	values = values[n.slots[0]:][:len(place)]
	for i, v := range values {
		panel[place[i]] = v
	}
	for i := block - n.padding; i < block; i++ {
		panel[(n.cols-1)*stride+(n.cols-1)*block*block+i*block+i] = 1
	}
	// d holds the diagonal of A until the pivots replace it.
	d := f.d[int(n.firstBlock)*block:][:n.cols*block]
	for j := range n.cols {
		for i := range block {
			d[j*block+i] = panel[j*stride+j*block*block+i*block+i]
		}
	}
}

// extendAdd adds the update of a child into the panel of its parent's front, or
// into its update: the lower triangle, run by run.
func (f *Factor[T]) extendAdd(parent, child *front, toPanel bool) {
	panel, panelStride := f.panel(parent)
	update, updateStride := f.update(parent)
	from, fromStride := f.update(child)
	for i, rows := range child.runs {
		for _, columns := range child.runs[:i+1] {
			if toPanel != (columns.to < parent.cols) {
				continue
			}
			var dst kernel.Strided[T]
			if toPanel {
				dst = strided(panel[rows.to*panelStride+columns.to*block*block:], panelStride)
			} else {
				dst = strided(update[(rows.to-parent.cols)*updateStride+
					(columns.to-parent.cols)*block*block:], updateStride)
			}
			src := strided(from[rows.from*fromStride+columns.from*block*block:], fromStride)
			if columns.from < rows.from {
				f.k.add(dst, src, rows.count, columns.count*block*block, 0)
			} else { // the run with itself: up to the diagonal
				f.k.add(dst, src, rows.count, block*block, block*block)
			}
		}
	}
}

// The columns of a large panel are eliminated in groups of groupBlocks. The
// product that applies a group to the columns beyond it uses chunkTiles row
// tiles at a time: 128·4·64 numbers are the 256 KB that a second-level cache
// holds while all columns pass by.
const (
	groupBlocks = 16
	chunkTiles  = 128
)

// eliminate factorizes the columns of a front and sets its update to minus
// their outer product.
func (f *Factor[T]) eliminate(n *front) error {
	panel, stride := f.panel(n)
	tiles := n.cols + len(n.rows)
	for first := 0; first < n.cols; first += groupBlocks {
		last := min(first+groupBlocks, n.cols)
		group := panel[first*block*block:]
		for j := first; j < last; j++ {
			// Left-looking within the group: update column block j, then
			// eliminate it.
			column := panel[j*stride+j*block*block:]
			if j > first {
				f.k.update(strided(column, stride), strided(group[j*stride:], stride),
					f.pivots(n, first, j), f.scaled, kernel.Triangle{Tiles: tiles - j, Columns: 1})
			}
			at := int(n.firstBlock)*block + j*block
			if err := f.pivot(column[:block*block], at); err != nil {
				return err
			}
			if j+1 < tiles {
				f.k.eliminate(strided(column[stride:], stride), column[:block*block],
					f.inv[at:at+block], tiles-j-1)
			}
		}
		f.updateBeyond(n, first, last)
	}
	return nil
}

// updateBeyond applies the column blocks [first, last) of a front to all blocks
// to the right of them, right-looking: C −= L·D·Lᵀ in the remaining columns of
// the panel and in the update. The first columns set the update.
func (f *Factor[T]) updateBeyond(n *front, first, last int) {
	panel, stride := f.panel(n)
	update, updateStride := f.update(n)
	group, d := panel[first*block*block:], f.pivots(n, first, last)
	// place returns block (i, j) of the front, and whether it is in the update.
	place := func(i, j int) (c kernel.Strided[T], below bool) {
		if j < n.cols {
			return strided(panel[i*stride+j*block*block:], stride), false
		}
		return strided(update[(i-n.cols)*updateStride+(j-n.cols)*block*block:], updateStride), true
	}
	tiles := n.cols + len(n.rows)
	for chunk := last; chunk < tiles; chunk += chunkTiles {
		end := min(chunk+chunkTiles, tiles)
		a := strided(group[chunk*stride:], stride)
		for j := last; j < chunk; j++ {
			b := f.scaled[:len(d)*block]
			f.k.scale(b, group[j*stride:], d)
			c, below := place(chunk, j)
			f.k.product(c, a, b, end-chunk, below && first == 0)
		}
		for j := chunk; j < end; { // the triangle: in the panel, and in the update
			c, below := place(j, j)
			t := kernel.Triangle{Tiles: end - j, Columns: end - j, Set: below && first == 0}
			if !below {
				t.Columns = min(t.Columns, n.cols-j)
			}
			f.k.update(c, strided(group[j*stride:], stride), d, f.scaled, t)
			j += t.Columns
		}
	}
}

// pivots returns D of the column blocks [first, last) of a front.
func (f *Factor[T]) pivots(n *front, first, last int) []T {
	return f.d[(int(n.firstBlock)+first)*block:][:(last-first)*block]
}

// pivot factorizes a 4×4 diagonal block in place. Its first column is at
// position at, and d holds the diagonal of A.
func (f *Factor[T]) pivot(a []T, at int) error {
	a = a[:block*block]
	diagonal, inverse := f.d[at:][:block], f.inv[at:][:block]
	for j := range block {
		d := a[j*block+j]
		if f.k.vanishes(d, diagonal[j], f.zero) {
			return &PivotError{Unknown: int(f.s.unknown[at+j]), Value: magnitude(d),
				Scale: magnitude(diagonal[j])}
		}
		inv := 1 / d
		diagonal[j], inverse[j] = d, inv
		for c := j + 1; c < block; c++ {
			w := a[j*block+c] * inv // row c of column j of L
			for r := c; r < block; r++ {
				a[c*block+r] -= a[j*block+r] * w
			}
			a[j*block+c] = w
		}
	}
	return nil
}

// vanishes reports whether a pivot is at most tolerance times its original
// diagonal entry, or not finite.
func vanishes(d, diagonal, tolerance float64) bool {
	return !(math.Abs(d) > tolerance*math.Abs(diagonal)) || math.Abs(d) > math.MaxFloat64
}

// vanishesComplex is vanishes for complex numbers.
func vanishesComplex(d, diagonal complex128, tolerance float64) bool {
	return vanishes(cmplx.Abs(d), cmplx.Abs(diagonal), tolerance)
}

// magnitude returns |v|.
func magnitude[T Number](v T) float64 {
	switch v := any(v).(type) {
	case float64:
		return math.Abs(v)
	case complex128:
		return cmplx.Abs(v)
	}
	panic("sparse: the type is not a Number")
}
