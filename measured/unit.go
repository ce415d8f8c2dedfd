package measured

import (
	"fmt"
	"math"
	"strings"
)

// unit is a unit of measurement: its symbol, its size in the first unit of its
// kind, and its other spellings.
type unit struct {
	symbol string
	size   float64
	names  []string
}

// kind is a quantity with its units.
type kind struct {
	name  string
	units []unit
}

// The size of a unit is the number of the kind's first unit that it contains: a
// factor from a to b is size(a)/size(b).
var kinds = []kind{
	{"length", []unit{
		{"m", 1, []string{"meter", "meters", "metre", "metres"}},
		{"dm", 1e-1, []string{"decimeter", "decimeters", "decimetre", "decimetres"}},
		{"cm", 1e-2, []string{"centimeter", "centimeters", "centimetre", "centimetres"}},
		{"mm", 1e-3, []string{"millimeter", "millimeters", "millimetre", "millimetres"}},
		{"µm", 1e-6, []string{"um", "micron", "microns", "micrometer", "micrometers", "micrometre",
			"micrometres"}},
		{"nm", 1e-9, []string{"nanometer", "nanometers", "nanometre", "nanometres"}},
		{"in", 0.0254, []string{"inch", "inches"}},
	}},
	{"angle", []unit{
		{"rad", 1, []string{"radian", "radians"}},
		{"mrad", 1e-3, []string{"milliradian", "milliradians"}},
		{"deg", math.Pi / 180, []string{"°", "degree", "degrees"}},
		{"cycle", 2 * math.Pi, []string{"cycles", "turn", "turns"}},
	}},
	{"pressure", []unit{
		{"Pa", 1, []string{"pascal", "pascals"}},
		{"kPa", 1e3, []string{"kilopascal", "kilopascals"}},
		{"MPa", 1e6, []string{"megapascal", "megapascals"}},
		{"GPa", 1e9, []string{"gigapascal", "gigapascals"}},
	}},
}

// doubtful holds spellings that stand for more than one unit.
//
// A factor of a thousand million hides between mPa and MPa, so that a wrong
// case is no spelling mistake.
var doubtful = map[string]string{
	"M": "meters or a prefix", "Mm": "millimeters or megameters",
	"NM": "nanometers or nautical miles", "nM": "nanometers or a concentration",
	"Mrad": "milliradians or megaradians", "mPa": "megapascals or millipascals",
	"mpa": "megapascals or millipascals",
}

// canonical returns a unit's spelling without surrounding blanks and with one
// of the two characters µ.
func canonical(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "μ", "µ") // Greek mu to micro sign
}

// lookup finds a unit by its symbol or a name. It first compares exactly, then
// without regard to case unless the spelling is doubtful.
//
// Exact spellings win, so that "mPa" could never be read as "MPa".
func lookup(text string) (kind, unit, bool) {
	for _, same := range []func(a, b string) bool{func(a, b string) bool {
		return a == b
	}, strings.EqualFold} {
		for _, k := range kinds {
			for _, u := range k.units {
				if same(u.symbol, text) {
					return k, u, true
				}
				for _, name := range u.names {
					if same(name, text) {
						return k, u, true
					}
				}
			}
		}
		if doubtful[text] != "" {
			break
		}
	}
	return kind{}, unit{}, false
}

// known returns the symbols of a kind's units, as text.
func (k kind) known() string {
	symbols := make([]string, len(k.units))
	for i, u := range k.units {
		symbols[i] = u.symbol
	}
	return strings.Join(symbols, ", ")
}

// UnitFactor returns the factor that converts a value in the unit from to the
// unit to. It knows units of length, angle and pressure, by symbol or name. Any
// other unit converts only to itself. The error is an *Error that lists the
// known units.
//
// Unequal units that are not known, such as volts and millivolts, have no
// factor: a guess could be wrong by powers of ten.
func UnitFactor(from, to string) (float64, error) {
	a, b := canonical(from), canonical(to)
	if a == b {
		return 1, nil
	}
	kb, ub, knownTo := lookup(b)
	if !knownTo {
		return 0, &Error{fmt.Sprintf("%q cannot be converted to %q: only %q itself is accepted",
			from, to, to)}
	}
	if what := doubtful[a]; what != "" {
		return 0, &Error{fmt.Sprintf("the unit %q may mean %s; units of %s: %s", from, what,
			kb.name, kb.known())}
	}
	ka, ua, knownFrom := lookup(a)
	switch {
	case !knownFrom:
		return 0, &Error{fmt.Sprintf("the unit %q is not known; units of %s: %s", from, kb.name,
			kb.known())}
	case ka.name != kb.name:
		return 0, &Error{fmt.Sprintf("%q is a unit of %s; a unit of %s is expected: %s", from,
			ka.name, kb.name, kb.known())}
	}
	return ua.size / ub.size, nil
}
