package priors

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// correlatedFactors holds what the density needs and no measurement changes.
type correlatedFactors struct {
	// fixed holds shift, tilt and modes, each for one standard deviation and
	// divided by the factors.
	fixed [][]float64
	// normal distributions, one for each of the scales
	parts []correlatedPart
	// least is the smallest log-determinant of a part's covariance without the
	// terms that depend on y.
	least float64
	// of *correlatedScratch
	scratch *sync.Pool
	// factors for the missing values of the last measurement
	last lastGaps
}

// correlatedPart is the normal distribution for one of Smooth and one of
// Lengths.
type correlatedPart struct {
	// shared by the parts of equal lengths
	axes     *correlatedAxes
	variance []float64 // of each value of a plane, after axes.forward
	logDet   float64   // of the covariance without the rank-one terms
	// rows holds the rank-one terms after axes.forward, divided by the standard
	// deviations; gram holds their inner products.
	rows [][]float64
	// RRᵀ of the fixed terms
	gram []float64
	// turn and values hold the eigenvectors and eigenvalues of gram.
	turn   *mat.Dense
	values []float64
}

// correlatedAxes diagonalizes the covariances of the noise and of a smooth
// error at once, along each axis: with N = LLᵀ and L⁻¹DL⁻ᵀ = QΛQᵀ, the map
// QᵀL⁻¹ takes N to the identity and D to Λ. Matrices are row-major.
type correlatedAxes struct{ y, x correlatedAxis }

// correlatedAxis diagonalizes along one axis.
type correlatedAxis struct {
	n              int
	to, from, turn []float64 // QᵀL⁻¹, LQ and Q
	values         []float64 // Λ
	logDet         float64   // of N
}

// factorize returns the factors of c.
func (c *Correlated) factorize() (*correlatedFactors, error) {
	f := &correlatedFactors{fixed: c.fixedErrors()}
	f.scratch = c.newScratch(len(f.fixed))
	known := map[[2]float64]*correlatedAxes{} // by the lengths
	g := c.Grid
	for _, s := range c.eachScales() {
		lengths := [2]float64{s.noise, s.smooth.Length}
		axes := known[lengths]
		if axes == nil {
			axes = &correlatedAxes{}
			for _, a := range []struct {
				axis *correlatedAxis
				n    int
				step float64
			}{{&axes.y, g.Rows, g.Height / float64(g.Rows-1)},
				{&axes.x, g.Cols, g.Width / float64(g.Cols-1)}} {
				if err := a.axis.set(a.n, s.noise/a.step, s.smooth.Length/a.step); err != nil {
					return nil, err
				}
			}
			known[lengths] = axes
		}
		f.parts = append(f.parts, c.part(axes, s.smooth.Std, f))
	}
	f.least = math.Inf(1)
	w := f.scratch.Get().(*correlatedScratch)
	defer f.scratch.Put(w)
	for k := range f.parts {
		p := &f.parts[k]
		copy(w.small.gram, p.gram)
		_, logDet := w.small.solve(len(p.rows))
		f.least = min(f.least, c.leastVolume(p, len(p.variance)*c.Channels, logDet))
	}
	return f, nil
}

// fixedErrors returns the rank-one terms that do not depend on y, divided by
// the factors.
func (c *Correlated) fixedErrors() (all [][]float64) {
	g, plane := c.Grid, c.Grid.Nodes()
	add := func(std float64, shape func(row, col int) float64) {
		if std == 0 {
			return
		}
		for ch := range c.Channels {
			e := make([]float64, c.size())
			for i := range plane {
				e[ch*plane+i] = std * shape(i/g.Cols, i%g.Cols)
			}
			all = append(all, e)
		}
	}
	add(c.Shift, func(_, _ int) float64 { return 1 })
	add(c.Tilt, func(_, col int) float64 { return 2*float64(col)/float64(g.Cols-1) - 1 })
	add(c.Tilt, func(row, _ int) float64 { return 2*float64(row)/float64(g.Rows-1) - 1 })
	for _, mode := range c.Modes {
		all = append(all, slices.Clone(mode))
	}
	for _, e := range all {
		c.unscale(e)
	}
	return all
}

// part returns the distribution with a smooth error of standard deviation std.
func (c *Correlated) part(axes *correlatedAxes, std float64, f *correlatedFactors) correlatedPart {
	g, plane := c.Grid, c.Grid.Nodes()
	p := correlatedPart{axes: axes, variance: make([]float64, plane)}
	for i := range p.variance {
		p.variance[i] = c.Std*c.Std + std*std*axes.y.values[i/g.Cols]*axes.x.values[i%g.Cols]
		p.logDet += math.Log(p.variance[i])
	}
	p.logDet += float64(g.Cols)*axes.y.logDet + float64(g.Rows)*axes.x.logDet
	p.logDet *= float64(c.Channels)
	w := f.scratch.Get().(*correlatedScratch)
	defer f.scratch.Put(w)
	for _, e := range f.fixed {
		row := make([]float64, len(e))
		c.forward(row, e, &p, w)
		p.scale(row, row)
		p.rows = append(p.rows, row)
	}
	for _, a := range p.rows {
		for _, b := range p.rows {
			p.gram = append(p.gram, dot(a, b))
		}
	}
	return p
}

