package measured

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Lengths are two lengths, in x and in y.
type Lengths struct {
	X, Y    float64
	Reading string // how the text was read, such as "x = 1 mm, y = 5 mm"
}

// ParseLengths reads one or two lengths, separated by a comma, into the given
// unit, and says how it read them. One length stands for both. A unit is given
// for each length, as in "26.3mm,34.6mm", or once behind the last, as in
// "26.3,34.6 mm"; without any, the lengths are in the given unit. A unit for
// the first length alone is an error. The error is an *Error.
//
// A decimal comma cannot be told from a list: "1,5mm" is x = 1 mm, y = 5 mm,
// and Reading says so.
func ParseLengths(text, into string) (Lengths, error) {
	parts := strings.Split(text, ",")
	if len(parts) > 2 {
		return Lengths{},
			&Error{fmt.Sprintf(
				"%q has %d parts: one length or two, X,Y, are expected, with a decimal point",
				text, len(parts))}
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
		return Lengths{},
			&Error{fmt.Sprintf(
				"%q gives a unit for the first length alone: write it behind the last, for "+
					"both, or behind each", text)}
	}
	var read [2]string
	for i, in := range units {
		said := ""
		if in == "" {
			in, said = into, " (no unit is given)"
		}
		factor, err := UnitFactor(in, into)
		if err != nil {
			return Lengths{}, &Error{fmt.Sprintf("%q: %v", text, err)}
		}
		if _, u, ok := lookup(canonical(in)); ok {
			in = u.symbol
		}
		read[i] = fmt.Sprintf("%g %s%s", values[i], in, said)
		values[i] *= factor
	}
	return Lengths{values[0], values[1], "x = " + read[0] + ", y = " + read[1]}, nil
}

// splitLength parts a number from the unit behind it.
func splitLength(text string) (value float64, unit string, err error) {
	text = strings.TrimSpace(text)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	number := text[:end]
	if strings.ContainsAny(number, "xX_") { // notations of Go that nobody else has
		return 0, "", strconv.ErrSyntax
	}
	if value, err = strconv.ParseFloat(number, 64); err == nil && math.IsInf(value, 0) {
		err = strconv.ErrRange
	}
	return value, strings.TrimSpace(text[end:]), err
}
