package specimen

import (
	"fmt"
	"math"
	"strings"
)

// transform is the map from a modulus m to the inferred field x: the identity,
// ln m, or the logit ln((m − lo)/(hi − m)). A posterior draw, with all its
// errors, then is a modulus that is positive, or between lo and hi.
//
// A network's draws have normal errors about the field. exp of any number is
// positive, and lo + (hi − lo)/(1 + e^−x) lies between the bounds.
type transform struct {
	kind   string
	lo, hi float64
}

// The kinds of transforms; the last two are words of a file.
const (
	identical = ""
	logarithm = "log"
	bounded   = "bounded"
)

// parseTransform returns the transform of a value from a file: nothing, "log",
// or { bounded = [lo, hi] }. key is its place.
func parseTransform(value any, key string) (transform, error) {
	if value == nil {
		return transform{}, nil
	}
	if value == any(logarithm) {
		return transform{kind: logarithm}, nil
	}
	table, _ := value.(map[string]any)
	if r, ok := twoOf(table[bounded]); ok && len(table) == 1 && 0 <= r[0] && r[0] < r[1] {
		return transform{bounded, r[0], r[1]}, nil
	}
	return transform{}, bad(key, fmt.Sprintf("%v", value), `"log" or { bounded = `+
		`[lo, hi] } with limits of the modulus, from 0`)
}

// apply replaces moduli by x.
func (t *transform) apply(m []float64) {
	for i, v := range m {
		m[i] = t.of(v)
	}
}

// of returns x for a modulus m. The logit is a difference of logarithms, which
// keeps its digits near both bounds.
func (t *transform) of(m float64) float64 {
	switch t.kind {
	case logarithm:
		return math.Log(m)
	case bounded:
		return math.Log(m-t.lo) - math.Log(t.hi-m)
	}
	return m
}

// invert sets m to the moduli of x. Infinity and NaN are kept, so that the
// forward model refuses them.
func (t *transform) invert(m, x []float64) {
	switch t.kind {
	case identical:
		copy(m, x)
	case logarithm:
		for i, v := range x {
			m[i] = math.Exp(v)
		}
	case bounded:
		for i, v := range x {
			m[i] = t.lo + (t.hi-t.lo)/(1+math.Exp(-v))
			if math.IsInf(v, 0) {
				m[i] = v
			}
		}
	}
}

// name returns name and unit of x for a quantity.
func (t *transform) name(quantity, unit string) (string, string) {
	switch t.kind {
	case logarithm:
		return "logarithm of the " + quantity, "ln " + unit
	case bounded:
		return "logit of the " + quantity, strings.TrimSuffix(fmt.Sprintf("logit in %v…%v %s", t.lo,
			t.hi, unit), " 1")
	}
	return quantity, unit
}
