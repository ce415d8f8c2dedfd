package priors

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// mostPresent is the largest number of measured values of a channel with gaps.
// Its factors take 128 MiB for each smooth error.
const mostPresent = 4096

// CheckMissing returns an error if the density of a measurement y with Missing
// values takes too much memory.
func CheckMissing(measurement Measurement, y []float64) error {
	switch p := measurement.(type) {
	case Partial:
		return CheckMissing(p.Noise, p.kept(y))
	case PartialVarying:
		return CheckMissing(p.Noise, p.kept(y))
	}
	c, ok := measurement.(Correlated)
	if !ok || Present(y) == len(y) {
		return nil
	}
	for plane := range slices.Chunk(y, c.Grid.Nodes()) {
		if n := Present(plane); n > mostPresent {
			return fmt.Errorf("priors: correlated errors of %d measured values with gaps: at most "+
				"%d of a channel can be weighed. Take a coarser grid, fill the gaps, or use white "+
				"noise", n, mostPresent)
		}
	}
	return nil
}

// correlatedGaps holds the factors for the values that were measured, where
// others are missing. Gaps break the Kronecker product, so that each factor is
// a dense matrix. With m measured values of a channel it takes m³/3
// multiplications once, and m² for each density.
type correlatedGaps struct {
	// by the index in y
	missing []bool
	present [][]int           // measured values of each channel
	parts   []correlatedPart  // without axes and variance
	roots   [][]*mat.TriDense // of each part: the Cholesky factor of each channel
	least   float64           // as in correlatedFactors
	count   int               // of measured values
}

// lastGaps keeps the factors for the gaps of the last measurement.
type lastGaps struct {
	// held while the factors are made: threads with one measurement wait for
	// one of them instead of all making the same
	lock sync.Mutex
	// nil until a measurement has missing values
	gaps *correlatedGaps
}

// gapsOf returns the factors for the values of y that were measured; nil if no
// value is missing.
func (c *Correlated) gapsOf(y []float64) *correlatedGaps {
	if Present(y) == len(y) {
		return nil
	}
	l := &c.prepared.last
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.gaps == nil || !l.gaps.of(y) {
		l.gaps = c.newGaps(y)
	}
	return l.gaps
}

// of reports whether y misses the same values.
func (g *correlatedGaps) of(y []float64) bool {
	for i, v := range y {
		if g.missing[i] != Missing(v) {
			return false
		}
	}
	return true
}

// newGaps factorizes the covariance of the values of y that were measured, for
// each of the scales.
func (c *Correlated) newGaps(y []float64) *correlatedGaps {
	g := &correlatedGaps{missing: make([]bool, len(y)), present: make([][]int, c.Channels),
		least: math.Inf(1), count: Present(y)}
	plane := c.Grid.Nodes()
	for i, v := range y {
		if g.missing[i] = Missing(v); !g.missing[i] {
			g.present[i/plane] = append(g.present[i/plane], i)
		}
	}
	var small smallSystem
	small.init(len(c.prepared.fixed), g.count)
	for k, s := range c.eachScales() {
		p, roots := correlatedPart{}, make([]*mat.TriDense, c.Channels)
		for ch := range roots {
			var logDet float64
			roots[ch], logDet = c.root(g.present[ch], s)
			p.logDet += logDet
		}
		g.roots = append(g.roots, roots)
		for _, e := range c.prepared.fixed {
			row := make([]float64, g.count)
			g.whiten(row, e, k)
			p.rows = append(p.rows, row)
		}
		for _, a := range p.rows {
			for _, b := range p.rows {
				p.gram = append(p.gram, dot(a, b))
			}
		}
		copy(small.gram, p.gram)
		_, logDet := small.solve(len(p.rows))
		g.least = min(g.least, c.leastVolume(&p, g.count, logDet))
		g.parts = append(g.parts, p)
	}
	return g
}

// root returns the Cholesky factor L of the covariance of some values of a
// channel, C = LLᵀ, without the rank-one terms, and ln det C.
func (c *Correlated) root(present []int, s scales) (*mat.TriDense, float64) {
	n, g := len(present), c.Grid
	if n == 0 {
		return nil, 0
	}
	m := mat.NewSymDense(n, nil)
	for a, i := range present {
		for b, j := range present[:a+1] {
			p, q := i%g.Nodes(), j%g.Nodes()
			dx, dy := math.Abs(g.X(p%g.Cols)-g.X(q%g.Cols)), math.Abs(g.Y(p/g.Cols)-g.Y(q/g.Cols))
			v := 0.0
			switch {
			case s.noise > 0:
				v = c.Std * c.Std * math.Exp(-(dx+dy)/s.noise)
			case p == q:
				v = c.Std * c.Std
			}
			if e := s.smooth; e.Std > 0 {
				v += e.Std * e.Std * math.Exp(-(dx*dx+dy*dy)/(2*e.Length*e.Length))
			}
			m.SetSym(a, b, v)
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(m) { // the whole covariance has a factor
		panic(fmt.Sprintf("priors: the covariance of %d values has no factor", n))
	}
	root := new(mat.TriDense)
	factor.LTo(root)
	return root, factor.LogDet()
}

// whiten sets dst to L⁻¹ times the measured values of src, for part k. dst has
// the measured values of all channels, one after the other.
func (g *correlatedGaps) whiten(dst, src []float64, k int) {
	for ch, present := range g.present {
		if len(present) == 0 {
			continue
		}
		root := g.roots[k][ch].RawTriangular()
		for i, at := range present {
			row := root.Data[i*root.Stride:][:i+1]
			dst[i] = (src[at] - floats.Dot(row[:i], dst[:i])) / row[i]
		}
		dst = dst[len(present):]
	}
}

// scatter sets dst to the values e of the places that were measured, and to NaN
// elsewhere.
func (g *correlatedGaps) scatter(dst, e []float64) {
	for i := range dst {
		dst[i] = math.NaN()
	}
	k := 0
	for _, present := range g.present {
		for _, at := range present {
			dst[at] = e[k]
			k++
		}
	}
}
