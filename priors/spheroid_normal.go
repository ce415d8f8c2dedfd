package priors

import (
	"fmt"

	"csdm/rng"
)

// TruncatedNormal is the normal distribution of mean Mean and standard
// deviation Std, truncated to [Lo, Hi]. Mean and Std are the values before
// truncation.
type TruncatedNormal struct{ Mean, Std, Lo, Hi float64 }

// Draw returns a draw. It redraws until the value lies within the limits.
func (t TruncatedNormal) Draw(s *rng.Stream) float64 {
	for {
		if v := t.Mean + t.Std*s.Normal(); t.Lo <= v && v <= t.Hi {
			return v
		}
	}
}

// Validate returns an error if the distribution has no density, or if redrawing
// would take too long. The interval must contain Mean and reach half a
// deviation to one side of it.
func (t TruncatedNormal) Validate() error {
	if !(t.Std > 0 && t.Lo <= t.Mean && t.Mean <= t.Hi && t.Hi-t.Lo >= t.Std/2 &&
		t.Hi-t.Lo < 1e300) {
		return fmt.Errorf("priors: normal distribution of mean %v and standard deviation %v, "+
			"truncated to [%v, %v]", t.Mean, t.Std, t.Lo, t.Hi)
	}
	return nil
}
