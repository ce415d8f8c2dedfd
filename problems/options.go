package problems

import (
	"fmt"
	"math"
)

// Limits on Options that hold for every problem: fewer nodes show nothing, and
// more noise than a hundred times the scale of y is a slip of the unit.
const (
	minGrid  = 8
	maxGrid  = 4096
	maxNoise = 1e4
)

// OptionError says which option a problem cannot take.
type OptionError struct {
	Problem, Option string
	Value           float64
	Reason          string
}

func (e *OptionError) Error() string {
	return fmt.Sprintf("%s: %s of %v: %s", e.Problem, e.Option, e.Value, e.Reason)
}

// Resolve returns o with the problem's defaults in the place of zeros, or an
// *OptionError. A problem whose default NoisePercent is zero takes none.
func (o Options) Resolve(problem string, defaults Options) (Options, error) {
	if o.Grid == 0 {
		o.Grid = defaults.Grid
	}
	if o.Grid < minGrid || o.Grid > maxGrid {
		return o, &OptionError{problem, "grid", float64(o.Grid),
			fmt.Sprintf("must lie between %d and %d nodes", minGrid, maxGrid)}
	}
	if o.NoisePercent == 0 {
		o.NoisePercent = defaults.NoisePercent
	}
	switch {
	case defaults.NoisePercent == 0 && o.NoisePercent != 0:
		return o, &OptionError{problem, "noise", o.NoisePercent,
			"this problem's noise is not given in percent"}
	case !(o.NoisePercent >= 0 && o.NoisePercent <= maxNoise) || math.IsInf(o.NoisePercent, 0):
		return o, &OptionError{problem, "noise", o.NoisePercent, "must be positive"}
	}
	return o, nil
}
