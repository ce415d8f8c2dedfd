package priors

import (
	"cmp"
	"math"
	"slices"
)

// LogLikelihood implements Likelihood.
func (c Correlated) LogLikelihood(y, prediction []float64) float64 {
	w := c.prepared.scratch.Get().(*correlatedScratch)
	defer c.prepared.scratch.Put(w)
	logs, _ := c.logs(w, y, prediction)
	top := math.Inf(-1)
	for _, l := range logs {
		top = max(top, l)
	}
	if math.IsInf(top, -1) {
		return top
	}
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum/float64(len(logs))) - c.logFactors(y)
}

// logs returns the log-density of y under each part, and the part where it is
// largest. The result is overwritten by the next call with w.
func (c *Correlated) logs(w *correlatedScratch, y, prediction []float64) ([]float64, int) {
	checkLengths(y, prediction)
	moving := c.sensitivities(w, prediction)
	for i, v := range y {
		w.a[i] = v - prediction[i]
	}
	c.unscale(w.a)
	w.gaps = c.gapsOf(y)
	count := len(y)
	if w.gaps != nil {
		count = w.gaps.count
	}
	w.small.logs, w.small.logDets, w.small.axes = w.small.logs[:0], w.small.logDets[:0], nil
	w.small.modes = w.small.modes[:0]
	best := 0
	for k := range c.prepared.parts {
		p, e := c.transform(w, k, moving)
		if c.Spread > 0 {
			c.addSpread(w, p, len(e), len(p.rows)+moving)
			if w.small.logs[k] > w.small.logs[best] {
				best = k
			}
			continue
		}
		quadratic, logDet := w.small.solve(len(p.rows) + moving)
		l := -0.5 * (w.small.squares - quadratic + p.logDet + logDet +
			float64(count)*math.Log(2*math.Pi))
		w.small.logs = append(w.small.logs, l)
		w.small.logDets = append(w.small.logDets, p.logDet+logDet)
		if l > w.small.logs[best] {
			best = k
		}
	}
	return w.small.logs, best
}

// addSpread is logs for part p of n values, where the standard deviation of the
// noise is random.
func (c *Correlated) addSpread(w *correlatedScratch, p *correlatedPart, n, terms int) {
	s := c.spectrumOf(w, p, n, terms)
	value, mode := s.integral(c.Spread)
	w.small.logs = append(w.small.logs, value-(p.logDet+float64(n)*math.Log(2*math.Pi))/2)
	w.small.logDets = append(w.small.logDets,
		p.logDet+s.volume(mode)+mode*mode/(c.Spread*c.Spread))
	w.small.modes = append(w.small.modes, mode)
}

// transform returns part k and, in w.c, the residual w.a in its coordinates,
// where the covariance without rank-one terms is the identity. It sets up the
// small system of the rank-one terms.
func (c *Correlated) transform(w *correlatedScratch, k, moving int) (p *correlatedPart,
	e []float64) {
	p, s := &c.prepared.parts[k], &w.small
	e = w.c
	if w.gaps != nil {
		p, e = &w.gaps.parts[k], w.c[:w.gaps.count]
		w.gaps.whiten(e, w.a, k)
	} else {
		c.forwardAll(w, p, moving)
		p.scale(e, w.b)
	}
	m := len(p.rows)
	n := m + moving
	s.rows = append(s.rows[:0], p.rows...)
	for q := range moving {
		row := s.scaled[q][:len(e)]
		if w.gaps != nil {
			w.gaps.whiten(row, w.moving[q], k)
		} else {
			p.scale(row, s.forward[q])
		}
		s.rows = append(s.rows, row)
	}
	s.squares = dot(e, e)
	for i := range n {
		s.vector[i] = dot(s.rows[i], e)
		for j := range i + 1 {
			if i < m {
				s.gram[i*n+j] = p.gram[i*m+j]
			} else {
				s.gram[i*n+j] = dot(s.rows[i], s.rows[j])
			}
			s.gram[j*n+i] = s.gram[i*n+j]
		}
	}
	return p, e
}

// forwardAll applies the map of the axes of p to the residual and to the errors
// that depend on y, unless it was the last to do so.
func (c *Correlated) forwardAll(w *correlatedScratch, p *correlatedPart, moving int) {
	s := &w.small
	if p.axes == s.axes {
		return
	}
	s.axes = p.axes
	c.forward(w.b, w.a, p, w)
	for q := range moving {
		c.forward(s.forward[q], w.moving[q], p, w)
	}
}

// smallSystem is the system of the rank-one terms. With R the rows of the
// terms, the covariance is I + RᵀR, its determinant equals det(I + RRᵀ), and
// its inverse is I − Rᵀ(I + RRᵀ)⁻¹R (Woodbury 1950).
type smallSystem struct {
	axes *correlatedAxes // of forward
	// all terms R after the transform, each of the length of y
	rows [][]float64
	// the moving terms after the transform, and divided by the standard
	// deviations
	forward, scaled [3][]float64
	gram            []float64 // RRᵀ
	vector          []float64 // R times the residual
	// Cholesky factor of I + RRᵀ, and a solution
	factor, solved []float64
	squares        float64   // of the residual
	logs, logDets  []float64 // of the parts
	modes          []float64 // of t, where the noise is random (spectrum)
}

