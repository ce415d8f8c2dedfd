package priors

// A value of a measurement that was not measured is NaN. A Likelihood is then
// the density of the values that were measured, and Standardize gives NaN where
// a value is missing.

// Missing reports whether a value of a measurement was not measured.
func Missing(v float64) bool { return v != v }

// Present returns the number of values of y that were measured.
func Present(y []float64) int {
	n := 0
	for _, v := range y {
		if !Missing(v) {
			n++
		}
	}
	return n
}
