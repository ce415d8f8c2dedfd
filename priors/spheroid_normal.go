package priors

import (
	"fmt"

	"csdm/rng"
)

// TruncatedNormal is the normal law of mean Mean and standard deviation Std,
// given that the value lies in [Lo, Hi]. (Std is that of the law before
// truncation.)
type TruncatedNormal struct{ Mean, Std, Lo, Hi float64 }

// Draw returns a draw, by redrawing until it lies within the limits.
func (t TruncatedNormal) Draw(s *rng.Stream) float64 {
	for {
		if v := t.Mean + t.Std*s.Normal(); t.Lo <= v && v <= t.Hi {
			return v
		}
	}
}

// Validate reports a law that has no density, or whose interval lies so far off
// the mean, or is so narrow, that redrawing would not end in time: it must hold
// Mean, and reach half a deviation to one side of it.
func (t TruncatedNormal) Validate() error {
	if !(t.Std > 0 && t.Lo <= t.Mean && t.Mean <= t.Hi && t.Hi-t.Lo >= t.Std/2 &&
		t.Hi-t.Lo < 1e300) {
		return fmt.Errorf("priors: normal law of mean %v and standard deviation %v, truncated to "+
			"[%v, %v]", t.Mean, t.Std, t.Lo, t.Hi)
	}
	return nil
}