// init allocates memory for at most terms rank-one terms over n values.
func (s *smallSystem) init(terms, n int) {
	for k := range s.forward {
		s.forward[k], s.scaled[k] = make([]float64, n), make([]float64, n)
	}
	s.rows = make([][]float64, 0, terms)
	s.gram, s.factor = make([]float64, terms*terms), make([]float64, terms*terms)
	s.vector, s.solved = make([]float64, terms), make([]float64, terms)
}

// solve returns vᵀ(I + G)⁻¹v for v = vector and G = gram, of order n, and the
// logarithm of the determinant of I + G, by Cholesky's method.
func (s *smallSystem) solve(n int) (quadratic, logDet float64) {
	for i := range n {
		row := s.factor[i*n : (i+1)*n]
		for j := range i + 1 {
			v := s.gram[i*n+j] - dot(row[:j], s.factor[j*n:j*n+j])
			if i == j {
				row[i] = math.Sqrt(v + 1)
				logDet += 2 * math.Log(row[i])
			} else {
				row[j] = v / s.factor[j*n+j]
			}
		}
		s.solved[i] = (s.vector[i] - dot(row[:i], s.solved[:i])) / row[i]
		quadratic += s.solved[i] * s.solved[i]
	}
	return quadratic, logDet
}

// Standardize implements Standardizer. It takes the part of the distribution
// under which y is most probable. The result C^(−½)(y − prediction), with C the
// covariance of that part, has independent values of variance 1, and keeps the
// places of y: the root is symmetric where the noise is white. With Missing
// values it is L⁻¹(y − prediction), with LLᵀ the covariance of the others
// without rank-one terms, so each place uses only the places before it.
func (c Correlated) Standardize(dst, y, prediction []float64) {
	w := c.prepared.scratch.Get().(*correlatedScratch)
	defer c.prepared.scratch.Put(w)
	_, best := c.logs(w, y, prediction)
	moving := c.sensitivities(w, prediction)
	p, e := c.transform(w, best, moving)
	factor := 1.0
	if c.Spread > 0 {
		factor = math.Exp(w.small.modes[best])
	}
	w.small.whiten(e, len(p.rows)+moving, factor)
	if w.gaps != nil {
		w.gaps.scatter(dst, e)
		return
	}
	plane := c.Grid.Nodes()
	for ch := range c.Channels {
		p.axes.turned(dst[ch*plane:(ch+1)*plane], w.c[ch*plane:(ch+1)*plane], w.line)
	}
}

// Excess implements Varying.
func (c Correlated) Excess(y, prediction []float64) float64 {
	if len(c.prepared.parts) == 1 && c.Gain == 0 && c.Registration == 0 && c.Spread == 0 {
		return 0
	}
	w := c.prepared.scratch.Get().(*correlatedScratch)
	defer c.prepared.scratch.Put(w)
	_, best := c.logs(w, y, prediction)
	least := c.prepared.least
	if w.gaps != nil {
		least = w.gaps.least
	}
	return max(0, w.small.logDets[best]-least) // rounding apart
}

// Least implements Varying: only the smallest of Smooth and the shortest of
// Lengths remain, and the noise has the standard deviation Std.
func (c Correlated) Least() Standardizer {
	if len(c.Lengths) > 0 {
		c.Length, c.Lengths = slices.Min(c.Lengths), nil
	}
	if len(c.Smooth) > 1 {
		c.Smooth = []SmoothError{slices.MinFunc(c.Smooth, func(a, b SmoothError) int {
			return cmp.Compare(a.Std, b.Std)
		})}
	}
	c.Spread = 0
	least, err := NewCorrelated(c)
	if err != nil {
		panic(err) // every setting was valid in c
	}
	return least
}

// whiten multiplies e by (I + RᵀR)^(−½) = I + Rᵀ P h(Γ) Pᵀ R with RRᵀ = PΓPᵀ
// and h(γ) = ((1 + γ)^(−½) − 1)/γ. R e is in s.vector. Before that, it divides
// e and R by factor.
func (s *smallSystem) whiten(e []float64, n int, factor float64) {
	for i := range e {
		e[i] /= factor
	}
	if n == 0 {
		return
	}
	turn, values := diagonalize(s.gram, n)
	square := factor * factor
	for k, g := range values {
		g /= square
		h := -0.5 // of the limit γ → 0
		if g > 1e-8 {
			h = (1/math.Sqrt(1+g) - 1) / g
		}
		at := 0.0
		for i := range n {
			at += turn.At(i, k) * s.vector[i] / square
		}
		for i := range n {
			amplitude := h * at * turn.At(i, k) / factor
			for v, r := range s.rows[i] {
				e[v] += amplitude * r
			}
		}
	}
}
