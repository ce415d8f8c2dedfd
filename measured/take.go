package measured

import (
	"errors"
	"fmt"
	"strings"

	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
	"csdm/problems"
)

// Taking says how a measured map was taken: texts as a user writes them, "" for what is not said.
type Taking struct {
	Unit     string // of its values; "": the model's
	Pixel    string // distance from sample to sample, see ParseLengths
	Extent   string // distance from the first sample to the last, instead
	Origin   string // of the lower left sample in the problem's rectangle; "": its corner
	RowsDown bool   // row 0 is at the top
}

// Take reads a measurement for a model and brings it to the model's unit and, if its samples are placed, to its grid (see
// Map.Resample). problem, which may be nil, says how large the rectangle is where the model does not. Of an array of several measurements it
// takes number k. Errors are *Error, *format.Error and those of the disk.
func Take(path string, model *nn.Model, problem problems.Problem, k int, t Taking) ([]float64, error) {
	m := &model.Meta
	channels := model.Net.Arch().YChannels
	factor := 1.0
	if t.Unit != "" {
		var err error
		if factor, err = UnitFactor(t.Unit, m.YUnit); err != nil {
			return nil, err
		}
	}
	target := Target{Rows: m.Rows, Cols: m.Cols, Width: m.Width, Height: m.Height, Unit: m.LengthUnit}
	if t.Pixel == "" && t.Extent == "" {
		if t.Origin != "" {
			return nil, cli.Usage(errors.New("an origin places a map whose pixel size or extent is given, too"))
		}
		values, err := Read(path, channels, m.Rows, m.Cols, k)
		if bad, ok := errors.AsType[*format.Error](err); ok && strings.Contains(bad.What, "is expected") {
			named := *bad
			named.What += "; a map on another grid is resampled if --pixel-size or --extent says how its samples lie"
			return nil, &named
		} else if err != nil {
			return nil, err
		}
		same := &Map{Channels: channels, Rows: m.Rows, Cols: m.Cols, Values: values}
		if t.RowsDown {
			same.FlipRows()
		}
		return same.scaled(factor), nil
	}
	if t.Pixel != "" && t.Extent != "" {
		return nil, cli.Usage(errors.New("pixel size and extent say the same thing: give one"))
	}
	if target.Width == 0 && problem != nil {
		s := problem.Spec()
		target.Width, target.Height, target.Unit = s.Width, s.Height, s.LengthUnit
	}
	if !(target.Width > 0 && target.Height > 0) {
		return nil, cli.Data(fmt.Errorf("the model does not say how large its rectangle is, so that no map can be placed in it: resample the map to %d×%d first", m.Rows, m.Cols))
	}
	taken, err := ReadMap(path, channels, k)
	if err != nil {
		return nil, err
	}
	if t.RowsDown {
		taken.FlipRows()
	}
	var p Placement
	if t.Pixel != "" {
		p.PixelX, p.PixelY, err = ParseLengths(t.Pixel, target.Unit)
	} else {
		p.PixelX, p.PixelY, err = ParseLengths(t.Extent, target.Unit)
		p.PixelX, p.PixelY = p.PixelX/float64(taken.Cols-1), p.PixelY/float64(taken.Rows-1)
	}
	if err != nil {
		return nil, cli.Usage(err)
	}
	if t.Origin != "" {
		if p.OriginX, p.OriginY, err = ParseLengths(t.Origin, target.Unit); err != nil {
			return nil, cli.Usage(err)
		}
	}
	values, err := taken.Resample(target, p)
	if err != nil {
		return nil, err
	}
	return (&Map{Channels: channels, Rows: target.Rows, Cols: target.Cols, Values: values}).scaled(factor), nil
}

// scaled multiplies the values by a factor and returns them.
func (m *Map) scaled(factor float64) []float64 {
	if factor != 1 {
		for i := range m.Values {
			m.Values[i] *= factor
		}
	}
	return m.Values
}
