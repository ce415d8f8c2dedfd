package problems

import (
	"fmt"
	"strings"
)

// Options are the choices a problem offers. The zero value of each means the
// problem's default.
type Options struct {
	Grid int `json:"grid,omitempty"` // nodes along the shorter side of x
	// measurement noise, in percent of the problem's scale of y
	NoisePercent float64 `json:"noise_percent,omitempty"`
}

// Variable names one element of θ.
type Variable struct {
	Name string `json:"name"`
	Unit string `json:"unit"` // empty for a pure number

	// of a quantity: RMS distance, over prior fields, from the variable that
	// made the field; 0: not known
	Resolution float64 `json:"resolution,omitempty"`
}

// Spec describes a problem. It holds no noise but in Options, and goes whole
// into a dataset's manifest.
type Spec struct {
	Name    string  `json:"name"`    // of the problem's folder
	Title   string  `json:"title"`   // for people
	Section string  `json:"section"` // of the paper
	Options Options `json:"options"` // as resolved: the same options give the same problem

	Rows      int `json:"rows"` // of x, and of each channel of y
	Cols      int `json:"cols"`
	YChannels int `json:"y_channels"`

	Width      float64 `json:"width"` // of the rectangle that the grid covers
	Height     float64 `json:"height"`
	LengthUnit string  `json:"length_unit"`

	XName string `json:"x_name"` // the quantity inferred
	XUnit string `json:"x_unit"`
	YName string `json:"y_name"` // the quantity measured
	YUnit string `json:"y_unit"`

	// YChannelNames tells the channels of y apart where there are several, such
	// as "real part *u*_{R}", in the markup of internal/plot. It is of length
	// YChannels, or empty. Names are for figures alone: they are in no file, so
	// that a better one spoils no dataset.
	YChannelNames []string `json:"-"`

	XRange Range `json:"x_range"` // that the prior keeps to, in XUnit

	// ImagesPerSimulation is the number of consecutive pairs that come of one
	// simulation; at least 1.
	ImagesPerSimulation int `json:"images_per_simulation"`

	// Variables names the elements of θ of a Parametric problem.
	Variables []Variable `json:"variables,omitempty"`
}

// XLen returns the number of values of a field x.
func (s *Spec) XLen() int { return s.Rows * s.Cols }

// YLen returns the number of values of a measurement y.
func (s *Spec) YLen() int { return s.YChannels * s.Rows * s.Cols }

// ChannelName returns what tells channel c of y, from 0 on, from the others:
// its name if it has one, its number if not, and YName where it is the only
// one.
func (s *Spec) ChannelName(c int) string {
	switch {
	case len(s.YChannelNames) > 0:
		return s.YChannelNames[c]
	case s.YChannels == 1:
		return s.YName
	}
	return fmt.Sprintf("channel %d", c+1)
}

// maxSide and maxChannels bound what a Spec from a file may ask for.
const (
	maxSide     = 1 << 14
	maxChannels = 1 << 10
)

// Validate reports the first field that makes no sense.
func (s *Spec) Validate() error {
	switch {
	case s.Name == "":
		return fmt.Errorf("problems: a problem without a name")
	case strings.ContainsAny(s.Name, "/\\."): // so that no dataset can name a file
		return fmt.Errorf("problems: a problem called %.80q", s.Name)
	case s.Rows < 1 || s.Cols < 1 || s.Rows > maxSide || s.Cols > maxSide:
		return fmt.Errorf("problems: %s: grid of %d×%d", s.Name, s.Rows, s.Cols)
	case s.YChannels < 1 || s.YChannels > maxChannels:
		return fmt.Errorf("problems: %s: %d channels of y", s.Name, s.YChannels)
	case len(s.YChannelNames) > 0 && len(s.YChannelNames) != s.YChannels:
		return fmt.Errorf("problems: %s: %d names for %d channels of y", s.Name,
			len(s.YChannelNames), s.YChannels)
	case s.ImagesPerSimulation < 1:
		return fmt.Errorf("problems: %s: %d images per simulation", s.Name, s.ImagesPerSimulation)
	}
	return nil
}
