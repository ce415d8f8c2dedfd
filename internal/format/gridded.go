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
//
// For each sample the place is
//
//	row = round((y − y_0)/Δy),  column = round((x − x_0)/Δx),
//
// so that the lines may be in any order. A place that occurs twice is an error:
// one of two values would be dropped. Places without a line are NaN, and
// allowed with gaps only.
//
// mostSparse bounds the memory: two random columns of 100 lines each may have
// 100 different values, which make 10,000 places.
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

// notGridded returns the error for a table that looks like positions and
// values, with the reason why they are no grid.
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
//
// Positions closer than 10⁻⁴ of the range count as one, since x is written
// again on each line, perhaps with another rounding. With n different
// positions the step is (to − from)/(n − 1), from all of them: a step from two
// neighbors would carry the rounding of both.
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
//
// Positions beyond the ends count as the ends; newAxis has checked that there
// are none.
func (a axis) place(v float64) int {
	return min(max(0, int(math.Round((v-a.from)/a.step))), a.n-1)
}
