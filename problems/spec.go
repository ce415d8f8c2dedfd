package problems

import (
	"fmt"
	"slices"
	"strings"
)

// Options are the choices that a problem offers. A zero value selects the
// problem's default.
type Options struct {
	Grid int `json:"grid,omitempty"` // nodes along the shorter side of x
	// Measurement noise, in percent of the problem's scale of y.
	NoisePercent float64 `json:"noise_percent,omitempty"`
}

// Variable describes one element of θ, or one quantity.
type Variable struct {
	// name of the variable or quantity
	Name string `json:"name"`
	// unit; empty for a dimensionless number
	Unit string `json:"unit"`

	// Resolution of a quantity: RMS distance, over prior fields, from the
	// variable that made the field; 0 if not known.
	Resolution float64 `json:"resolution,omitempty"`
}

// Spec describes a problem. It contains no noise except in Options, and is
// stored completely in the manifest of a dataset.
type Spec struct {
	// name of the problem, also of its folder
	Name string `json:"name"`
	// title for people
	Title string `json:"title"`
	// section of the paper; empty: not from the paper
	Section string `json:"section"`
	// options as resolved: equal options give the same problem
	Options Options `json:"options"`

	// rows of x, and of each channel of y without its own
	Rows int `json:"rows"`
	// columns of x, and of each channel of y without its own
	Cols int `json:"cols"`
	// channels of the measurement
	YChannels int `json:"y_channels"`

	// width of the rectangle that the grid covers, in length_unit
	Width float64 `json:"width"`
	// height of the rectangle, in length_unit
	Height float64 `json:"height"`
	// unit of lengths
	LengthUnit string `json:"length_unit"`

	// name of the inferred quantity
	XName string `json:"x_name"`
	// unit of the field
	XUnit string `json:"x_unit"`
	// name of the measured quantity
	YName string `json:"y_name"`
	// unit of the measurement
	YUnit string `json:"y_unit"`

	// XLabel is the label of x and its unit at color bars, in the markup of
	// internal/plot; empty: XName and XUnit. It is only for figures.
	XLabel string `json:"-"`

	// YChannelNames distinguishes several channels of y, such as "real part
	// *u*_{R}", in the markup of internal/plot. It has length YChannels or is
	// empty. Names are only for figures: they are not stored in files, so a
	// better name does not change any dataset.
	YChannelNames []string `json:"-"`

	// range of the prior, in x_unit
	XRange Range `json:"x_range"`

	// XFields describes the fields of an x with several, each a plane of
	// Rows·Cols values; empty: x is one field. It has at least two elements.
	// XName then names them together, XUnit is empty, and XRange is [0, 1],
	// the range of each field relative to its own.
	XFields []Field `json:"x_fields,omitempty"`

	// Sensors lists the nodes at which a measurement has values, in the order
	// of its sensors; empty: at all nodes. The problem's definition determines
	// it.
	Sensors []int `json:"sensors,omitempty" identity:"-"`

	// rows of a grid of y's own, see SetYGrid; 0: y has the grid of x. Sensors
	// then lists the nodes of its points, row by row.
	YRows int `json:"y_rows,omitempty" identity:"omitzero"`
	// columns of a grid of y's own; 0: y has the grid of x
	YCols int `json:"y_cols,omitempty" identity:"omitzero"`

	// ImagesPerSimulation is the number of consecutive pairs from one
	// simulation; at least 1.
	ImagesPerSimulation int `json:"images_per_simulation"`

	// Variables describes the elements of θ of a Parametric problem.
	Variables []Variable `json:"variables,omitempty"`
}

// Field describes one of several fields of x.
type Field struct {
	// name of the field
	Name string `json:"name"`
	// unit of its values
	Unit string `json:"unit"`
	// range of the prior, in unit
	Range Range `json:"range"`
}

// Plane returns the number of nodes of the grid: of the values of a field, and
// of a channel of y.
func (s *Spec) Plane() int { return s.Rows * s.Cols }

