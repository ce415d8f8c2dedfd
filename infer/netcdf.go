package infer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"csdm/internal/format"
	"csdm/nn"
	"csdm/problems"
)

// Axes of the variables of NetCDF. ArviZ expects the names of the first two.
//
// The row axis is vertical, and row 0 is at the bottom, as in all fields of
// csdm.
const (
	axisChain      = "chain"
	axisDraw       = "draw"
	axisVertical   = "vertical"
	axisHorizontal = "horizontal"
)

// NetCDF returns a result with names, axes, coordinates and units, for
// format.WriteNetCDF: draws of the field (chain, draw, vertical, horizontal),
// its moments (vertical, horizontal), and draws of the physical quantities
// (chain, draw). Values are in physical units if the file has them or the
// range of the normalization. arrays and s come from the file, and spec is
// its problem, or nil if that is not known.
//
// Other programs for posterior draws read these files without knowledge of
// csdm: the axes chain and draw make them a data set of ArviZ.
func NetCDF(arrays map[string]*format.Array, s *Summary, spec *problems.Spec) (
	attributes []format.NetCDFAttribute, variables []format.NetCDFVariable, err error) {
	l := &labels{arrays: arrays, s: s, name: "field", length: "pixels"}
	if spec != nil {
		l.name, l.unit, l.length = spec.XName, spec.XUnit, spec.LengthUnit
	}
	l.coordinates(spec)
	l.moments()
	l.draws()
	attributes, err = l.provenance(spec)
	return attributes, l.variables, err
}

// labels collects the variables of a result.
//
// It exists for one call.
type labels struct {
	arrays             map[string]*format.Array
	s                  *Summary
	name, unit, length string
	variables          []format.NetCDFVariable
}

// add appends a variable with its long name and its unit, the attributes
// long_name and units of the CF conventions. "1" is the unit of a dimensionless
// variable.
func (l *labels) add(name, long, unit string, a *format.Array, axes ...string) {
	l.variables = append(l.variables, format.NetCDFVariable{Name: identifier(name), Axes: axes,
		Array: a,
		Attributes: []format.NetCDFAttribute{{Name: "long_name", Text: long},
			{Name: "units", Text: unit}}})
}

// identifier returns a name with underscores instead of everything except
// letters and digits.
//
// NetCDF and most languages accept such names as they are.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}

// coordinates adds the places of the rows and columns. Without a known problem
// they are at unit distance.
//
// Node k of n lies at L k/(n − 1), since fields are sampled at nodes including
// both ends.
func (l *labels) coordinates(spec *problems.Spec) {
	height, width := float64(l.s.Rows-1), float64(l.s.Cols-1)
	if spec != nil {
		height, width = spec.Height, spec.Width
	}
	for _, c := range []struct {
		axis, from string
		n          int
		length     float64
	}{{axisVertical, "bottom", l.s.Rows, height}, {axisHorizontal, "left", l.s.Cols, width}} {
		at := make([]float64, c.n)
		for k := range at {
			at[k] = c.length * float64(k) / float64(max(1, c.n-1))
		}
		l.add(c.axis, "distance from the "+c.from, l.length, format.Array64(at, c.n), c.axis)
	}
}

// moments adds the arrays of the shape of a field. One with a physical twin is
// left out.
//
// The file has both units for most arrays. The physical one carries the plain
// name, such as mean; the normalized one is left out.
func (l *labels) moments() {
	var names []string
	for name, a := range l.arrays {
		if _, twin := l.arrays[name+physicalSuffix]; !twin &&
			slices.Equal(a.Shape, l.shape()) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		short, physical := strings.CutSuffix(name, physicalSuffix)
		for k, f := range l.fields() {
			unit, of := f.Unit, short
			if !physical {
				unit = "1"
			}
			if len(l.s.fields()) > 0 {
				of = short + "_" + f.Name
			}
			plane := l.plane(l.arrays[name].Float64(), k)
			l.add(of, short+" of "+f.Name, unit, format.Array64(plane, l.s.Rows, l.s.Cols),
				axisVertical, axisHorizontal)
		}
	}
}

