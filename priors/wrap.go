package priors

import (
	"math"

	"csdm/rng"
)

// Wrap folds phases into (−π, π] without adding anything random (Eq. 27 of the
// paper). It comes last in a Sequence, after the noise of the phase.
type Wrap struct{}

// Sample implements Measurement: arg exp(i y), value by value.
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

func (Wrap) String() string { return "wrapped to (−π, π]" }

// wrap returns the number in (−π, π] that differs from v by a multiple of 2π.
func wrap(v float64) float64 {
	w := math.Remainder(v, 2*math.Pi) // exact, in [−π, π]
	if w <= -math.Pi {
		w += 2 * math.Pi
	}
	return w
}

// Bounded is a Measurement whose values keep to an interval whatever is
// measured, as wrapped phases do.
type Bounded interface {
	Measurement
	Bounds() (lo, hi float64)
}

// Bounds returns the interval that measurements of a law keep to: that of a
// Bounded law, of which a Sequence has the last. ok says whether there is one.
func Bounds(law Measurement) (lo, hi float64, ok bool) {
	if q, is := law.(Sequence); is && len(q) > 0 {
		return Bounds(q[len(q)-1])
	}
	if b, is := law.(Bounded); is {
		lo, hi = b.Bounds()
		return lo, hi, true
	}
	return 0, 0, false
}

// Periodic is a Measurement whose values are known but for multiples of a
// period.
type Periodic interface {
	Measurement
	Period() float64
}

// Period returns the period of measurements of a law: that of a Periodic one,
// of which a Sequence has the last; 0 if there is none.
func Period(law Measurement) float64 {
	if q, is := law.(Sequence); is && len(q) > 0 {
		return Period(q[len(q)-1])
	}
	if p, is := law.(Periodic); is {
		return p.Period()
	}
	return 0
}
