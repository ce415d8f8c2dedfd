package external

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"csdm/internal/disk"
	"csdm/internal/format"
	"csdm/problems"
)

// Sizes in bytes: of a number in a text file with its separator, and of other
// content around the numbers of any file. Larger files are not read.
const (
	maxText   = 32
	maxAround = 64 << 10
)

// write writes x to the file that the program reads.
func (p *program) write(x []float64) error {
	if err := p.prepare(); err != nil {
		return err
	}
	f, err := disk.Create(p.x)
	if err != nil {
		return err
	}
	if !p.csv {
		return errors.Join(format.WriteNPY(f, format.Array64(x, p.shape(len(x))...)), f.Close())
	}
	w := bufio.NewWriter(f)
	var number []byte
	for k, v := range x {
		number = strconv.AppendFloat(number[:0], v, 'g', -1, 64)
		if k%p.cols == p.cols-1 {
			number = append(number, '\n')
		} else {
			number = append(number, ',')
		}
		_, _ = w.Write(number) // Flush returns its error
	}
	return errors.Join(w.Flush(), f.Close())
}

// shape returns the shape of an array of n values: (rows, cols), or (K, rows,
// cols) for several planes.
func (p *program) shape(n int) []int {
	if k := n / (p.rows * p.cols); k > 1 {
		return []int{k, p.rows, p.cols}
	}
	return []int{p.rows, p.cols}
}

// readY sets y, on the nodes of x, to the array that the program wrote. Nodes
// next to no point of the grid of y get its first value: extremes stay true.
func (p *program) readY(y []float64, spec *problems.Spec) error {
	values := y
	if spec.HasYGrid() {
		values = make([]float64, spec.YChannels*spec.YPlane())
	}
	if err := p.read(p.y, values, spec.YShape()); err != nil {
		return err
	}
	if spec.HasYGrid() {
		problems.ToNodes(spec, y, values, values[0])
	}
	return nil
}

// read sets dst to the array of the shape (planes, rows, cols) in the file that
// the program wrote. Errors of its content are *ProgramError, and end the
// process.
func (p *program) read(path string, dst []float64, shape []int) error {
	name := "x"
	if path == p.y {
		name = "y"
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p.fail("answers without having written "+name, nil)
	} else if err != nil {
		return err
	}
	limit := int64(8*len(dst)) + maxAround
	if p.csv {
		limit = int64(maxText*len(dst)) + maxAround
	}
	switch {
	case !info.Mode().IsRegular():
		return p.fail(name+" that it wrote is not a regular file", nil)
	case info.Size() > limit:
		return p.fail(fmt.Sprintf("wrote %s of %d bytes, where %d values are expected", name,
			info.Size(), len(dst)), nil)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var a *format.Array
	if r := io.LimitReader(f, limit); p.csv {
		a, err = format.ReadCSV(r)
	} else {
		a, err = format.ReadNPY(r, info.Size())
	}
	if err == nil {
		err = p.check(a, shape)
	}
	if bad, ok := errors.AsType[*format.Error](err); ok {
		return p.fail(name+" that it wrote", bad)
	} else if err != nil {
		return err
	}
	copy(dst, a.Float64())
	return nil
}

// check returns a *format.Error unless the array has the shape (planes, rows,
// cols) and finite values.
func (p *program) check(a *format.Array, want []int) error {
	switch planes, rows, cols := want[0], want[1], want[2]; {
	case p.csv:
		want = []int{planes * rows, cols}
	case planes == 1 && len(a.Shape) == 2:
		want = want[1:]
	}
	if err := a.CheckShape(want...); err != nil {
		return err
	}
	return a.CheckFinite()
}
