package priors

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"csdm/rng"
)

// Correlated is the distribution of a displacement map with errors that
// neighboring values share. A measurement of the noise-free y is
//
//	(1 + g) y + δx ∂y/∂x + δy ∂y/∂y + shift + tilt + Σ_k z_k mode_k
//	  + factor (d + noise),
//
// where every term is normal with mean 0, and independent of the others. The
// amplitudes g, δx and δy belong to the whole measurement, shift and tilt to
// each channel. d is a smooth error of each channel with the covariance Std²
// exp(−r²/(2 Length²)) at distance r. Its Std and Length are one of Smooth,
// each with the same probability. The noise has the covariance Std²
// exp(−(|Δx| + |Δy|)/Length).
//
// Given one of Smooth and one of Lengths, the measurement is normal. Its
// covariance is a Kronecker product in each channel and a few rank-one terms
// (Golub and Van Loan 2013, sections 12.3 and 2.1.4), so the density needs no
// matrix of the size of y. If values of y are Missing, it needs one
// (correlated_gaps.go).
//
// NewCorrelated makes a value that can be used.
type Correlated struct {
	// nodes of a channel of y
	Grid Grid
	// channels of y; each has noise and a smooth error of its own
	Channels int

	Std float64 // of the noise, positive
	// Spread is the standard deviation of the logarithm of the noise's standard
	// deviation, whose median is Std. Smooth errors keep their ratio to the
	// noise. 0: Std is known.
	Spread float64 `identity:"omitzero"`
	Length float64 // at which its correlation falls to 1/e; 0: white
	// Lengths are what Length may be, each with the same probability. Empty:
	// Length is known.
	Lengths []float64 `identity:"omitzero"`

	// Factors multiply the noise and the smooth error of each value; nil: all
	// are 1.
	Factors []float64 `identity:"omitzero"`

	Shift float64 // standard deviation of a constant
	Tilt  float64 // of a ramp along x, and of one along y, at the border
	Gain  float64 // of g
	// Registration is the standard deviation of δx and of δy, in the unit of
	// the grid. The error is of first order: it holds for shifts well below a
	// cell.
	Registration float64

	// Modes are errors of known shape, such as those that errors of a boundary
	// cause. Each has the length of y, and an amplitude of standard deviation
	// 1. They follow from the problem's definition, which its identity covers.
	Modes  [][]float64   `identity:"-"`
	Smooth []SmoothError // empty: none

	prepared *correlatedFactors `identity:"-"`
}

// SmoothError is the amplitude and the scale of a smooth error.
type SmoothError struct {
	Std    float64
	Length float64 // in the unit of the grid
}

// NewCorrelated returns c ready for use, or an error about the first setting
// that is not valid.
func NewCorrelated(c Correlated) (Correlated, error) {
	if !c.Grid.valid() || c.Channels < 1 {
		return c, fmt.Errorf("priors: correlated errors of %d channels of %d×%d values over %v×%v",
			c.Channels, c.Grid.Rows, c.Grid.Cols, c.Grid.Width, c.Grid.Height)
	}
	for _, v := range []struct {
		name  string
		value float64
		ok    bool
	}{
		{"standard deviation of the noise", c.Std, c.Std > 0},
		{"length of the noise", c.Length, c.Length >= 0},
		{"spread of the noise", c.Spread, c.Spread >= 0}, {"shift", c.Shift, c.Shift >= 0},
		{"tilt", c.Tilt, c.Tilt >= 0}, {"gain", c.Gain, c.Gain >= 0},
		{"registration", c.Registration, c.Registration >= 0},
	} {
		if !v.ok || math.IsInf(v.value, 0) {
			return c, fmt.Errorf("priors: %s of correlated errors = %v: must be positive and "+
				"finite, or 0 to leave it out", v.name, v.value)
		}
	}
	for _, v := range c.Lengths {
		if !(v > 0) || math.IsInf(v, 0) {
			return c, fmt.Errorf("priors: one of the lengths of the noise is %v: each must be "+
				"positive and finite", v)
		}
	}
	if n := len(c.Factors); n > 0 && n != c.size() {
		return c, fmt.Errorf("priors: %d factors of correlated errors; want %d", n, c.size())
	}
	for k, v := range c.Factors {
		if !(v > 0) || math.IsInf(v, 0) {
			return c, fmt.Errorf("priors: factor %d of correlated errors is %v: it must be "+
				"positive and finite", k, v)
		}
	}
	for k, m := range c.Modes {
		if len(m) != c.size() {
			return c, fmt.Errorf("priors: mode %d has %d values; want %d", k, len(m), c.size())
		}
	}
	for _, s := range c.Smooth {
		if !(s.Std > 0 && s.Length > 0) || math.IsInf(s.Std+s.Length, 0) {
			return c, fmt.Errorf("priors: smooth error of standard deviation %v and length %v: "+
				"both must be positive and finite", s.Std, s.Length)
		}
	}
	var err error
	c.prepared, err = c.factorize()
	return c, err
}

