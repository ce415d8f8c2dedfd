package specimen

import (
	"fmt"
	"math"
	"slices"

	"csdm/internal/cli"
	"csdm/priors"
)

// jitterModes is the number of cosines that make up the error of an edge, the
// constant included.
//
// The error of a slowly moving plate is smooth along the edge; four cosines
// reach a wavelength of two thirds of its length.
const jitterModes = 4

// The numbers of standard deviations and lengths that stand for the log-uniform
// distributions of the discrepancy. The likelihood is a mean over them, so it
// has the distribution that the training has.
//
// For model error with (s, ℓ) log-uniform, the likelihood is
//
//	p(y | θ) = 1/12 Σ_i Σ_j p(y | θ, s_i, ℓ_j)
//
// with the middles of equal parts of the logarithmic ranges.
const (
	discrepancyStds    = 4
	discrepancyLengths = 3
)

// thirds are the medians of the thirds of the standard normal distribution.
// They stand for the logarithm of the noise's length.
//
// They are Φ⁻¹(1/6), 0 and Φ⁻¹(5/6), each with the probability 1/3.
var thirds = [...]float64{-0.967421566, 0, 0.967421566}

// newMeasurement returns the distribution of a measurement whose noise has the
// standard deviation std, with values at all nodes.
//
// A file with nothing except white noise gives priors.Gaussian, whose
// likelihood is a sum over values. Any other error couples the values, and
// priors.Correlated holds the covariance.
func (d *Definition) newMeasurement(std float64, sensors []sensor) (priors.Known, error) {
	c := priors.Correlated{
		Grid: priors.Grid{Rows: d.Grid.Rows, Cols: d.Grid.Cols, Width: d.Grid.Width,
			Height: d.Grid.Height},
		Channels: len(d.Measurement.Components), Std: std, Spread: d.Noise.Spread,
		Length: d.Noise.Correlation,
		Shift:  d.Nuisance.Shift, Tilt: d.Nuisance.Tilt, Gain: d.Nuisance.Gain,
	}
	for _, z := range thirds {
		if d.Noise.Stretch > 0 {
			c.Lengths = append(c.Lengths, c.Length*math.Exp(z*d.Noise.Stretch))
		}
	}
	c.Factors = d.factors()
	if d.Discrepancy != (Discrepancy{}) {
		for _, length := range logSteps(d.Discrepancy.Length, discrepancyLengths) {
			for _, s := range logSteps(d.Discrepancy.Std, discrepancyStds) {
				c.Smooth = append(c.Smooth, priors.SmoothError{Std: s, Length: length})
			}
		}
	}
	if d.Edges.Jitter > 0 {
		var err error
		if c.Modes, err = d.jitter(); err != nil {
			return nil, err
		}
		for _, mode := range c.Modes {
			measure(sensors, mode, c.Grid.Nodes())
		}
	}
	if c.Spread == 0 && c.Length == 0 && c.Factors == nil && c.Shift == 0 && c.Tilt == 0 &&
		c.Gain == 0 && c.Smooth == nil && c.Modes == nil {
		return priors.Gaussian{Std: std}, nil
	}
	made, err := priors.NewCorrelated(c)
	if err != nil {
		return nil, cli.Config(fmt.Errorf("noise, nuisance or discrepancy: %w", err))
	}
	return made, nil
}

// factors returns the factor of the noise of each value of y; nil: all are 1.
//
// Value i of y belongs to channel i/(rows·cols) and to the node at (i mod cols,
// i/cols mod rows). Its factor is the channel's times the bilinear
// interpolation of places.
func (d *Definition) factors() []float64 {
	if len(d.Noise.Channels) == 0 && len(d.Noise.Places) == 0 {
		return nil
	}
	g, places := &d.Grid, d.Noise.Places
	all := slices.Repeat([]float64{1}, len(d.Measurement.Components)*g.Rows*g.Cols)
	for i := range all {
		if len(d.Noise.Channels) > 0 {
			all[i] = d.Noise.Channels[i/(g.Rows*g.Cols)]
		}
		if len(places) > 0 {
			r, u := between(i/g.Cols%g.Rows, g.Rows, len(places))
			c, v := between(i%g.Cols, g.Cols, len(places[0]))
			low, high := places[r], places[min(r+1, len(places)-1)]
			next := min(c+1, len(low)-1)
			all[i] *= (1-u)*((1-v)*low[c]+v*low[next]) + u*((1-v)*high[c]+v*high[next])
		}
	}
	return all
}

