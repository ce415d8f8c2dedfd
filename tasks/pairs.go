package tasks

import (
	"math"
	"slices"

	"csdm/rng"
)

// scale standardizes vectors component by component.
//
// mean and deviation have one number per component.
type scale struct{ mean, deviation []float64 }

// newScale returns the scale of rows of d numbers. A constant component keeps
// its size.
//
// The deviation has n in its denominator.
func newScale(rows []float64, d int) scale {
	s := scale{make([]float64, d), make([]float64, d)}
	n := float64(len(rows) / d)
	for i, v := range rows {
		s.mean[i%d] += v / n
	}
	for i, v := range rows {
		s.deviation[i%d] += (v - s.mean[i%d]) * (v - s.mean[i%d]) / n
	}
	for i, v := range s.deviation {
		if s.deviation[i] = math.Sqrt(v); v == 0 {
			s.deviation[i] = 1
		}
	}
	return s
}

// standardize replaces rows by the standardized ones.
func (s scale) standardize(rows []float64) {
	d := len(s.mean)
	for i := range rows {
		rows[i] = (rows[i] - s.mean[i%d]) / s.deviation[i%d]
	}
}

// pairs are simulations of a task in memory, as its network sees them: the
// remainders of the unknowns, and the measurements with the mean and the scale
// that they give. It is a source of blocks of vectors for package train.
//
// r has X numbers per pair and y has dy = Y + 2X: the standardized measurement,
// the mean and the logarithm of the scale, all standardized once more. With
// mean and scale among its inputs the network knows the units of r at y.
type pairs struct {
	task       *Task
	r, y       []float32
	dy         int   // numbers of a measurement, as the network sees it
	ofY, ofAll scale // of the measurements alone, and with mean and scale
	affine     *affine
	train      int // the first pairs; the others are held out
	block      int // vectors of a block
	seed       uint64
	heldBlocks int
}

// heldShare is the share of the pairs that training holds out: one in 20.
const heldShare = 20

// newPairs simulates n pairs.
//
// The held-out pairs choose the ridges of the least squares, and later show the
// loss.
func newPairs(t *Task, n, block int, seed uint64) *pairs {
	u, y := make([]float64, n*t.X), make([]float64, n*t.Y)
	for i := range n {
		row := y[i*t.Y:][:t.Y]
		if t.Pair(u[i*t.X:][:t.X], row, seed, uint64(i)); t.show != nil {
			t.show(row)
		}
	}
	p := &pairs{task: t, ofY: newScale(y, t.Y), dy: t.Y + 2*t.X, block: block, seed: seed}
	p.heldBlocks = n / heldShare / block
	p.train = n - p.heldBlocks*block
	p.ofY.standardize(y)
	p.affine = newAffine(u, y, t.X, p.train, seed)
	all := make([]float64, 0, n*p.dy)
	for i := range n {
		row := y[i*t.Y:][:t.Y]
		mean, logScale := p.affine.at(row)
		p.affine.remainder(u[i*t.X:][:t.X], mean, logScale)
		all = append(append(append(all, row...), mean...), logScale...)
	}
	p.ofAll = newScale(all, p.dy)
	p.ofAll.standardize(all)
	p.r, p.y = single(u), single(all)
	return p
}

// single converts to float32.
func single(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// seen returns a measurement as the network sees it, and the mean and the scale
// that it gives.
//
// y itself is not changed.
func (p *pairs) seen(y []float64) (all, mean, logScale []float64) {
	all = slices.Clone(y)
	if p.task.show != nil {
		p.task.show(all)
	}
	p.ofY.standardize(all)
	mean, logScale = p.affine.at(all)
	all = append(append(all, mean...), logScale...)
	p.ofAll.standardize(all)
	return all, mean, logScale
}

// Training implements train.Source: a block is drawn with replacement.
func (p *pairs) Training(x, y []float32, step, slot uint64) error {
	s := rng.New(p.seed, rng.Order, step, slot)
	for j := range p.block {
		p.set(x, y, j, int(s.Uint64n(uint64(p.train))))
	}
	return nil
}

// HeldOut implements train.Source.
func (p *pairs) HeldOut(x, y []float32, i uint64) error {
	for j := range p.block {
		p.set(x, y, j, p.train+int(i)*p.block+j)
	}
	return nil
}

// HeldOutLen implements train.Source.
func (p *pairs) HeldOutLen() int { return p.heldBlocks }

// set sets vector j of a block to pair i.
//
// The block holds r and y each as vectors one after the other.
func (p *pairs) set(x, y []float32, j, i int) {
	dx := p.task.X
	copy(x[j*dx:][:dx], p.r[i*dx:])
	copy(y[j*p.dy:][:p.dy], p.y[i*p.dy:])
}