// XChannels returns the number of fields of x.
func (s *Spec) XChannels() int { return max(1, len(s.XFields)) }

// Fields returns the fields of x, in a new slice: XFields, or the one field
// that XName, XUnit and XRange describe.
func (s *Spec) Fields() []Field {
	if len(s.XFields) > 0 {
		return slices.Clone(s.XFields)
	}
	return []Field{{s.XName, s.XUnit, s.XRange}}
}

// RangeAt returns the range of value i of x.
func (s *Spec) RangeAt(i int) Range {
	if len(s.XFields) > 0 {
		return s.XFields[i/s.Plane()].Range
	}
	return s.XRange
}

// Relative sets the values of each of several fields to units of its range. One
// field stays as it is.
func (s *Spec) Relative(x []float64) {
	if len(s.XFields) == 0 {
		return
	}
	for i, v := range x {
		r := s.RangeAt(i % s.XLen())
		x[i] = (v - r.Min) / r.Width()
	}
}

// XShape returns the shape of an array of x, after the axes lead: (rows, cols)
// for one field, and (fields, rows, cols) for several.
func (s *Spec) XShape(lead ...int) []int {
	if n := len(s.XFields); n > 0 {
		lead = append(slices.Clone(lead), n)
	}
	return append(slices.Clone(lead), s.Rows, s.Cols)
}

// XLen returns the number of values of x, of all its fields.
func (s *Spec) XLen() int { return s.XChannels() * s.Plane() }

// YLen returns the number of values of a measurement y.
func (s *Spec) YLen() int { return s.YChannels * s.Plane() }

// ChannelName returns the name of channel c of y, counted from 0: its own name
// if it has one, otherwise its number, or YName if it is the only channel.
func (s *Spec) ChannelName(c int) string {
	switch {
	case len(s.YChannelNames) > 0:
		return s.YChannelNames[c]
	case s.YChannels == 1:
		return s.YName
	}
	return fmt.Sprintf("channel %d", c+1)
}

// maxSide, maxChannels and maxFields limit the numbers in a Spec from a file.
const (
	maxSide     = 1 << 14
	maxChannels = 1 << 10
	maxFields   = 16
)

// Validate returns an error about the first field that is not valid.
func (s *Spec) Validate() error {
	switch {
	case s.Name == "":
		return fmt.Errorf("problems: the problem has no name")
	case strings.ContainsAny(s.Name, "/\\."): // a dataset must not be able to name a file
		return fmt.Errorf("problems: the name %.80q must not contain a slash, backslash or dot",
			s.Name)
	case s.Rows < 1 || s.Cols < 1 || s.Rows > maxSide || s.Cols > maxSide:
		return fmt.Errorf("problems: %s: a grid of %d×%d is not supported", s.Name, s.Rows, s.Cols)
	case s.YChannels < 1 || s.YChannels > maxChannels:
		return fmt.Errorf("problems: %s: %d channels of y are not supported", s.Name, s.YChannels)
	case len(s.YChannelNames) > 0 && len(s.YChannelNames) != s.YChannels:
		return fmt.Errorf("problems: %s: %d names for %d channels of y; they must be equal, "+
			"or 0 names", s.Name, len(s.YChannelNames), s.YChannels)
	case len(s.XFields) == 1 || len(s.XFields) > maxFields:
		return fmt.Errorf("problems: %s: %d fields in a list of several; between 2 and %d are "+
			"supported", s.Name, len(s.XFields), maxFields)
	case !s.fitsYGrid():
		return fmt.Errorf("problems: %s: a grid of %d×%d for y with %d nodes does not fit fields "+
			"of %d×%d", s.Name, s.YRows, s.YCols, len(s.Sensors), s.Rows, s.Cols)
	case s.ImagesPerSimulation < 1:
		return fmt.Errorf("problems: %s: %d images per simulation are not supported", s.Name,
			s.ImagesPerSimulation)
	}
	return nil
}
