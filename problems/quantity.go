package problems

// Quantified is a Problem whose fields can be summarized by a few physical
// quantities, such as the position of an inclusion and its modulus. Reports
// state these quantities with their uncertainty, and calibration tests them.
type Quantified interface {
	Problem

	// Quantities returns their names, units and resolution.
	Quantities() []Variable

	// Quantify sets dst, with one value per quantity, to the quantities of the
	// field x in physical units. x may be any finite field, such as a posterior
	// draw with its noise. A quantity that the field does not have, such as the
	// center of a missing inclusion, is NaN; all others are finite. Quantify
	// may be called from several goroutines.
	Quantify(dst, x []float64)
}

// QuantifiedVariables is Quantified whose quantities follow from the variables
// of the prior, without the error of measuring them in a field on a grid.
type QuantifiedVariables interface {
	Quantified

	// QuantifyVariables sets dst to the quantities of the variables theta.
	// Quantities returns their names.
	QuantifyVariables(dst, theta []float64)
}

// Inspected is a Quantified that can report how well its quantities describe a
// field.
type Inspected interface {
	Quantified

	// Inspect describes the regions of x on which its quantities are measured.
	// It may be called from several goroutines.
	Inspect(x []float64) Regions
}

// Regions describes the connected regions of a field that may be the object of
// the quantities.
type Regions struct {
	What    string  // name of the object, such as "inclusion"
	First   int     // pixels of the measured region; 0 if there is none
	Second  int     // pixels of the largest other region
	Outside float64 // fraction of the pixels of all regions that are not in the first
	Least   int     // smallest number of pixels of a region that counts
}
