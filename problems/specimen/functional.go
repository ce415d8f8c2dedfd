package specimen

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/problems"
)

// Functional is a number that the file defines for a field. One of its settings
// is given, besides Field.
type Functional struct {
	Field string `toml:"field" identity:"omitzero"` // "": the modulus; or a second one
	// region over which the field is averaged
	Mean *Region `toml:"mean" identity:"omitzero"`
	// region whose largest nodal value is taken
	Max *Region `toml:"max" identity:"omitzero"`
	// region whose smallest nodal value is taken
	Min *Region `toml:"min" identity:"omitzero"`
	// two regions, the ratio of whose means is taken
	Ratio      []Region `toml:"ratio" identity:"omitzero"`
	AreaAbove  any      `toml:"area-above" identity:"omitzero"` // area where the field is larger
	Exceedance any      `toml:"exceedance" identity:"omitzero"` // share of the specimen, likewise
}

// Region is a part of the specimen: ranges of the place from the left and from
// the bottom. A range that is not given is the whole specimen.
type Region struct {
	// range from the left edge; null: the whole width
	X any `toml:"x"`
	// range from the bottom edge; null: the whole height
	Y any `toml:"y"`
}

// mostQuantities is the largest number of functionals of a file.
const mostQuantities = 32

// functionals are the quantities of a file. Without any, they are the mean
// modulus, unless an inclusion has quantities, and the mean of a second field.
//
// A functional maps the moduli m of a field, on the nodes, to a number. It is a
// function of x, so that it can be computed for draws of any posterior.
type functionals struct {
	prior  *prior
	names  []problems.Variable
	second []bool // whether each belongs to the second field
	of     []func(m []float64) float64
}

// newFunctionals returns the quantities of a definition in the order of their
// names. The error names the first that is not valid.
//
// The names are sorted, because a TOML table has no order and the order is part
// of the result files.
func newFunctionals(d *Definition, p *prior) (*functionals, error) {
	f := &functionals{prior: p}
	given := d.Quantities
	if len(given) > mostQuantities {
		return nil, fmt.Errorf("quantities: %d of them: must be at most %d", len(given),
			mostQuantities)
	}
	var names []string
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		q := given[name]
		unit, of, err := q.parse(d)
		if strings.TrimSpace(name) == "" || len(name) > 100 {
			err = fmt.Errorf("the name must have 1 to 100 characters")
		}
		if slices.Contains(inclusionNames, name) {
			err = fmt.Errorf("is a quantity of every inclusion: choose another name")
		}
		if err != nil {
			return nil, fmt.Errorf("quantities.%q: %w", name, err)
		}
		f.add(problems.Variable{Name: name, Unit: unit}, q.Field != "", of)
	}
	return f, nil
}

// add appends a quantity: its name and unit, whether it belongs to the second
// field, and its functional.
func (f *functionals) add(v problems.Variable, second bool, of func(m []float64) float64) {
	f.names, f.second, f.of = append(f.names, v), append(f.second, second), append(f.of, of)
}

// addDefaults adds the quantities of a file that defines none.
func (f *functionals) addDefaults(d *Definition, inclusion bool) {
	if len(f.names) > 0 {
		return
	}
	whole := weightsOf(&d.Grid, [2]float64{0, d.Grid.Width}, [2]float64{0, d.Grid.Height})
	if !inclusion {
		f.add(problems.Variable{Name: "mean modulus", Unit: d.Prior.Unit}, false, whole.mean)
	}
	if of, given := d.second(); given != nil {
		f.add(problems.Variable{Name: "mean " + of.name, Unit: given.Unit}, true, whole.mean)
	}
}

// parse returns the unit of a functional, and the functional of moduli.
//
// A mean is the integral of the bilinear field over the region divided by its
// area, not the mean over nodes, so that regions may end inside of a cell.
func (q *Functional) parse(d *Definition) (unit string, of func(m []float64) float64, err error) {
	given := 0
	for _, is := range []bool{q.Mean != nil, q.Max != nil, q.Min != nil, q.Ratio != nil,
		q.AreaAbove != nil, q.Exceedance != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return "", nil, fmt.Errorf("has %d functionals: must have one of mean, max, min, ratio, "+
			"area-above, exceedance", given)
	}
	g, fieldUnit := &d.Grid, d.Prior.Unit
	if q.Field != "" {
		second, section := d.second()
		if section == nil || q.Field != second.key {
			return "", nil, bad("field", fmt.Sprintf("%q", q.Field), "left out for the modulus, "+
				"or the name of a second field: density or nu")
		}
		fieldUnit = section.Unit
	}
	switch {
	case q.Ratio != nil:
		if len(q.Ratio) != 2 {
			return "", nil, fmt.Errorf("ratio has %d regions: must have 2", len(q.Ratio))
		}
		a, err := q.Ratio[0].parse(d)
		if err != nil {
			return "", nil, err
		}
		b, err := q.Ratio[1].parse(d)
		return "", func(m []float64) float64 { return a.mean(m) / b.mean(m) }, err
	case q.AreaAbove != nil || q.Exceedance != nil:
		value, unit, area := q.AreaAbove, g.Unit+"²", g.Width*g.Height
		if value == nil {
			value, unit, area = q.Exceedance, "", 1
		}
		level, ok := number(value)
		if !ok {
			err = fmt.Errorf("has the threshold %v: must be a number", value)
		}
		return unit, func(m []float64) float64 { return area * shareAbove(m, g, level) }, err
	}
	for _, c := range []struct {
		region *Region
		of     func(w *weights, m []float64) float64
	}{{q.Mean, (*weights).mean}, {q.Max, (*weights).max}, {q.Min, (*weights).min}} {
		if c.region != nil {
			w, err := c.region.parse(d)
			return fieldUnit, func(m []float64) float64 { return c.of(w, m) }, err
		}
	}
	panic("specimen: a functional without a setting")
}

