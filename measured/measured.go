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

// Read reads a measurement of a problem's size from an array file (see format.ReadArrayFile): (C,H,W), or (H,W) where
// C = 1; of an array with one more dimension in front, entry number k.
func Read(path string, channels, rows, cols, k int) ([]float64, error) {
	return readPlanes(path, channels, rows, cols, k, "measurement")
}

func readPlanes(path string, channels, rows, cols, k int, what string) ([]float64, error) {
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
	size := channels * rows * cols
	shape := a.Shape
	matches := func(s []int) bool {
		return len(s) == 3 && s[0] == channels && s[1] == rows && s[2] == cols || channels == 1 && len(s) == 2 && s[0] == rows && s[1] == cols
	}
	values := a.Float64()
	switch {
	case matches(shape) && k == 0:
		return values, nil
	case len(shape) > 2 && matches(shape[1:]):
		if k < 0 || k >= shape[0] {
			return nil, &format.Error{Path: path, Offset: -1, What: fmt.Sprintf("there are %d of them; number %d was asked for, counted from 0", shape[0], k)}
		}
		return values[k*size : (k+1)*size], nil
	}
	return nil, &format.Error{Path: path, Offset: -1, What: fmt.Sprintf("a %s of %d×%d×%d is expected, not %v", what, channels, rows, cols, shape)}
}

// ReadField reads a field of rows×cols, physical units, as Read reads measurements.
func ReadField(path string, rows, cols, k int) ([]float64, error) {
	return readPlanes(path, 1, rows, cols, k, "field")
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
