package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ComparisonTable lists the distance of each method from its reference, with
// the distance that a perfect method would have. unit is the unit of all
// distances.
func ComparisonTable(comparisons []Comparison, unit string) *Table {
	t := &Table{Name: "comparisons", Columns: []string{"Method", "Reference", "RMSE of mean",
		"RMSE of std", "Finite-draw floor", "Reference’s error"}}
	if unit != "" {
		unit += ", "
	}
	t.Units = []string{"", "", strings.TrimSuffix(unit, ", "), strings.TrimSuffix(unit, ", "),
		unit + "mean / std", unit + "mean / std"}
	for _, s := range comparisons {
		t.Rows = append(t.Rows, []string{s.Method, s.Reference, Number(s.Mean.RMSE),
			Number(s.Std.RMSE),
			pair(s.Mean.Floor, s.Std.Floor), pair(s.Mean.ReferenceError, s.Std.ReferenceError)})
	}
	return t
}

// known reports whether a distance is stated: 0 and NaN stand for unknown.
func known(v float64) bool { return v > 0 && !math.IsInf(v, 0) }

// pair writes two numbers into one cell, with a dash for an unknown number.
func pair(a, b float64) string {
	if !known(a) && !known(b) {
		return "–"
	}
	text := [2]string{"–", "–"}
	for i, v := range []float64{a, b} {
		if known(v) {
			text[i] = Number(v)
		}
	}
	return text[0] + " / " + text[1]
}

// Number writes v to three decimals, and a small or large v to two significant
// digits.
//
// It is for people to read: three decimals suffice to compare two distances,
// and a file has the full number.
func Number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "not a number"
	case math.IsInf(v, 0):
		return "infinite"
	case a == 0:
		return "0"
	case a < 0.01 || a >= 1e5:
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 1, 64), "e")
		e, _ := strconv.Atoi(exponent)
		if e >= -4 && e < 0 {
			return minus(strconv.FormatFloat(v, 'f', 1-e, 64))
		}
		return minus(fmt.Sprintf("%s·10^{%d}", mantissa, e))
	case a < 10:
		return minus(strconv.FormatFloat(v, 'f', 3, 64))
	}
	return minus(strconv.FormatFloat(v, 'f', 1, 64))
}

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }
