package problems

// Quantified is a Problem whose fields are summed up in a few physical
// quantities, such as the place of an inclusion and its modulus: what a report
// states with its uncertainty, and what calibration is tested on.
type Quantified interface {
	Problem

	// Quantities names them, with their units and their resolution.
	Quantities() []Variable

	// Quantify sets dst, of one value per quantity, to those of the field x in
	// physical units. x may be any finite field, such as a posterior draw with
	// its noise. A quantity of what the field does not hold, such as the center
	// of an inclusion where there is none, is NaN; all others are finite. It
	// may be called from several goroutines.
	Quantify(dst, x []float64)
}

// Inspected is a Quantified that says how well its quantities describe a field.
type Inspected interface {
	Quantified

	// Inspect describes the regions of x that its quantities are measured on.
	// It may be called from several goroutines.
	Inspect(x []float64) Regions
}

// Regions describes the connected regions of a field that can be taken for what
// the quantities are about.
type Regions struct {
	What    string  // that they are: "inclusion"
	First   int     // pixels of the region that is measured; 0: there is none
	Second  int     // pixels of the largest other one
	Outside float64 // share of the pixels of all regions that are not in the first
	Least   int     // a region of fewer pixels is none
}