// size is the number of values of y, with missing ones.
func (c *Correlated) size() int { return c.Channels * c.Grid.Nodes() }

// scales are the numbers that distinguish the parts of the distribution: the
// length of the noise, and the smooth error.
type scales struct {
	// correlation length of the noise
	noise float64
	// smooth error; the zero value is none
	smooth SmoothError
}

// eachScales returns the scales of every part.
func (c *Correlated) eachScales() (all []scales) {
	lengths, smooth := c.Lengths, c.Smooth
	if len(lengths) == 0 {
		lengths = []float64{c.Length}
	}
	if len(smooth) == 0 {
		smooth = []SmoothError{{}}
	}
	for _, length := range lengths {
		for _, s := range smooth {
			all = append(all, scales{length, s})
		}
	}
	return all
}

// String implements Measurement.
func (c Correlated) String() string {
	parts := []string{fmt.Sprintf("Gaussian of standard deviation %g", c.Std)}
	switch {
	case len(c.Lengths) > 0:
		parts[0] += fmt.Sprintf(" correlated over %.3g to %.3g", slices.Min(c.Lengths),
			slices.Max(c.Lengths))
	case c.Length > 0:
		parts[0] += fmt.Sprintf(" correlated over %g", c.Length)
	}
	if len(c.Factors) > 0 {
		parts[0] += fmt.Sprintf(" times %.3g to %.3g", slices.Min(c.Factors),
			slices.Max(c.Factors))
	}
	if c.Spread > 0 {
		parts[0] += fmt.Sprintf(", known to a factor of %.3g", math.Exp(c.Spread))
	}
	for _, v := range []struct {
		name string
		std  float64
	}{{"shift", c.Shift}, {"tilt", c.Tilt}, {"gain", c.Gain}, {"registration", c.Registration}} {
		if v.std > 0 {
			parts = append(parts, fmt.Sprintf("a %s of %g", v.name, v.std))
		}
	}
	if n := len(c.Modes); n > 0 {
		parts = append(parts, fmt.Sprintf("%d errors of the boundary", n))
	}
	if n := len(c.Smooth); n > 0 {
		first, last := c.Smooth[0], c.Smooth[n-1]
		parts = append(parts, fmt.Sprintf("a smooth error of %g to %g over lengths of %g to %g",
			first.Std, last.Std, first.Length, last.Length))
	}
	return strings.Join(parts, ", with ")
}

