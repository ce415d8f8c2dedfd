package problems

import (
	"fmt"
	"math"
)

// Limits on Options for every problem. A grid with fewer nodes cannot resolve
// anything, and noise of more than a hundred times the scale of y is a mistake
// in the unit.
const (
	minGrid  = 8
	maxGrid  = 4096
	maxNoise = 1e4
)

// OptionError reports an option that a problem does not accept.
type OptionError struct {
	Problem, Option string
	Value           float64
	Reason          string
}

// Error names problem, option and value, with the reason.
func (e *OptionError) Error() string {
	return fmt.Sprintf("%s: %s of %v: %s", e.Problem, e.Option, e.Value, e.Reason)
}

// Resolve returns o with zeros replaced by the problem's defaults, or an
// *OptionError. A problem whose default NoisePercent is zero accepts none.
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
