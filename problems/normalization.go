package problems

// Range is an interval of a physical quantity, and the affine map of this
// interval to [0, 1].
type Range struct {
	// smallest value
	Min float64 `json:"min"`
	// largest value
	Max float64 `json:"max"`
}

// Width returns Max − Min.
func (r Range) Width() float64 { return r.Max - r.Min }

// Contains reports whether v lies in the closed interval.
func (r Range) Contains(v float64) bool { return r.Min <= v && v <= r.Max }

// Apply sets dst to (v − Min)/(Max − Min) for each v. dst and v have equal
// lengths and may be the same slice.
func (r Range) Apply(dst, v []float64) {
	_ = dst[:len(v)]
	for i, value := range v {
		dst[i] = (value - r.Min) / (r.Max - r.Min)
	}
}

// Invert sets dst to Min + (Max − Min)·v for each v: the inverse of Apply up to
// rounding. dst and v have equal lengths and may be the same slice.
func (r Range) Invert(dst, v []float64) {
	_ = dst[:len(v)]
	for i, value := range v {
		dst[i] = r.Min + (r.Max-r.Min)*value
	}
}

// Normalization maps fields and measurements to [0, 1] by the extremes of X and
// of noise-free Y over a training set, all channels together. For user-defined
// problems [0, 1] is two standard deviations of X about its mean. Measurements
// use the same map, so noise may move them outside of [0, 1]. A trained network
// stores its Normalization and applies it to all inputs.
type Normalization struct {
	X Range `json:"x"`
	Y Range `json:"y"`

	// Fields holds a range for each of several fields of X, instead of X, so
	// that each field has the same spread; empty: X is one field.
	Fields []Range `json:"fields,omitempty"`
}

// RangeX returns the range of value k of an x of that number of values.
func (n *Normalization) RangeX(k, values int) Range {
	if len(n.Fields) == 0 {
		return n.X
	}
	return n.Fields[k*len(n.Fields)/values]
}
