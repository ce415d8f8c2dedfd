package measured

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// units are factors to the first unit of each kind: metre and radian.
var units = []map[string]float64{
	{"m": 1, "dm": 1e-1, "cm": 1e-2, "mm": 1e-3, "µm": 1e-6, "nm": 1e-9},
	{"rad": 1, "mrad": 1e-3, "deg": math.Pi / 180, "°": math.Pi / 180, "cycle": 2 * math.Pi},
}

// canonical returns how a unit is written here: um, and µ in its two characters, are one.
func canonical(unit string) string {
	unit = strings.ReplaceAll(strings.TrimSpace(unit), "μ", "µ") // Greek mu to micro sign
	if unit == "um" || unit == "micron" {
		return "µm"
	}
	return unit
}

// UnitFactor returns by what a value in the unit from is multiplied to be in the unit to. Lengths and angles are known; any unit is
// itself. The error is a *Error.
func UnitFactor(from, to string) (float64, error) {
	a, b := canonical(from), canonical(to)
	if a == b {
		return 1, nil
	}
	for _, kind := range units {
		if fa, ok := kind[a]; ok {
			if fb, ok := kind[b]; ok {
				return fa / fb, nil
			}
		}
	}
	return 0, &Error{fmt.Sprintf("nothing is known of how to turn %q into %q", from, to)}
}

// ParseLengths reads one or two lengths, separated by a comma, such as "0.5", "200um" or "26.3mm,34.6mm", into the given unit, which a
// number without a unit is in. One length stands for both. The error is a *Error.
func ParseLengths(text, unit string) (x, y float64, err error) {
	parts := strings.Split(text, ",")
	if len(parts) > 2 {
		return 0, 0, &Error{fmt.Sprintf("%q: one length or two, X,Y, are expected", text)}
	}
	var lengths [2]float64
	for i, part := range parts {
		part = strings.TrimSpace(part)
		end := strings.LastIndexAny(part, "0123456789.") + 1
		v, err := strconv.ParseFloat(part[:end], 64)
		if err != nil || math.IsInf(v, 0) || strings.ContainsAny(part[:end], "xX_") { // Go's notations that are nobody's else
			return 0, 0, &Error{fmt.Sprintf("%q: a length such as 0.5, 0.5mm or 0.5,0.25 is expected", text)}
		}
		if in := part[end:]; strings.TrimSpace(in) != "" {
			factor, err := UnitFactor(in, unit)
			if err != nil {
				return 0, 0, err
			}
			v *= factor
		}
		lengths[i] = v
	}
	if len(parts) == 1 {
		lengths[1] = lengths[0]
	}
	return lengths[0], lengths[1], nil
}
