package measured

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Lengths are two lengths, in x and in y.
//
// Both are in the unit of the caller.
type Lengths struct {
	X, Y    float64
	Reading string // the text as it was read, such as "x = 1 mm, y = 5 mm"
}

// ParseLengths reads one or two lengths, separated by a comma, and converts
// them to the unit into. One length stands for both. A unit may follow each
// length, as in "26.3mm,34.6mm", or only the last, as in "26.3,34.6 mm".
// Without a unit the lengths are in the unit into. A unit after the first of
// two lengths only is an error. Errors are *Error.
//
// A decimal comma looks like the comma of a list: "1,5mm" is x = 1 mm, y = 5
// mm. Reading shows this.
func ParseLengths(text, into string) (Lengths, error) {
	parts := strings.Split(text, ",")
	if len(parts) > 2 {
		return Lengths{},
			&Error{fmt.Sprintf("%q has %d parts: one length or two, X,Y, are expected, with a "+
				"decimal point", text, len(parts))}
	}
	var values [2]float64
	var units [2]string
	for i, part := range parts {
		var err error
		if values[i], units[i], err = splitLength(part); err != nil {
			return Lengths{},
				&Error{fmt.Sprintf("%q: a length such as 0.5, 0.5mm or 0.5,0.25mm is expected",
					text)}
		}
	}
	last := len(parts) - 1
	switch {
	case last == 0:
		values[1], units[1] = values[0], units[0]
	case units[0] == "":
		units[0] = units[1]
	case units[1] == "":
		return Lengths{}, &Error{fmt.Sprintf("%q has a unit for the first length only: write the "+
			"unit after the last "+
			"length, for both, or after each", text)}
	}
	var read [2]string
	for i, in := range units {
		note := ""
		if in == "" {
			in, note = into, " (no unit is given)"
		}
		factor, err := UnitFactor(in, into)
		if err != nil {
			return Lengths{}, &Error{fmt.Sprintf("%q: %v", text, err)}
		}
		if _, u, ok := lookup(canonical(in)); ok {
			in = u.symbol
		}
		read[i] = fmt.Sprintf("%g %s%s", values[i], in, note)
		values[i] *= factor
	}
	return Lengths{values[0], values[1], "x = " + read[0] + ", y = " + read[1]}, nil
}

// splitLength splits a length into its number and the unit after it.
//
// The number ends at the last digit or point, so that "1e-3m" is 10⁻³ and m.
// Infinity is no length.
func splitLength(text string) (value float64, unit string, err error) {
	text = strings.TrimSpace(text)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	number := text[:end]
	if strings.ContainsAny(number, "xX_") { // notations of Go only
		return 0, "", strconv.ErrSyntax
	}
	if value, err = strconv.ParseFloat(number, 64); err == nil && math.IsInf(value, 0) {
		err = strconv.ErrRange
	}
	return value, strings.TrimSpace(text[end:]), err
}
