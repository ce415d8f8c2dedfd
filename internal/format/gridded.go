package format

import (
	"fmt"
	"math"
	"slices"
)

// minSamples is the smallest number of lines of a table of x, y and values.
// Fewer lines are read as a map of few columns.
const minSamples = 9

// mostSparse is the largest ratio of the places of a grid to its lines. Beyond
// it, positions on a grid are a coincidence.
const mostSparse = 1000

// gridded converts a table whose columns are x, y and the values of the
// channels to a map, (H,W) or (C,H,W), and stores the positions of its samples.
// It returns an *Error if they are not a regular grid, which is full except
// with gaps.
func (m *Measurements) gridded(channels int, gaps bool) error {
	rows, cols := m.Shape[0], m.Shape[1]
	var axes [2]axis
	for k, name := range []string{"x", "y"} {
		places := make([]float64, rows)
		for i := range places {
			places[i] = m.F64[i*cols+k]
		}
		a, err := newAxis(places)
		if err != nil {
			return m.notGridded("%s is not evenly spaced: %v", name, err)
		}
		axes[k] = a
	}
	x, y := axes[0], axes[1]
	size := x.n * y.n
	if size != rows && !(gaps && size > rows && size <= mostSparse*rows) {
		return m.notGridded("%d values of x and %d of y make a grid of %d samples, and the table "+
			"has %d: %s", x.n,
			y.n, x.n*y.n, rows, Gaps)
	}
	values, there := slices.Repeat([]float64{math.NaN()}, channels*size), make([]bool, size)
	for i := range rows {
		line := m.F64[i*cols : (i+1)*cols]
		at := y.place(line[1])*x.n + x.place(line[0])
		if there[at] {
			return m.notGridded("the place x = %v, y = %v is there twice", line[0], line[1])
		}
		there[at] = true
		for c := range channels {
			values[c*size+at] = line[2+c]
		}
	}
	shape := []int{channels, y.n, x.n}
	if channels == 1 {
		shape = shape[1:]
	}
	m.Array = Array64(values, shape...)
	m.Grid = &Grid{x.from, y.from, x.step, y.step}
	m.note("columns x, y and value: %d×%d samples, x from %.6g in steps of %.6g, y from %.6g in "+
		"steps of %.6g", y.n, x.n, x.from, x.step, y.from, y.step)
	return nil
}

func (m *Measurements) notGridded(what string, args ...any) error {
	return bad("its %d columns look like x, y and values, but are no full regular grid: %s",
		m.Shape[1], fmt.Sprintf(what, args...))
}

// axis is a set of n evenly spaced positions.
type axis struct {
	n          int
	from, step float64
}

// newAxis finds the axis of some positions. It accepts deviations within 2 % of
// a step, since positions are written with limited precision.
func newAxis(places []float64) (axis, error) {
	sorted := slices.Sorted(slices.Values(places))
	from, to := sorted[0], sorted[len(sorted)-1]
	same := 1e-4 * (to - from)
	n := 1
	for i := 1; i < len(sorted); i++ {
		if sorted[i]-sorted[i-1] > same {
			n++
		}
	}
	a := axis{n: n, from: from, step: (to - from) / float64(max(1, n-1))}
	if n < 2 || math.IsInf(to-from, 0) {
		return a, fmt.Errorf("all are %.6g", from)
	}
	for _, v := range sorted {
		if want := a.from + float64(a.place(v))*a.step; math.Abs(v-want) > 0.02*a.step {
			return a, fmt.Errorf("%.6g, where %.6g is expected", v, want)
		}
	}
	return a, nil
}

// place returns the number of the position nearest to v.
func (a axis) place(v float64) int {
	return min(max(0, int(math.Round((v-a.from)/a.step))), a.n-1)
}
