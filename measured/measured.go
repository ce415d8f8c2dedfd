package measured

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems"
)

// Error reports that a measurement does not fit the model or the problem.
//
// It is a fault of the data, not of the call.
type Error struct{ Reason string }

// Error returns the reason: the fault of the map and the way out.
func (e *Error) Error() string { return e.Reason }

// MapFile is an array file of one or several maps.
//
// All maps of a file have one size. The values stay in memory in the unit of
// the file, and Map copies.
type MapFile struct {
	Path  string
	Count int // maps
	Rows  int
	Cols  int

	grid   Grid
	values []float64 // (Count, C, Rows, Cols)

	note string // how the file was read, see format.Measurements
	// where the samples lie by the file's columns; nil: at the grid's nodes
	samples *format.Grid
	table   bool // the file has columns x and y
}

// Open reads an array file (see format.ReadMeasured) of maps of any size: (C,
// H, W), or (H, W) if the grid has one channel. Several maps have one more
// dimension in front. A NaN is a missing value if the grid may have gaps. Other
// NaN and infinite values are errors. Errors are *format.Error, or errors of
// the disk.
//
// If the grid has sensors, the file may also be a table with their values
// (sensors.go).
//
// The number of axes decides whether the file has one map or several, so that a
// grid with one channel also takes an array without the axis of channels.
func Open(path string, grid Grid) (*MapFile, error) {
	if f, err := openSensors(path, grid); f != nil || err != nil {
		return f, err
	}
	a, err := format.ReadMeasured(path, grid.Channels, grid.Gaps)
	if err != nil {
		return nil, err
	}
	check := a.CheckFinite
	if grid.Gaps {
		check = a.CheckGaps
	}
	if err := check(); err != nil {
		if bad, ok := errors.AsType[*format.Error](err); ok {
			named := *bad
			named.Path = path
			if strings.HasSuffix(named.What, "NaN") {
				named.What += ": " + format.Gaps
			}
			return nil, &named
		}
		return nil, err
	}
	f := &MapFile{Path: path, Count: 1, grid: grid, note: a.Note, samples: a.Grid,
		table: a.Grid != nil}
	switch shape := a.Shape; {
	case len(shape) == 2 && grid.Channels == 1, len(shape) == 3 && grid.Channels > 1 &&
		shape[0] == grid.Channels:
	case len(shape) == 3 && grid.Channels == 1, len(shape) == 4 && shape[1] == grid.Channels:
		f.Count = shape[0]
	default:
		to := grid.target()
		return nil, f.bad("a %s of %d×%d×%d is expected, not %v", grid.What, grid.Channels,
			to.Rows, to.Cols, shape)
	}
	f.Rows, f.Cols = a.Shape[len(a.Shape)-2], a.Shape[len(a.Shape)-1]
	if f.Count < 1 || f.Rows < 1 || f.Cols < 1 {
		return nil, f.bad("a map with samples is expected, not %v", a.Shape)
	}
	f.values = a.Float64()
	if f.atNodes() {
		f.samples = nil
	}
	return f, nil
}

// atNodes reports whether the file's columns place its samples at the grid's
// nodes, or at the points of y's own grid, to the few digits with which
// positions are written.
//
// Positions in a text file have few digits, such as 0.0370 for 1/27. A
// thousandth of a pixel is the tolerance; such a map is not resampled, and
// keeps its values bit for bit.
func (f *MapFile) atNodes() bool {
	to := f.grid.target()
	if f.samples == nil || f.Rows != to.Rows || f.Cols != to.Cols {
		return false
	}
	at := f.samples
	dx, dy := f.grid.Width/float64(f.Cols-1), f.grid.Height/float64(f.Rows-1)
	same := func(a, b, pixel float64) bool { return math.Abs(a-b) <= 1e-3*pixel }
	return same(at.OriginX, 0, dx) && same(at.OriginY, 0, dy) &&
		same(at.PixelX*float64(f.Cols-1), f.grid.Width, dx) &&
		same(at.PixelY*float64(f.Rows-1), f.grid.Height, dy)
}

// bad returns an error about the whole file.
func (f *MapFile) bad(format_ string, args ...any) error {
	return &format.Error{Path: f.Path, Offset: -1, What: fmt.Sprintf(format_, args...)}
}

// Pick returns the number of the map that the text of --case picks (see
// PickCase).
//
// Two or three maps of a grid with one channel are often the components of one
// vector, which the message suggests.
func (f *MapFile) Pick(text string) (int, error) {
	k, err := PickCase("--case", text, f.Count, f.grid.What)
	if err == nil {
		return k, nil
	}
	if text == "" && f.grid.Channels == 1 && f.Count < 4 {
		err = fmt.Errorf("%w (if they are components of one vector, pick the component that is "+
			"measured)", err)
	}
	return 0, fmt.Errorf("%s: %w", f.Path, err)
}

// Map returns a copy of map number k.
func (f *MapFile) Map(k int) *Map {
	n := f.grid.Channels * f.Rows * f.Cols
	return &Map{Channels: f.grid.Channels, Rows: f.Rows, Cols: f.Cols,
		Values: append([]float64(nil), f.values[k*n:(k+1)*n]...)}
}

// Forward returns the noise-free measurement of a field, both in physical
// units. It returns a usage error if the problem has no forward model.
//
// It is the paper's F of Eq. 1 without its noise. A generator that runs an
// external program is closed at the end.
func Forward(problem problems.Problem, x []float64) ([]float64, error) {
	generator, err := problem.NewGenerator()
	if err != nil {
		return nil, err
	}
	if c, ok := generator.(io.Closer); ok {
		defer c.Close()
	}
	forwarder, ok := generator.(problems.Forwarder)
	if !ok {
		return nil, cli.Usage(
			fmt.Errorf("the measurement of %s is not a function of its field alone: its program "+
				"makes field and measurement together, so there is no forward model to run",
				problem.Spec().Name))
	}
	y := make([]float64, problem.Spec().YLen())
	return y, forwarder.Forward(y, x)
}