// forward applies the map of the axes of p to every channel.
func (c *Correlated) forward(dst, src []float64, p *correlatedPart, w *correlatedScratch) {
	plane := c.Grid.Nodes()
	for ch := range c.Channels {
		p.axes.forward(dst[ch*plane:(ch+1)*plane], src[ch*plane:(ch+1)*plane], w.line)
	}
}

// scale divides every value by its standard deviation.
func (p *correlatedPart) scale(dst, src []float64) {
	for i, v := range src {
		dst[i] = v / math.Sqrt(p.variance[i%len(p.variance)])
	}
}

// set prepares an axis of n values. noise and smooth are lengths in steps.
func (a *correlatedAxis) set(n int, noise, smooth float64) error {
	a.n = n
	covariance := func(f func(d float64) float64) *mat.SymDense {
		m := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				m.SetSym(i, j, f(float64(i-j)))
			}
		}
		return m
	}
	identity := func(d float64) float64 {
		if d == 0 {
			return 1
		}
		return 0
	}
	cov := covariance(identity)
	if noise > 0 {
		cov = covariance(func(d float64) float64 { return math.Exp(-d / noise) })
	}
	var factor mat.Cholesky
	if !factor.Factorize(cov) {
		return fmt.Errorf("priors: the noise is correlated over %.3g steps of the grid: choose a "+
			"shorter length", noise)
	}
	a.logDet = factor.LogDet()
	var lower, inverse mat.TriDense
	factor.LTo(&lower)
	if err := inverse.InverseTri(&lower); err != nil {
		return fmt.Errorf("priors: the noise is correlated over %.3g steps of the grid: choose a "+
			"shorter length", noise)
	}
	turn, values := mat.DenseCopyOf(covariance(identity)), make([]float64, n)
	if smooth > 0 {
		var m mat.Dense
		m.Product(&inverse, covariance(func(d float64) float64 {
			return math.Exp(-d * d / (2 * smooth * smooth))
		}), inverse.T())
		sym := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				sym.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
			}
		}
		var eigen mat.EigenSym
		if !eigen.Factorize(sym, true) {
			return fmt.Errorf("priors: a smooth error over %.3g steps of the grid has no "+
				"eigenvalues: choose a shorter length", smooth)
		}
		eigen.VectorsTo(turn)
		for k, v := range eigen.Values(nil) {
			values[k] = max(0, v) // rounding makes the smallest negative
		}
	}
	var to, from mat.Dense
	to.Mul(turn.T(), &inverse)
	from.Mul(&lower, turn)
	a.to, a.from, a.turn, a.values = to.RawMatrix().Data, from.RawMatrix().Data,
		turn.RawMatrix().Data, values
	return nil
}

// forward sets dst to (QᵀL⁻¹)_y src (QᵀL⁻¹)_xᵀ, the plane in which both
// covariances are diagonal. It takes rows·cols·(rows + cols) multiplications.
func (a *correlatedAxes) forward(dst, src, line []float64) {
	square{a.y.to, a.y.n}.apply(dst, src, square{a.x.to, a.x.n}, line)
}

// back is the inverse of forward.
func (a *correlatedAxes) back(dst, src, line []float64) {
	square{a.y.from, a.y.n}.apply(dst, src, square{a.x.from, a.x.n}, line)
}

// turned sets dst to Q_y src Q_xᵀ.
func (a *correlatedAxes) turned(dst, src, line []float64) {
	square{a.y.turn, a.y.n}.apply(dst, src, square{a.x.turn, a.x.n}, line)
}

// square is a row-major n×n matrix.
type square struct {
	values []float64
	n      int
}

// apply sets dst to Y·src·Xᵀ for a plane src. line is scratch of a plane.
func (y square) apply(dst, src []float64, x square, line []float64) {
	rows, cols := y.n, x.n
	for r := range rows {
		for j := range cols {
			line[r*cols+j] = dot(src[r*cols:(r+1)*cols], x.values[j*cols:(j+1)*cols])
		}
	}
	for i := range rows {
		out := dst[i*cols : (i+1)*cols]
		clear(out)
		for r, factor := range y.values[i*rows : (i+1)*rows] {
			for j, v := range line[r*cols : (r+1)*cols] {
				out[j] += factor * v
			}
		}
	}
}

// dot sums in the order of the index, so that results do not depend on the
// machine's vectors.
func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
