package plot

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// scale maps values of one axis to places between 0 and 1.
type scale struct {
	lo, hi float64 // lo < hi; both positive if log
	log    bool
}

// place maps lo to 0 and hi to 1, linearly in v or in log v. Values beyond the
// ends have places beyond 0 and 1.
func (s scale) place(v float64) float64 {
	if s.log {
		return math.Log(v/s.lo) / math.Log(s.hi/s.lo)
	}
	return (v - s.lo) / (s.hi - s.lo)
}

// shows reports whether v has a place on the scale, inside or out.
func (s scale) shows(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!s.log || v > 0)
}

// tick is a mark on an axis; minor ticks have no text.
type tick struct {
	value float64
	text  string // with markup
}

// ticks returns about n labeled ticks on s and, for a logarithmic scale, minor
// ticks between them. The labels of a linear scale of very small or very large
// numbers leave out their common power of ten. That power is returned as
// factor, as "×10^{−4}", to stand next to the unit.
//
// Ticks are whole multiples of a step, computed as k·step: adding the step
// again and again would accumulate its rounding. The factor is a power of 1000,
// as in engineering notation. The number of decimals is the one at which two
// neighbors differ.
func (s scale) ticks(n int) (ts []tick, factor string) {
	if s.log {
		return s.logTicks(n), ""
	}
	step := niceStep((s.hi - s.lo) / float64(n))
	exponent := 0
	if largest := max(math.Abs(s.lo), math.Abs(s.hi)); largest < 5e-2 || largest >= 1e5 {
		exponent = 3 * int(math.Floor((math.Log10(largest)+1e-9)/3))
		factor = fmt.Sprintf("×10^{%s}", minus(strconv.Itoa(exponent)))
	}
	unit := math.Pow10(-exponent)
	decimals := max(0, -int(math.Floor(math.Log10(step*unit)+1e-9)))
	if decimals > 6 { // a narrow scale far from zero
		decimals = 6
	}
	slack := 1e-9 * (s.hi - s.lo)
	for k := math.Ceil((s.lo - slack) / step); k*step <= s.hi+slack; k++ {
		ts = append(ts, tick{k * step, minus(strconv.FormatFloat(k*step*unit+0, 'f', decimals,
			64))})
	}
	return ts, factor
}

// shortTicks are linear ticks written as briefly as can be, for the narrow axes
// of panels.
func (s scale) shortTicks(n int) []tick {
	ts, _ := s.ticks(n)
	for i := range ts {
		v := ts[i].value
		if math.Abs(v) < 1e-9*(s.hi-s.lo) {
			v = 0
		}
		ts[i].text = plainNumber(v)
	}
	return ts
}

// niceStep returns the number of the form {1, 2, 5}·10^k that is nearest to x
// in ratio.
//
// With f between 1 and 10, the bounds between 1, 2, 5 and 10 are their
// geometric means, since ratios are compared.
func niceStep(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	switch f := x / power; { // the bounds are √(1·2), √(2·5) and √(5·10)
	case f < math.Sqrt2:
		return power
	case f < 3.1623:
		return 2 * power
	case f < 7.0711:
		return 5 * power
	}
	return 10 * power
}

// logTicks returns ticks at m·10^e, m = 1 … 9, of which some have a text: the
// powers of ten, in a short range 2 and 5 as well, and in a long one each
// second or third power. A range below a factor of 6 has linear ticks.
func (s scale) logTicks(n int) []tick {
	if s.hi < 6*s.lo { // too few round numbers for a logarithmic pattern
		return scale{lo: s.lo, hi: s.hi}.shortTicks(n)
	}
	first, last := int(math.Floor(math.Log10(s.lo)+1e-9)), int(math.Ceil(math.Log10(s.hi)-1e-9))
	decades := math.Log10(s.hi / s.lo)
	every := max(1, int(math.Ceil(decades/float64(n)))) // label each, each second, … decade
	inner := map[int]bool{1: true}
	if decades < 2.2 {
		inner[2], inner[5] = true, true
	}
	plainNumbers := s.lo >= 0.9e-3 && s.hi <= 1.1e4 || decades < 2.2
	var ts []tick
	for e := first; e <= last; e++ {
		for m := 1; m < 10; m++ {
			v := float64(m) * math.Pow10(e)
			if v < s.lo*(1-1e-9) || v > s.hi*(1+1e-9) {
				continue
			}
			t := tick{value: v}
			switch {
			case !inner[m] || (e%every) != 0:
			case plainNumbers:
				t.text = plainNumber(v)
			default:
				t.text = fmt.Sprintf("10^{%s}", minus(strconv.Itoa(e)))
			}
			if m == 1 || every == 1 {
				ts = append(ts, t)
			}
		}
	}
	return ts
}

// plainNumber writes v with as many digits as it needs, up to six.
func plainNumber(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if v != 0 && (math.Abs(v) < 1e-4 || math.Abs(v) >= 1e6) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(rounded, 'e', -1, 64), "e")
		e, _ := strconv.Atoi(exponent)
		return minus(fmt.Sprintf("%s·10^{%d}", mantissa, e))
	}
	return minus(strconv.FormatFloat(rounded, 'f', -1, 64))
}

// minus replaces the hyphen by the minus sign.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }
