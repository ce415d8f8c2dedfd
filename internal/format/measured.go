package format

import (
	"fmt"
	"io"
	"slices"
)

// Measurements is an array of measurements, with the way in which ReadMeasured
// found it in a file.
type Measurements struct {
	*Array        // (C,H,W), (H,W) if C = 1, or several of these
	Note   string // how the file was read, in words, if it has a special form; or ""
	Grid   *Grid  // positions of the samples, if the file has them; or nil
}

// Grid holds the positions of the samples of a map, in the unit of the file.
type Grid struct {
	OriginX, OriginY float64 // position of sample (0, 0)
	PixelX, PixelY   float64 // distance between samples
}

// ReadMeasured reads measurements of the given number of channels from an array
// file, as ReadArrayFile does, and also in these forms:
//
//   - complex numbers if there are two channels: real and imaginary parts;
//   - channels last, (H,W,C), unless the first extent is C as well;
//   - tables of x, y and one value per channel, with one line per sample in any
//     order, if the samples are a full regular grid. Row 0 has the smallest y.
//
// A text whose first line or column counts 0, 1, 2, … is refused: it is a
// header or an index rather than a measurement. With gaps, a sample that is
// missing in a text is NaN. Errors are as in ReadArrayFile.
func ReadMeasured(path string, channels int, gaps bool) (m *Measurements, err error) {
	m = &Measurements{}
	err = openArray(path, func(r io.Reader, size int64, text bool) error {
		if text {
			return m.readText(r, channels, gaps)
		}
		return m.readNPY(r, size, channels)
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// note adds a remark on how the file was read.
func (m *Measurements) note(format string, args ...any) {
	if m.Note != "" {
		m.Note += "; "
	}
	m.Note += fmt.Sprintf(format, args...)
}

// readNPY reads a .npy file, whose complex numbers become channels.
func (m *Measurements) readNPY(r io.Reader, size int64, channels int) error {
	in, err := NewReader(r, size)
	if err != nil {
		return err
	}
	if in.DType.part() == 0 || in.Len() == 0 {
		m.Array, err = in.array()
	} else {
		err = m.readComplex(in, channels)
	}
	if err == nil {
		err = in.Close()
	}
	if err != nil {
		return err
	}
	m.channelsFirst(channels)
	return nil
}

// readComplex reads complex numbers as two channels, or as one if they are
// real.
//
// In C order the pairs (re, im) of n numbers are an array of shape (n, 2). Its
// transposition, (2, n), has all real parts first: two channels. In Fortran
// order the additional axis is the first, and the conversion to C order has
// done this already.
func (m *Measurements) readComplex(in *Reader, channels int) error {
	shape, kind := in.Shape, in.DType
	// Real and imaginary parts are adjacent: they form an additional axis of
	// length 2, which runs fastest.
	in.DType = kind.part()
	if in.Fortran {
		in.Shape = append([]int{2}, shape...)
	} else {
		in.Shape = append(slices.Clone(shape), 2)
	}
	a, err := in.array()
	if err != nil {
		return err
	}
	parts := a.Float64()
	n := len(parts) / 2
	if !in.Fortran {
		parts = toCOrder(parts, []int{2, n})
	}
	real, imaginary := parts[:n], parts[n:]
	isReal := !slices.ContainsFunc(imaginary, func(v float64) bool { return v != 0 })
	switch {
	case channels == 2 && len(shape) == 2:
		m.Array = Array64(parts, 2, shape[0], shape[1])
		m.note("complex numbers: real and imaginary parts are the two channels")
	case channels == 2 && len(shape) == 3 && !isReal:
		each := shape[1] * shape[2]
		pairs := make([]float64, 0, 2*n)
		for k := range shape[0] {
			pairs = append(append(pairs, real[k*each:(k+1)*each]...),
				imaginary[k*each:(k+1)*each]...)
		}
		m.Array = Array64(pairs, shape[0], 2, shape[1], shape[2])
		m.note("complex numbers: real and imaginary parts are the two channels")
	case isReal:
		m.Array = Array64(slices.Clone(real), shape...)
		m.note("complex numbers whose imaginary parts are all 0")
	default:
		return bad("holds complex numbers (%v), where %d channel(s) of real numbers are "+
			"expected: save the part that was measured, such as the real one", kind, channels)
	}
	return nil
}

// channelsFirst converts (H,W,C) to (C,H,W), and (N,H,W,C) to (N,C,H,W).
//
// A map with as many rows as channels is ambiguous and is taken as it is.
func (m *Measurements) channelsFirst(channels int) {
	rank := len(m.Shape)
	if rank < 3 || rank > 4 || m.Shape[rank-1] != channels || m.Shape[rank-3] == channels ||
		m.Len() == 0 {
		return
	}
	h, w := m.Shape[rank-3], m.Shape[rank-2]
	values := make([]float64, 0, m.Len())
	for from := 0; from < m.Len(); from += h * w * channels {
		// The transpose of (H·W, C) in C order is its reading in Fortran order.
		values = append(values, toCOrder(m.Float64()[from:from+h*w*channels],
			[]int{channels, h * w})...)
	}
	shape := append(slices.Clone(m.Shape[:rank-3]), channels, h, w)
	m.note("channels come last, %s", tuple(m.Shape))
	m.Array = Array64(values, shape...)
}

// readText reads a text: a map, or a table of x, y and values if it has 2 +
// channels columns and at least minSamples lines.
func (m *Measurements) readText(r io.Reader, channels int, gaps bool) error {
	t, err := readTable(r, gaps)
	if err != nil {
		return err
	}
	m.Array, m.Note = t.Array, t.Dialect
	rows, cols := t.Shape[0], t.Shape[1]
	if cols == 2+channels && rows >= minSamples {
		return m.gridded(channels, gaps)
	}
	const few = 8 // longer runs of steps of 1 are not a coincidence
	if cols >= few && isCount(t.F64[:cols], 1) {
		return bad("its first line counts %v, %v, %v, …: it looks like a header; remove it",
			t.F64[0], t.F64[1], t.F64[2])
	}
	if rows >= few && isCount(t.F64, cols) {
		return bad("its first column counts %v, %v, %v, …: it looks like row numbers; remove it",
			t.F64[0], t.F64[cols], t.F64[2*cols])
	}
	return nil
}

// isCount reports whether every stride-th value is 0, 1, 2, … or 1, 2, 3, …
//
// A stride of 1 goes along the first line, a stride of the number of columns
// down the first column.
func isCount(v []float64, stride int) bool {
	if v[0] != 0 && v[0] != 1 {
		return false
	}
	for i := 0; i*stride < len(v); i++ {
		if v[i*stride] != v[0]+float64(i) {
			return false
		}
	}
	return true
}
