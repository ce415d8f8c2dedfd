package accuracy

import (
	"csdm/infer"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
)

// SummaryRow is one figure of a method at one budget, over the measurements.
// Each measurement counts once, with the mean over its seeds. SeedStd is the
// spread of a value that a change of the seed makes. RMS of the figure error of
// a quantity is the quantity's root mean square error. A figure is a
// column of Row or QuantityRow. Columns that are true or false count as 1 or 0,
// so that their mean is a share.
//
// With v_ij the value of measurement i with seed j and m_i its mean over seeds,
// Mean is the mean of m_i over the n measurements, StandardError is √(Σ (m_i −
// Mean)²/(n (n − 1))), and SeedStd is √(Σ_ij (v_ij − m_i)²/Σ_i (n_i − 1)),
// pooled over the measurements. Seeds of one measurement are not independent
// evidence, so that they do not count in n.
type SummaryRow struct {
	Key
	// name of a column of rows or of quantities
	Figure   string `json:"figure"`
	Quantity string `json:"quantity"` // empty: of the field
	Count    int    `json:"count"`    // measurements with the figure
	// mean over the measurements
	Mean float64 `json:"mean"`
	// standard error of the mean
	StandardError infer.StatedError `json:"standard_error"`
	// standard deviation over the seeds of a measurement
	SeedStd infer.StatedError `json:"seed_std"`
	RMS     float64           `json:"rms"` // root of the mean square
	// median over the measurements
	Median float64 `json:"median"`
	// smallest value over the measurements
	Least float64 `json:"least"`
	// largest value over the measurements
	Largest float64 `json:"largest"`
}

// group collects the values of one figure.
//
// cases maps a measurement to its values, one per seed.
type group struct {
	SummaryRow
	cases map[int][]float64
}

// groups is a list of groups in the order of their first values.
type groups struct {
	list []*group
	at   map[groupKey]int
}

type groupKey struct {
	Key
	figure, quantity string
}

// add adds a value of a figure. It leaves out NaN and infinities, such as k̂ of
// weights without a tail: they have no mean, and JSON has no number for them.
func (g *groups) add(key Key, figure, quantity string, index int, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	k := groupKey{key, figure, quantity}
	at, ok := g.at[k]
	if !ok {
		at = len(g.list)
		g.at[k] = at
		g.list = append(g.list, &group{SummaryRow{Key: key, Figure: figure, Quantity: quantity},
			map[int][]float64{}})
	}
	g.list[at].cases[index] = append(g.list[at].cases[index], v)
}

// addColumns adds all columns of a row that are numbers or reports.
//
// The columns are found by their types, so that a new field of Row is
// summarized without further code.
func (g *groups) addColumns(row any, key Key, quantity string, index int) {
	v := reflect.ValueOf(row)
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Anonymous || len(f.Index) > 1 || slices.Contains(noFigures, f.Name) {
			continue
		}
		figure, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch x := v.FieldByIndex(f.Index).Interface().(type) {
		case infer.StatedError:
			g.add(key, figure, quantity, index, float64(x))
		case float64:
			g.add(key, figure, quantity, index, x)
		case int:
			g.add(key, figure, quantity, index, float64(x))
		case *bool:
			if x != nil {
				g.add(key, figure, quantity, index, map[bool]float64{true: 1}[*x])
			}
		}
	}
}

// noFigures are columns of numbers over which no mean is taken.
var noFigures = []string{"Case", "Threads"}

// summarize returns the figures over the measurements.
func summarize(rows []Row, quantities []QuantityRow) (out []SummaryRow) {
	g := &groups{at: map[groupKey]int{}}
	for _, r := range rows {
		g.addColumns(r, r.Key, "", r.Case)
	}
	for _, r := range quantities {
		g.addColumns(r, r.Key, r.Quantity, r.Case)
	}
	for _, one := range g.list {
		out = append(out, one.summary())
	}
	return out
}

// summary returns the row of a group.
//
// Measurements are taken in the order of their numbers, so that sums have the
// same bits in every call.
func (g *group) summary() SummaryRow {
	var values []float64
	within, freedom, square := 0.0, 0, 0.0
	for _, k := range slices.Sorted(maps.Keys(g.cases)) {
		v := g.cases[k]
		m := mean(v)
		values, square = append(values, m), square+m*m
		for _, x := range v {
			within += (x - m) * (x - m)
		}
		freedom += len(v) - 1
	}
	slices.Sort(values)
	n := len(values)
	s := g.SummaryRow
	s.Count, s.Mean, s.Least, s.Largest = n, mean(values), values[0], values[n-1]
	s.Median = (values[(n-1)/2] + values[n/2]) / 2
	s.RMS = math.Sqrt(square / float64(n))
	s.StandardError, s.SeedStd = infer.NotStated, infer.NotStated
	if freedom > 0 {
		s.SeedStd = infer.StatedError(math.Sqrt(within / float64(freedom)))
	}
	if n > 1 {
		squares := 0.0
		for _, v := range values {
			squares += (v - s.Mean) * (v - s.Mean)
		}
		s.StandardError = infer.StatedError(math.Sqrt(squares / float64(n*(n-1))))
	}
	return s
}

// Figure returns the summary of a figure of the field for a method and budget
// of a model or problem, or nil if there is none.
func (r *Result) Figure(key Key, figure string) *SummaryRow {
	for k := range r.Summary {
		if s := &r.Summary[k]; s.Key == key && s.Figure == figure && s.Quantity == "" {
			return s
		}
	}
	return nil
}

// Keys returns the keys of the rows, in order and without repetition.
func (r *Result) Keys() (keys []Key) {
	for _, row := range r.Rows {
		if !slices.Contains(keys, row.Key) {
			keys = append(keys, row.Key)
		}
	}
	return keys
}
