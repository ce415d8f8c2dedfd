package priors

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"csdm/rng"
)

// spectrum is a residual in the coordinates in which its covariance is
// diagonal, if the standard deviation of the noise is e^t times Std. With w =
// e^(2t), count values have the variance w, and each of the rank-one terms adds
// a value of variance w + variances[k]. Values are in units of their standard
// deviation without rank-one terms at t = 0.
type spectrum struct {
	// number of values of variance w
	count   float64
	squares float64   // sum over the count values
	along   []float64 // squares of the others
	// eigenvalues of the rank-one terms, in units of the noise's variance
	variances []float64
}

// reachOfStd bounds t, in units of Spread.
const reachOfStd = 8

// spectrumOf returns the spectrum of the residual that transform left for part
// p of n values, with terms rank-one terms. The result is overwritten by the
// next call with w.
func (c *Correlated) spectrumOf(w *correlatedScratch, p *correlatedPart, n, terms int) *spectrum {
	turn, values := p.turn, p.values
	if terms != len(values) {
		turn, values = diagonalize(w.small.gram, terms)
	}
	s := &w.spectrum
	*s = spectrum{float64(n), w.small.squares, s.along[:0], s.variances[:0]}
	if terms == 0 {
		return s
	}
	least := 1e-10 * values[terms-1] // a term that others make up
	for k, g := range values {
		if g <= least {
			continue
		}
		at := 0.0
		for i := range terms {
			at += turn.At(i, k) * w.small.vector[i]
		}
		s.count--
		s.squares -= at * at / g
		s.along, s.variances = append(s.along, at*at/g), append(s.variances, g)
	}
	s.squares = max(s.squares, 0) // rounding
	return s
}

// leastVolume returns the smallest log-determinant of the covariance of part p
// of n values. logDet belongs to its rank-one terms at t = 0. It prepares p for
// spectrumOf.
func (c *Correlated) leastVolume(p *correlatedPart, n int, logDet float64) float64 {
	if c.Spread == 0 {
		return p.logDet + logDet
	}
	p.turn, p.values = diagonalize(p.gram, len(p.rows))
	s := spectrum{count: float64(n - len(p.values)), variances: p.values}
	return p.logDet + s.volume(-reachOfStd*c.Spread)
}

// diagonalize returns the eigenvectors and the ascending eigenvalues of the
// symmetric n×n matrix a.
func diagonalize(a []float64, n int) (*mat.Dense, []float64) {
	if n == 0 {
		return nil, nil
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(n, a[:n*n]), true) {
		panic("priors: a symmetric matrix has no eigenvalues")
	}
	turn := new(mat.Dense)
	eigen.VectorsTo(turn)
	return turn, eigen.Values(nil)
}

// volume returns the logarithm of the determinant of the covariance at t.
func (s *spectrum) volume(t float64) float64 {
	w := math.Exp(2 * t)
	sum := 2 * t * s.count
	for _, g := range s.variances {
		sum += math.Log(w + g)
	}
	return sum
}

// logDensity returns the logarithm of the density of the residual at t, times
// the density of t, without the factors of 2π.
func (s *spectrum) logDensity(t, spread float64) float64 {
	w := math.Exp(2 * t)
	sum := s.squares / w
	for k, g := range s.variances {
		sum += s.along[k] / (w + g)
	}
	return -(sum+s.volume(t)+t*t/(spread*spread))/2 - math.Log(spread)
}

// mode returns the t at which logDensity is largest, and its standard deviation
// by the curvature there, by Newton's method. Steps are short, because far from
// the mode the curvature grows or decays exponentially.
func (s *spectrum) mode(spread float64) (t, std float64) {
	const (
		steps   = 100
		longest = 0.5
		enough  = 1e-9
	)
	precision := 1 / (spread * spread)
	for range steps {
		w := math.Exp(2 * t)
		slope := s.squares/w - s.count - t*precision
		curvature := 2*s.squares/w + precision
		for k, g := range s.variances {
			v := w + g
			slope += w/v*s.along[k]/v - w/v
			curvature += 2*w*g/(v*v) - 2*w*(g-w)/(v*v)*s.along[k]/v
		}
		if !(curvature > precision) {
			curvature = precision
		}
		std = 1 / math.Sqrt(curvature)
		step := min(longest, max(-longest, slope/curvature))
		next := min(reachOfStd*spread, max(-reachOfStd*spread, t+step))
		done := math.Abs(next-t) < enough
		if t = next; done {
			break
		}
	}
	return t, std
}

// The nodes and weights of the Gauss–Hermite rule of seven points for the
// standard normal distribution (Abramowitz and Stegun 1964, table 25.10).
var (
	hermiteNodes = [...]float64{-3.750439717725742, -2.366759410734541, -1.154405394739968, 0,
		1.154405394739968, 2.366759410734541, 3.750439717725742}
	hermiteWeights = [...]float64{0.000548268855972, 0.030757123967586, 0.240123178605013,
		0.457142857142857, 0.240123178605013, 0.030757123967586, 0.000548268855972}
)

// integral returns the logarithm of the integral of exp(logDensity) over t, by
// quadrature about the mode, and the mode. Where the mode lies beyond the reach
// of t, terms differ by many orders of magnitude; their logarithms are added.
func (s *spectrum) integral(spread float64) (value, mode float64) {
	mode, std := s.mode(spread)
	var terms [len(hermiteNodes)]float64
	for k, z := range hermiteNodes {
		terms[k] = s.logDensity(mode+z*std, spread) + z*z/2
	}
	top, sum := slices.Max(terms[:]), 0.0
	for k, l := range terms {
		sum += hermiteWeights[k] * math.Exp(l-top)
	}
	return top + math.Log(std*sum), mode
}

// HasRandomStd reports whether Spread is positive. It implements RandomStd.
func (c Correlated) HasRandomStd() bool { return c.Spread > 0 }

// DrawStd implements RandomStd. Given one of Smooth and one of Lengths, the
// logarithm comes from the normal approximation about its mode.
func (c Correlated) DrawStd(y, prediction []float64, stream *rng.Stream) float64 {
	if c.Spread == 0 {
		return c.Std
	}
	w := c.prepared.scratch.Get().(*correlatedScratch)
	defer c.prepared.scratch.Put(w)
	logs, best := c.logs(w, y, prediction)
	top, total := logs[best], 0.0
	for _, l := range logs {
		total += math.Exp(l - top)
	}
	k, toss := 0, total*stream.Float64()
	for ; k < len(logs)-1; k++ {
		if toss -= math.Exp(logs[k] - top); toss < 0 {
			break
		}
	}
	moving := c.sensitivities(w, prediction)
	p, e := c.transform(w, k, moving)
	mode, std := c.spectrumOf(w, p, len(e), len(p.rows)+moving).mode(c.Spread)
	return c.Std * math.Exp(mode+std*stream.Normal())
}
