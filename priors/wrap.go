package priors

import (
	"math"

	"csdm/rng"
)

// Wrap folds phases into (−π, π] and adds nothing random (Eq. 27 of the paper).
// It comes last in a Sequence, after the noise of the phase.
type Wrap struct{}

// Sample implements Measurement: it computes arg exp(i y) for each value.
func (Wrap) Sample(dst, y []float64, _ *rng.Stream) {
	checkLengths(dst, y)
	for i, v := range y {
		dst[i] = wrap(v)
	}
}

// Bounds implements Bounded.
func (Wrap) Bounds() (lo, hi float64) { return -math.Pi, math.Pi }

// Period implements Periodic.
func (Wrap) Period() float64 { return 2 * math.Pi }

// String names the interval.
func (Wrap) String() string { return "wrapped to (−π, π]" }

// wrap returns the number in (−π, π] that differs from v by a multiple of 2π.
func wrap(v float64) float64 {
	w := math.Remainder(v, 2*math.Pi) // exact, in [−π, π]
	if w <= -math.Pi {
		w += 2 * math.Pi
	}
	return w
}

// Bounded is a Measurement whose values always lie in an interval, such as
// wrapped phases.
type Bounded interface {
	Measurement
	Bounds() (lo, hi float64)
}

// Bounds returns the interval in which all values of a measurement lie, for a
// Bounded one and for a Sequence that ends in one. ok reports whether there is
// such an interval.
func Bounds(measurement Measurement) (lo, hi float64, ok bool) {
	if q, is := measurement.(Sequence); is && len(q) > 0 {
		return Bounds(q[len(q)-1])
	}
	if b, is := measurement.(Bounded); is {
		lo, hi = b.Bounds()
		return lo, hi, true
	}
	return 0, 0, false
}

// Periodic is a Measurement whose values are known only up to multiples of a
// period.
type Periodic interface {
	Measurement
	Period() float64
}

// Period returns the period of a measurement, for a Periodic one and for a
// Sequence that ends in one, or 0 if there is none.
func Period(measurement Measurement) float64 {
	if q, is := measurement.(Sequence); is && len(q) > 0 {
		return Period(q[len(q)-1])
	}
	if p, is := measurement.(Periodic); is {
		return p.Period()
	}
	return 0
}