// Quantities returns the names and units.
func (f *functionals) Quantities() []problems.Variable { return slices.Clone(f.names) }

// Quantify sets dst to the functionals of a field. One that is not finite, such
// as a ratio to 0, is NaN.
//
// The functional sees moduli, whatever transform x has.
func (f *functionals) Quantify(dst, x []float64) {
	m := make([]float64, len(x))
	f.prior.invert(m, x)
	for k, of := range f.of {
		plane := part(m, 0, len(f.prior.properties()))
		if f.second[k] {
			plane = part(m, 1, 2)
		}
		if dst[k] = of(plane); math.IsInf(dst[k], 0) {
			dst[k] = math.NaN()
		}
	}
}

// weights are the integrals of the bilinear shape functions of the nodes over a
// region: products along the axes.
//
// The weight of node (c, r) is x[c] · y[r], with the integral of the hat
// function of column c over the region's range along x.
type weights struct{ x, y []float64 }

// parse returns the weights of a region.
func (r *Region) parse(d *Definition) (*weights, error) {
	spans := [2][2]float64{{0, d.Grid.Width}, {0, d.Grid.Height}}
	for k, given := range []any{r.X, r.Y} {
		if given == nil {
			continue
		}
		s, ok := twoOf(given)
		if !ok || !(0 <= s[0] && s[0] < s[1] && s[1] <= spans[k][1]) {
			return nil, fmt.Errorf("%s = %v: must be a range [lo, hi] within the specimen, 0 to %v",
				[]string{"x", "y"}[k], given, spans[k][1])
		}
		spans[k] = s
	}
	w := weightsOf(&d.Grid, spans[0], spans[1])
	return &w, nil
}

// weightsOf returns the weights of the rectangle x × y.
func weightsOf(g *Grid, x, y [2]float64) weights {
	return weights{hats(g.Cols, g.Width, x), hats(g.Rows, g.Height, y)}
}

// hats returns the integrals over span of the n hat functions on [0, size].
//
// In the cell from node k to k + 1 of width h, let the span cover the part from
// a to b in units of h. The right hat is s there and the left one 1 − s, with
// the integrals
//
//	h (b² − a²)/2   and   h (b − a) − h (b² − a²)/2
func hats(n int, size float64, span [2]float64) []float64 {
	w, h := make([]float64, n), size/float64(n-1)
	for k := range n - 1 {
		// The part of this cell in the span, in units of the cell.
		a := min(1, max(0, span[0]/h-float64(k)))
		b := min(1, max(0, span[1]/h-float64(k)))
		right := (b*b - a*a) / 2 * h
		w[k], w[k+1] = w[k]+(b-a)*h-right, w[k+1]+right
	}
	return w
}

// mean returns the mean over the region of the bilinear field m.
//
// For a region that is a single cell it is the mean of the four corners.
func (w *weights) mean(m []float64) float64 {
	sum, area := 0.0, 0.0
	for r, wy := range w.y {
		for c, wx := range w.x {
			sum += wy * wx * m[r*len(w.x)+c]
			area += wy * wx
		}
	}
	return sum / area
}

// max returns the largest value at a node whose shape function the region
// meets.
func (w *weights) max(m []float64) float64 { return w.extreme(m, math.Inf(-1), math.Max) }

// min returns the smallest one.
func (w *weights) min(m []float64) float64 { return w.extreme(m, math.Inf(1), math.Min) }

func (w *weights) extreme(m []float64, v float64, of func(a, b float64) float64) float64 {
	for r, wy := range w.y {
		for c, wx := range w.x {
			if wy*wx > 0 {
				v = of(v, m[r*len(w.x)+c])
			}
		}
	}
	return v
}

// perCell is the number of samples along each side of a cell.
const perCell = 4

// shareAbove returns the share of the specimen where the bilinear field m is
// above a level.
//
// It samples 4×4 midpoints in each cell whose largest corner is above the
// level; no bilinear value exceeds the corners.
func shareAbove(m []float64, g *Grid, level float64) float64 {
	above, count := 0, (g.Rows-1)*(g.Cols-1)*perCell*perCell
	for r := range g.Rows - 1 {
		for c := range g.Cols - 1 {
			k := r*g.Cols + c
			low, high := [2]float64{m[k], m[k+1]}, [2]float64{m[k+g.Cols], m[k+g.Cols+1]}
			if max(low[0], low[1], high[0], high[1]) <= level {
				continue
			}
			for i := range perCell * perCell {
				x, y := (float64(i%perCell)+0.5)/perCell, (float64(i/perCell)+0.5)/perCell
				a, b := low[0]+x*(low[1]-low[0]), high[0]+x*(high[1]-high[0])
				if a+y*(b-a) > level {
					above++
				}
			}
		}
	}
	return float64(above) / float64(count)
}