// fields returns the several fields of the result, or the one field.
func (l *labels) fields() []nn.Field {
	if several := l.s.fields(); len(several) > 0 {
		return several
	}
	return []nn.Field{{Name: l.name, Unit: l.unit, Min: l.s.XMin, Max: l.s.XMax}}
}

// shape returns the shape of an array of the field, after the axes lead.
func (l *labels) shape(lead ...int) []int {
	return nn.Normalization{Fields: l.s.fields()}.XShape(l.s.Rows, l.s.Cols, lead...)
}

// plane returns field k of arrays of all fields, one after the other.
//
// Arrays with several fields are field after field within one draw, so that
// plane picks n values out of each K n.
func (l *labels) plane(values []float64, k int) (out []float64) {
	n := l.s.Rows * l.s.Cols
	for ; len(values) > 0; values = values[n*len(l.fields()):] {
		out = append(out, values[k*n:(k+1)*n]...)
	}
	return out
}

// physicalSuffix ends the names of arrays in physical units.
const physicalSuffix = "_physical"

// draws adds the draws of the field and of the quantities, as one chain.
//
// Draws of a posterior are independent, so that one chain of n draws describes
// them. A file without samples, by --keep summary, has no such variables.
func (l *labels) draws() {
	a, physical := l.arrays["samples"+physicalSuffix]
	if a == nil {
		a = l.arrays["samples"]
	}
	if a == nil || a.CheckShape(l.shape(-1)...) != nil {
		return
	}
	n := a.Shape[0]
	count := make([]int32, n)
	for k := range count {
		count[k] = int32(k)
	}
	l.add(axisChain, "chain", "1", &format.Array{Shape: []int{1}, DType: format.Int32,
		I32: []int32{0}}, axisChain)
	l.add(axisDraw, "number of the draw", "1", &format.Array{Shape: []int{n},
		DType: format.Int32, I32: count}, axisDraw)
	shape := []int{1, n, l.s.Rows, l.s.Cols}
	for k, f := range l.fields() {
		field, unit := &format.Array{Shape: shape, DType: a.DType, F32: a.F32, F64: a.F64}, f.Unit
		if len(l.fields()) > 1 {
			field = format.Array64(l.plane(a.Float64(), k), shape...)
		}
		if !physical && l.s.Ranged { // a file that keeps the draws once
			field = format.Array64(slices.Clone(field.Float64()), shape...)
			for i, v := range field.F64 {
				field.F64[i] = f.Min + v*(f.Max-f.Min)
			}
		} else if !physical {
			unit = "1"
		}
		l.add(f.Name, f.Name, unit, field, axisChain, axisDraw, axisVertical, axisHorizontal)
	}
	q := l.arrays["quantity_draws"]
	if q == nil || l.s.Origin == nil || q.CheckShape(n, len(l.s.Origin.Quantities)) != nil {
		return
	}
	for k, v := range l.s.Origin.Quantities {
		values := make([]float64, n)
		for i := range values {
			values[i] = q.Float64()[i*len(l.s.Origin.Quantities)+k]
		}
		l.add(v.Name, v.Name, v.Unit, format.Array64(values, 1, n), axisChain, axisDraw)
	}
}

// provenance returns the attributes of the file.
//
// Conventions, title, source and history are attributes of the CF conventions.
// The others come from Origin, which origin_json repeats as a whole.
func (l *labels) provenance(spec *problems.Spec) (out []format.NetCDFAttribute, err error) {
	add := func(name, text string) {
		if text != "" {
			out = append(out, format.NetCDFAttribute{Name: name, Text: text})
		}
	}
	add("Conventions", "CF-1.8")
	if spec != nil {
		add("title", "Posterior of "+spec.Title)
	}
	o := l.s.Origin
	if o == nil {
		return out, nil
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	add("source", o.Program)
	add("history", o.Command)
	add("method", o.Method)
	add("problem", o.Problem)
	add("model", o.Model)
	add("measurement_sha256", o.Measurement)
	add("seed", fmt.Sprint(o.Seed))
	add("origin_json", string(text))
	return out, nil
}
