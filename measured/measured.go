package measured

import (
	"errors"
	"fmt"
	"io"

	"csdm/internal/format"
	"csdm/problems"
)

// Error says that a measurement cannot belong to the model or the problem.
type Error struct{ Reason string }

func (e *Error) Error() string { return e.Reason }

// File is an array file of one or several maps.
type File struct {
	Path  string
	Count int // maps
	Rows  int
	Cols  int

	grid   Grid
	values []float64 // (Count, C, Rows, Cols)
}

// Open reads an array file (see format.ReadArrayFile) of maps of any size: (C,H,W), or (H,W) where
// the grid's C is 1, or several of them with one more dimension in front. Every value is finite.
// Errors are *format.Error and those of the disk.
func Open(path string, grid Grid) (*File, error) {
	a, err := format.ReadArrayFile(path)
	if err != nil {
		return nil, err
	}
	if err := a.CheckFinite(); err != nil {
		var bad *format.Error
		if errors.As(err, &bad) && bad.Path == "" {
			bad.Path = path
		}
		return nil, err
	}
	f := &File{Path: path, Count: 1, grid: grid}
	switch shape := a.Shape; {
	case len(shape) == 2 && grid.Channels == 1, len(shape) == 3 && grid.Channels > 1 && shape[0] == grid.Channels:
	case len(shape) == 3 && grid.Channels == 1, len(shape) == 4 && shape[1] == grid.Channels:
		f.Count = shape[0]
	default:
		return nil, f.bad("a %s of %d×%d×%d is expected, not %v", grid.What, grid.Channels, grid.Rows, grid.Cols, shape)
	}
	f.Rows, f.Cols = a.Shape[len(a.Shape)-2], a.Shape[len(a.Shape)-1]
	if f.Count < 1 || f.Rows < 1 || f.Cols < 1 {
		return nil, f.bad("a map with samples is expected, not %v", a.Shape)
	}
	f.values = a.Float64()
	return f, nil
}

func (f *File) bad(format_ string, args ...any) error {
	return &format.Error{Path: f.Path, Offset: -1, What: fmt.Sprintf(format_, args...)}
}

// Pick returns which map of the file is meant by the text of --case (see PickCase).
func (f *File) Pick(text string) (int, error) {
	k, err := PickCase("--case", text, f.Count, f.grid.What)
	if err == nil {
		return k, nil
	}
	if text == "" && f.grid.Channels == 1 && f.Count < 4 {
		err = fmt.Errorf("%w (if they are components of one vector, pick the component that is measured)", err)
	}
	return 0, fmt.Errorf("%s: %w", f.Path, err)
}

// Map returns a copy of map number k.
func (f *File) Map(k int) *Map {
	n := f.grid.Channels * f.Rows * f.Cols
	return &Map{Channels: f.grid.Channels, Rows: f.Rows, Cols: f.Cols, Values: append([]float64(nil), f.values[k*n:(k+1)*n]...)}
}

// Forward computes the noise-free measurement of a field, both in physical units.
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
		return nil, fmt.Errorf("the measurement of %s is not a function of its field alone", problem.Spec().Name)
	}
	y := make([]float64, problem.Spec().YLen())
	return y, forwarder.Forward(y, x)
}