// Sample implements Measurement.
func (c Correlated) Sample(dst, y []float64, s *rng.Stream) {
	checkLengths(dst, y)
	f := c.prepared
	w := f.scratch.Get().(*correlatedScratch)
	defer f.scratch.Put(w)
	k := 0
	if len(f.parts) > 1 {
		k = int(s.Uint64n(uint64(len(f.parts))))
	}
	p := &f.parts[k]
	factor := 1.0
	if c.Spread > 0 {
		factor = math.Exp(c.Spread * s.Normal())
	}
	plane := c.Grid.Nodes()
	copy(w.a, y)
	if c.Factors != nil {
		clear(w.a) // the error, divided by the factors
	}
	for q := range c.sensitivities(w, y) {
		amplitude := s.Normal()
		for i, v := range w.moving[q] {
			w.a[i] += amplitude * v
		}
	}
	for _, mode := range f.fixed {
		amplitude := s.Normal()
		for i, v := range mode {
			w.a[i] += amplitude * v
		}
	}
	for ch := range c.Channels {
		z := w.b[:plane]
		for i := range z {
			z[i] = factor * s.Normal() * math.Sqrt(p.variance[i])
		}
		p.axes.back(w.c[:plane], z, w.line)
		for i, v := range w.c[:plane] {
			w.a[ch*plane+i] += v
		}
	}
	for i, factor := range c.Factors {
		w.a[i] = y[i] + factor*w.a[i]
	}
	copy(dst, w.a)
}

// sensitivities sets w.moving to the errors that depend on the noise-free y,
// each for an amplitude of one standard deviation and divided by the factors,
// and returns their number.
func (c *Correlated) sensitivities(w *correlatedScratch, y []float64) int {
	n := 0
	if c.Gain > 0 {
		for i, v := range y {
			w.moving[n][i] = c.Gain * v
		}
		n++
	}
	if c.Registration > 0 {
		g := c.Grid
		slope(w.moving[n], y, 1, g.Cols, c.Registration*float64(g.Cols-1)/g.Width)
		slope(w.moving[n+1], y, g.Cols, g.Rows, c.Registration*float64(g.Rows-1)/g.Height)
		n += 2
	}
	for q := range n {
		c.unscale(w.moving[q])
	}
	return n
}

// unscale divides each value of v by its factor.
func (c *Correlated) unscale(v []float64) {
	for i, factor := range c.Factors {
		v[i] /= factor
	}
}

// logFactors returns the sum of the logarithms of the factors of the values of
// y that are not missing.
func (c *Correlated) logFactors(y []float64) (sum float64) {
	for i, factor := range c.Factors {
		if !Missing(y[i]) {
			sum += math.Log(factor)
		}
	}
	return sum
}

// slope sets dst to factor times the difference per step of y along one axis:
// central differences, one-sided at the border. Along the axis there are count
// values, stride apart.
func slope(dst, y []float64, stride, count int, factor float64) {
	for i := range y {
		at := i / stride % count
		switch at {
		case 0:
			dst[i] = factor * (y[i+stride] - y[i])
		case count - 1:
			dst[i] = factor * (y[i] - y[i-stride])
		default:
			dst[i] = factor * (y[i+stride] - y[i-stride]) / 2
		}
	}
}

// correlatedScratch is the memory of one call.
type correlatedScratch struct {
	a, b, c []float64 // each of the size of y
	line    []float64 // of the larger side of a plane, squared
	// gain and the two registrations, which depend on the prediction
	moving [3][]float64
	// system of the rank-one terms
	small smallSystem
	// residual where the noise's standard deviation is random
	spectrum spectrum
	gaps     *correlatedGaps // of the measurement; nil: none
}

// newScratch returns a pool of memory for calls with fixed terms that no
// measurement changes. A pool serves any number of threads without a lock
// around the density.
func (c *Correlated) newScratch(fixed int) *sync.Pool {
	n, side := c.size(), max(c.Grid.Rows, c.Grid.Cols)
	return &sync.Pool{New: func() any {
		w := &correlatedScratch{a: make([]float64, n), b: make([]float64, n),
			c: make([]float64, n), line: make([]float64, side*side)}
		for k := range w.moving {
			w.moving[k] = make([]float64, n)
		}
		w.small.init(fixed+len(w.moving), n)
		return w
	}}
}
