package problems

// Quantified is a Problem whose fields are summed up in a few physical quantities, such as the place of an inclusion
// and its modulus: what a report states with its uncertainty, and what calibration is tested on.
type Quantified interface {
	Problem

	// Quantities names them, with their units.
	Quantities() []Variable

	// Quantify sets dst, of one value per quantity, to those of the field x in physical units. x may be any finite
	// field, such as a posterior draw with its noise: the values are finite. It may be called from several goroutines.
	Quantify(dst, x []float64)
}
