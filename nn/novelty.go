package nn

import (
	"encoding/json"
	"errors"
	"fmt"

	"csdm/internal/format"
)

// Novelty detects measurements that no combination of training measurements
// reproduces. It is for problems without a forward model (package explain). It
// uses the values that the network sees, at every Stride-th row and column.
type Novelty struct {
	// distance of the rows and columns of y that the test uses
	Stride int `json:"stride"`
	Pairs  int `json:"pairs"` // training pairs behind the components
	// Calibration is of residuals outside of the components' span, for other
	// pairs.
	Calibration *Calibration `json:"calibration"`

	Mean []float32 `json:"-"` // D values, D = number of values used
	// standard deviation (D) of the residual of a valid measurement
	Scale      []float32   `json:"-"`
	Components [][]float32 `json:"-"` // (K, D), orthonormal principal components
}

// The names of the tensors of Novelty in a model file.
const (
	noveltyMean       = "novelty.mean"
	noveltyScale      = "novelty.scale"
	noveltyComponents = "novelty.components"
)

// Thinned returns the numbers of rows and columns of a grid that are used.
func (n *Novelty) Thinned(rows, cols int) (int, int) {
	return (rows + n.Stride - 1) / n.Stride, (cols + n.Stride - 1) / n.Stride
}

// Seen standardizes a normalized measurement, (C, H, W), as the network does,
// and returns its values at every stride-th row and column. It overwrites y.
func (m *Model) Seen(y []float64, stride int) []float64 {
	rows, cols := m.Meta.Rows, m.Meta.Cols
	n := rows * cols
	var out []float64
	for c := range len(y) / n {
		plane := y[c*n : (c+1)*n]
		m.Parameterization.Standardize(plane, c, rows, cols)
		for row := 0; row < rows; row += stride {
			for col := 0; col < cols; col += stride {
				out = append(out, plane[row*cols+col])
			}
		}
	}
	return out
}

// write adds the tensors of n to arrays, and the rest to metadata.
func (n *Novelty) write(metadata map[string]string, arrays map[string]*format.Array) error {
	if n.Stride < 1 || n.Calibration == nil || len(n.Components) == 0 {
		return errors.New("nn: a test of novelty needs a stride, limits and components")
	}
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("nn: %s: %w", keyNovelty, err)
	}
	metadata[keyNovelty] = string(text)
	size := len(n.Mean)
	flat := make([]float32, 0, len(n.Components)*size)
	for _, c := range n.Components {
		flat = append(flat, c...)
	}
	arrays[noveltyMean] = format.Array32(n.Mean, size)
	arrays[noveltyScale] = format.Array32(n.Scale, size)
	arrays[noveltyComponents] = format.Array32(flat, len(n.Components), size)
	return nil
}

// readNovelty removes the test of novelty from a file's tensors and returns it,
// for measurements of the given number of channels of rows×cols. The result is
// nil if the file has no test.
func readNovelty(t *format.Tensors, channels, rows, cols int) (*Novelty, error) {
	text, ok := t.Metadata[keyNovelty]
	if !ok {
		return nil, nil
	}
	n := new(Novelty)
	bad := func(err error) error {
		return &format.Error{Offset: -1, What: "has a test of novelty that cannot be used",
			Err: err}
	}
	if err := json.Unmarshal([]byte(text), n); err != nil {
		return nil, bad(err)
	}
	if n.Stride < 1 || n.Stride > max(rows, cols) || n.Calibration == nil {
		return nil, bad(fmt.Errorf("stride %d, limits %v", n.Stride, n.Calibration))
	}
	if err := n.Calibration.Validate(); err != nil {
		return nil, bad(err)
	}
	r, c := n.Thinned(rows, cols)
	if r < 3 || c < 3 {
		return nil, bad(fmt.Errorf("%d×%d values", r, c))
	}
	size := channels * r * c
	var err error
	if n.Mean, err = take(t, noveltyMean, size); err != nil {
		return nil, err
	}
	if n.Scale, err = take(t, noveltyScale, size); err != nil {
		return nil, err
	}
	for k, v := range n.Scale {
		if !(v > 0) {
			return nil, bad(fmt.Errorf("scale %d is %v", k, v))
		}
	}
	flat, err := take(t, noveltyComponents, -1, size)
	if err != nil {
		return nil, err
	}
	if len(flat) == 0 {
		return nil, bad(errors.New("no components"))
	}
	for ; len(flat) > 0; flat = flat[size:] {
		n.Components = append(n.Components, flat[:size:size])
	}
	return n, nil
}
