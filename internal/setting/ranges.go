package setting

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// interval is a range of numbers. Each end may belong to it or not.
type interval struct {
	low, high         float64
	openLow, openHigh bool
}

// everything is the range of a number without the tag range.
var everything = interval{low: math.Inf(-1), high: math.Inf(1), openLow: true, openHigh: true}

func (i interval) contains(x float64) bool {
	return (x > i.low || x == i.low && !i.openLow) && (x < i.high || x == i.high && !i.openHigh)
}

// interval returns the range of a number, written as mathematicians do:
// "[0, 1)", "(0, inf)".
func (s Setting) interval() interval {
	if s.Range == "" {
		return everything
	}
	text := s.Range
	low, high, ok := strings.Cut(strings.Trim(text, "[]()"), ", ")
	a, errLow := strconv.ParseFloat(low, 64)
	b, errHigh := strconv.ParseFloat(high, 64)
	if !ok || errLow != nil || errHigh != nil {
		panic(fmt.Sprintf("setting: range %q of %s", text, s.Name))
	}
	return interval{low: a, high: b, openLow: text[0] == '(',
		openHigh: strings.HasSuffix(text, ")")}
}

// Choices returns the names that the setting accepts. It returns nil for a
// number, and for a setting that accepts any text.
func (s Setting) Choices() []string {
	if s.field.Kind() != reflect.String || s.Range == "" {
		return nil
	}
	return strings.Split(s.Range, "|")
}

// Wants returns the values that the setting accepts, in words; empty for any.
func (s Setting) Wants() string {
	if names := s.Choices(); names != nil {
		return either(names)
	}
	if s.Range == "" {
		return ""
	}
	i := s.interval()
	low, high := number(i.low), number(i.high)
	switch {
	case math.IsInf(i.high, 1) && i.low == 0 && i.openLow:
		return "positive"
	case math.IsInf(i.high, 1) && i.openLow:
		return "more than " + low
	case math.IsInf(i.high, 1):
		return "at least " + low
	case !i.openLow && !i.openHigh:
		return "between " + low + " and " + high
	case i.openLow && i.openHigh:
		return "more than " + low + " and less than " + high
	case i.openHigh:
		return "at least " + low + " and less than " + high
	}
	return "more than " + low + " and at most " + high
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// either joins names as "a, b or c".
func either(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