// between returns the place of node k of n among m equidistant points: the
// point below, and the share of the distance to the next one.
func between(k, n, m int) (point int, share float64) {
	at := float64(k) / float64(n-1) * float64(m-1)
	point = int(at)
	return point, at - float64(point)
}

// checkFactors returns an error about a factor of the noise that is not valid.
func (d *Definition) checkFactors() error {
	channels, places := d.Noise.Channels, d.Noise.Places
	if n := len(channels); n > 0 && n != len(d.Measurement.Components) {
		return bad("noise.channels", channels, fmt.Sprintf("a factor for each of %v",
			d.Measurement.Components))
	}
	if len(places) > 0 && (len(places) > d.Grid.Rows || len(places[0]) > d.Grid.Cols) {
		return bad("noise.places", fmt.Sprintf("%d×%d factors", len(places), len(places[0])),
			"no more than there are nodes")
	}
	for k, row := range append([][]float64{channels}, places...) {
		name := "noise.channels"
		if k > 0 {
			name = fmt.Sprintf("noise.places, row %d", k)
		}
		if k > 0 && (len(row) == 0 || len(row) != len(places[0])) {
			return bad(name, row, "as many factors as the other rows have, and at least one")
		}
		for _, v := range row {
			if !positive(v) {
				return bad(name, v, "positive factors of noise.std")
			}
		}
	}
	return nil
}

// logSteps returns n values whose logarithms are the middles of equal parts of
// a range, from the lowest.
//
// The values lo (hi/lo)^((k + ½)/n) are the midpoint rule for the mean over a
// log-uniform variable.
func logSteps(r [2]float64, n int) (v []float64) {
	if r[0] == r[1] {
		return []float64{r[0]}
	}
	for k := range n {
		v = append(v, r[0]*math.Pow(r[1]/r[0], (float64(k)+0.5)/float64(n)))
	}
	return v
}

// uniform returns the values on the nodes of a uniform specimen: the medians of
// the backgrounds.
//
// It is the reference state in which the effect of an edge's error is computed.
func (d *Definition) uniform() (x []float64, err error) {
	given := []*Prior{&d.Prior}
	if _, second := d.second(); second != nil {
		given = append(given, second)
	}
	for _, p := range given {
		background, err := parse(p.Background)
		if err != nil {
			return nil, err
		}
		x = append(x, slices.Repeat([]float64{background.middle()}, d.Grid.Rows*d.Grid.Cols)...)
	}
	return x, nil
}

// jitter returns the changes of y that the errors of the measured edges cause
// in a uniform specimen: one for each measured unknown and each cosine along
// the edge. The amplitudes are such that the variance of an edge's error is
// Jitter² on average along the edge.
//
// An edge with the error e(t) = Σ_k z_k A cos(πkt), t from 0 to 1, z_k standard
// normal, k = 0 … K−1, has on average over t the variance
//
//	A² (1 + (K − 1)/2) = Jitter²
//
// since cos² averages to ½ for k ≥ 1. This gives A. The displacement is linear
// in the conditions of the edges, so that mode k of y is the solution for A
// cos(πkt) on one edge and 0 on all others.
func (d *Definition) jitter() (modes [][]float64, err error) {
	x, err := d.uniform()
	if err != nil {
		return nil, err
	}
	m := d.newMesh()
	amplitude := d.Edges.Jitter / math.Sqrt(1+float64(jitterModes-1)/2)
	for _, moved := range d.Edges.list() {
		side := d.Edges.Measured[moved.name]
		for c, name := range d.unknowns() {
			if *moved.condition != any(measured) || side.of(name) == nil {
				continue
			}
			for k := range jitterModes {
				analysis, err := d.analyze(m, func(e *edge, unknown int,
					at float64) (float64, bool) {
					_, ok := d.prescribed(e, unknown, at)
					if e.name != moved.name || unknown != c {
						return 0, ok
					}
					return amplitude * math.Cos(math.Pi*float64(k)*at), ok
				})
				if err != nil {
					return nil, err
				}
				y := make([]float64, len(d.Measurement.Components)*d.Grid.Rows*d.Grid.Cols)
				if err := d.newSolver(analysis).forward(y, x); err != nil {
					return nil, err
				}
				modes = append(modes, y)
			}
		}
	}
	return modes, nil
}
