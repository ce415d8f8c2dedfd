package priors

import (
	"fmt"
	"math"

	"csdm/rng"
)

// Known is a Likelihood whose noise has a known standard deviation.
type Known interface {
	Likelihood
	Standardizer
}

// Partial is the distribution of a measurement that has values at Places alone,
// such as the nodes of sensors. All other values are Missing, whatever y is.
type Partial struct {
	// noise of the values at the places
	Noise  Known
	Places []int // of the measured values, ascending
}

// PartialVarying is a Partial whose Noise is Varying.
type PartialVarying struct{ Partial }

// NewPartial returns the distribution of the values at places, ascending, of a
// measurement with the given noise.
func NewPartial(noise Known, places []int) Measurement {
	p := Partial{noise, places}
	if _, ok := noise.(Varying); ok {
		return PartialVarying{p}
	}
	return p
}

// Values returns the number of values that a measurement of n values has.
func Values(measurement Measurement, n int) int {
	switch p := measurement.(type) {
	case Partial:
		return len(p.Places)
	case PartialVarying:
		return len(p.Places)
	case Recorded:
		if p.Places != nil {
			return len(p.Places)
		}
	}
	return n
}

// keep sets dst to the values of y at the places, ascending, and to NaN
// elsewhere. The two may be the same.
func keep(dst, y []float64, places []int) {
	k := 0
	for i, v := range y {
		if k < len(places) && places[k] == i {
			k++
			dst[i] = v
		} else {
			dst[i] = math.NaN()
		}
	}
}

// Sample implements Measurement.
func (p Partial) Sample(dst, y []float64, s *rng.Stream) {
	p.Noise.Sample(dst, y, s)
	keep(dst, dst, p.Places)
}

// LogLikelihood implements Likelihood.
func (p Partial) LogLikelihood(y, prediction []float64) float64 {
	return p.Noise.LogLikelihood(p.kept(y), prediction)
}

// Standardize implements Standardizer.
func (p Partial) Standardize(dst, y, prediction []float64) {
	p.Noise.Standardize(dst, p.kept(y), prediction)
}

// Excess implements Varying.
func (p PartialVarying) Excess(y, prediction []float64) float64 {
	return p.Noise.(Varying).Excess(p.kept(y), prediction)
}

// Least implements Varying.
func (p PartialVarying) Least() Standardizer {
	p.Noise = p.Noise.(Varying).Least().(Known)
	return p
}

// HasRandomStd reports whether Noise has one. It implements RandomStd.
func (p PartialVarying) HasRandomStd() bool {
	open, ok := p.Noise.(RandomStd)
	return ok && open.HasRandomStd()
}

// DrawStd implements RandomStd.
func (p PartialVarying) DrawStd(y, prediction []float64, s *rng.Stream) float64 {
	return p.Noise.(RandomStd).DrawStd(p.kept(y), prediction, s)
}

// kept returns y with no value outside of the places: y itself if it has none.
func (p Partial) kept(y []float64) []float64 {
	k := 0
	for i, v := range y {
		switch {
		case k < len(p.Places) && p.Places[k] == i:
			k++
		case !Missing(v):
			out := make([]float64, len(y))
			keep(out, y, p.Places)
			return out
		}
	}
	return y
}

// String gives the noise and the number of measured places.
func (p Partial) String() string {
	return fmt.Sprintf("%v, at %d places", p.Noise, len(p.Places))
}
